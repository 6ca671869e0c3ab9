"""What Hugging Face says of a paper: when it was asked, and what readers there made of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from papers.models.paper import Paper


class HuggingFacePage(models.Model):
    """When Hugging Face was last asked about a paper, how often it answered, and when it may be asked again."""

    paper = models.OneToOneField(Paper, on_delete=models.CASCADE, primary_key=True, related_name="hugging_face")
    asked = models.DateTimeField(null=True)
    answers = models.PositiveSmallIntegerField(default=0)
    ask_after = models.DateTimeField(null=True, help_text="Null: not again.")
    known = models.BooleanField(default=False, help_text="Whether it has a page there.")

    class Meta:
        verbose_name = _("page on Hugging Face")
        verbose_name_plural = _("pages on Hugging Face")
        constraints = [
            models.CheckConstraint(
                condition=Q(answers=0, asked__isnull=True) | Q(answers__gt=0, asked__isnull=False),
                name="huggingfacepage_asked_once_it_answered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.paper_id}: {self.answers}"


class PaperSignal(models.Model):
    """A figure that tells of readers' interest in a paper, as it stood when it was seen. Rows are only added."""

    class Name(models.TextChoices):
        UPVOTES = "upvotes", _("upvotes on Hugging Face")
        STARS = "stars", _("stars of its repository")

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="signals")
    name = models.CharField(max_length=10, choices=Name)
    value = models.PositiveIntegerField()
    seen = models.DateTimeField()

    class Meta:
        verbose_name = _("signal")
        ordering = ["-seen", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["paper", "name", "seen"], name="papersignal_once"),
            models.CheckConstraint(condition=Q(name__in=["upvotes", "stars"]), name="papersignal_name_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_name_display()}: {self.value}"
