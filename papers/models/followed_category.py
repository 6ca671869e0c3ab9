"""What following arXiv remembers beside its pulls: how far categories are reconciled, which papers are incomplete."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

from papers.models.paper import Paper

# After half an hour, two hours, eight hours; then OAI-PMH has the word.
MOST_ATTEMPTS: Final = 4
FIRST_WAIT: Final = timedelta(minutes=30)


class FollowedCategory(models.Model):
    """A category of an active watch, since the first look at it."""

    category = models.CharField(max_length=32, unique=True)
    reconciled = models.DateField(
        help_text=_("UTC. OAI-PMH was asked for all days up to this one, late enough to be final.")
    )

    class Meta:
        verbose_name = _("followed category")
        verbose_name_plural = _("followed categories")
        ordering = ["category"]

    def __str__(self) -> str:
        return self.category


class IncompletePaperQuerySet(models.QuerySet["IncompletePaper"]):
    def queue(self, papers: Iterable[int], now: datetime) -> None:
        """Those of these papers (primary keys) whose text came from a feed; what was asked before begins anew."""
        of_feeds = Paper.objects.filter(pk__in=list(papers), source="rss").values_list("pk", flat=True)
        rows = [IncompletePaper(paper_id=key, attempts=0, ask_at=now) for key in of_feeds]
        self.bulk_create(rows, update_conflicts=True, unique_fields=["paper"], update_fields=["attempts", "ask_at"])

    def due(self, now: datetime) -> IncompletePaperQuerySet:
        """Still of a feed, and not asked for lately."""
        return self.filter(paper__source="rss", ask_at__lte=now, attempts__lt=MOST_ATTEMPTS)

    def over(self) -> IncompletePaperQuerySet:
        """Another source has told all there is since, or the query API was asked often enough."""
        return self.exclude(paper__source="rss", attempts__lt=MOST_ATTEMPTS)


class IncompletePaper(models.Model):
    """A paper whose text came from a feed, which has no comment and no times: the query API is asked for the rest."""

    paper = models.OneToOneField(Paper, on_delete=models.CASCADE, related_name="incomplete")
    attempts = models.PositiveSmallIntegerField(default=0)
    ask_at = models.DateTimeField()

    objects = IncompletePaperQuerySet.as_manager()

    class Meta:
        verbose_name = _("incomplete paper")
        verbose_name_plural = _("incomplete papers")
        ordering = ["ask_at", "pk"]

    def __str__(self) -> str:
        return str(self.paper)

    def asked(self, now: datetime) -> None:
        """Once more, and next time after a longer while; not saved."""
        self.ask_at = now + FIRST_WAIT * 4**self.attempts
        self.attempts += 1
