"""What Hugging Face says of a paper: when it was asked, and what readers there made of it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from papers.models.paper import Paper

# A claim holds for so long: what a killed process had taken up is asked again then.
CLAIM_TIME: Final = timedelta(hours=1)
# After the first answer, the second, the third; then no more: the paper is not young any more.
_AGAIN: Final = (timedelta(days=1), timedelta(days=7), timedelta(days=30))


class HuggingFacePageQuerySet(models.QuerySet["HuggingFacePage"]):
    def claim(self, paper: int, now: datetime) -> bool:
        """Whether whoever calls may ask about this paper (its primary key) now; nobody else may for an hour."""
        self.bulk_create([HuggingFacePage(paper_id=paper, ask_after=now)], ignore_conflicts=True)
        return self.filter(paper=paper, ask_after__lte=now).update(ask_after=now + CLAIM_TIME) == 1


class HuggingFacePage(models.Model):
    """When Hugging Face was last asked about a paper, how often it answered, and when it may be asked again."""

    paper = models.OneToOneField(Paper, on_delete=models.CASCADE, primary_key=True, related_name="hugging_face")
    asked = models.DateTimeField(null=True)
    answers = models.PositiveSmallIntegerField(default=0)
    ask_after = models.DateTimeField(null=True, help_text=_("Null: not again."))
    known = models.BooleanField(default=False, help_text=_("Whether it has a page there."))

    objects = HuggingFacePageQuerySet.as_manager()

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

    def answered(self, now: datetime, *, known: bool) -> None:
        """Asked again after a day, a week and a month, then no more."""
        self.asked, self.answers, self.known = now, self.answers + 1, known
        self.ask_after = now + _AGAIN[self.answers - 1] if self.answers <= len(_AGAIN) else None
        self.save(update_fields=["asked", "answers", "known", "ask_after"])


class PaperSignal(models.Model):
    """A figure that tells of readers' interest in a paper, as it stood when it was seen. Rows are only added."""

    class Name(models.TextChoices):
        UPVOTES = "upvotes", _("upvotes on Hugging Face")
        STARS = "stars", _("stars of its repository")
        MODELS = "models", _("models on Hugging Face")
        DATASETS = "datasets", _("data sets on Hugging Face")
        SPACES = "spaces", _("demos on Hugging Face")

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="signals")
    name = models.CharField(max_length=10, choices=Name)
    value = models.PositiveIntegerField()
    seen = models.DateTimeField()

    class Meta:
        verbose_name = _("signal")
        ordering = ["-seen", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["paper", "name", "seen"], name="papersignal_once"),
            models.CheckConstraint(
                condition=Q(name__in=["upvotes", "stars", "models", "datasets", "spaces"]),
                name="papersignal_name_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_name_display()}: {self.value}"
