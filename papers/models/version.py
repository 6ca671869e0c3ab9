"""What belongs to a paper: its versions, and what has happened to it."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from papers.models.paper import Paper


class PaperVersion(models.Model):
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveSmallIntegerField()
    submitted = models.DateTimeField(null=True, blank=True)
    content_hash = models.CharField(
        max_length=64,
        blank=True,
        help_text=_("SHA-256 of the normalised text; empty where only the date is known."),
    )
    licence = models.URLField(blank=True)
    withdrawn = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("version")
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(fields=["paper", "version"], name="paperversion_once"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="paperversion_from_one"),
        ]

    def __str__(self) -> str:
        return f"v{self.version}"


class PaperEvent(models.Model):
    """Something that happened to a paper after we first saw it."""

    class Kind(models.TextChoices):
        VERSION = "version", _("new version")
        WITHDRAWAL = "withdrawal", _("withdrawal")
        PUBLICATION = "publication", _("publication")
        CODE = "code", _("code release")

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind)
    detail = models.TextField(blank=True)
    happened = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("event")
        ordering = ["-happened", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["paper", "kind", "detail"], name="paperevent_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["version", "withdrawal", "publication", "code"]),
                name="paperevent_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.detail}"
