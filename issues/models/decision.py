from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from issues.models.series import Series
from papers.models import Paper


class Decision(models.Model):
    """What an editor decided of a paper for a series. Rows are only ever added; the newest one holds."""

    class State(models.TextChoices):
        SHORTLISTED = "shortlisted", _("shortlisted")
        DISMISSED = "dismissed", _("dismissed")
        RESTORED = "restored", _("restored")

    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="decisions")
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="decisions")
    state = models.CharField(max_length=12, choices=State)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(db_default=Now())
    note = models.TextField(blank=True)

    class Meta:
        verbose_name = _("decision")
        ordering = ["-pk"]
        indexes = [models.Index(fields=["series", "paper", "-id"], name="decision_newest")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["shortlisted", "dismissed", "restored"]),
                name="decision_state_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.paper_id}: {self.get_state_display()}"
