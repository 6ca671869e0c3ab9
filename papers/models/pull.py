"""A pull: one run over one window of one source of arXiv, and how far it came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, timedelta

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PullQuerySet(models.QuerySet["Pull"]):
    def unfinished(self) -> PullQuerySet:
        return self.filter(outcome__in=Pull.UNFINISHED)

    def whole(self) -> PullQuerySet:
        """Complete, and every record could be read."""
        return self.filter(outcome=Pull.Outcome.COMPLETE, failed=0)


class Pull(models.Model):
    """Unfinished pulls are gone on with from their token; a window that is whole is not asked for again."""

    class Source(models.TextChoices):
        ATOM = "atom", _("query API")
        OAI = "oai", _("OAI-PMH")
        RSS = "rss", _("announcement feed")

    class Outcome(models.TextChoices):
        RUNNING = "running", _("running")
        COMPLETE = "complete", _("complete")
        EMPTY = "empty", _("empty")
        PENDING = "pending", _("to be gone on with")
        REFUSED = "refused", _("refused by arXiv")

    UNFINISHED = (Outcome.RUNNING, Outcome.PENDING)

    source = models.CharField(max_length=4, choices=Source)
    set_spec = models.CharField(_("set"), max_length=60)
    day = models.DateField(help_text=_("UTC; of a feed the day in New York."))
    form = models.CharField(_("format"), max_length=10, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome, default=Outcome.RUNNING)
    reason = models.TextField(blank=True, help_text=_("What is in the way."))
    pages = models.PositiveIntegerField(default=0, help_text=_("Pages kept since the window was begun."))
    token = models.TextField(blank=True, help_text=_("Asks for the next page."))
    records = models.PositiveIntegerField(default=0, help_text=_("Records on these pages."))
    new = models.PositiveIntegerField(default=0)
    updated = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0, help_text=_("Records that arXiv says are deleted."))
    failed = models.PositiveIntegerField(default=0, help_text=_("Records that could not be read."))
    sha256 = models.CharField(max_length=64, blank=True, help_text=_("Of the last page's body."))
    started = models.DateTimeField(db_default=Now())
    checkpoint = models.DateTimeField(null=True, blank=True, help_text=_("When the last page was kept."))
    duration = models.DurationField(default=timedelta, help_text=_("Asking, reading and writing."))

    objects = PullQuerySet.as_manager()

    class Meta:
        verbose_name = _("pull")
        ordering = ["-started", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "set_spec", "day", "form"],
                condition=Q(outcome__in=["running", "pending"]),
                name="pull_unfinished_once",
            ),
            models.CheckConstraint(condition=Q(source__in=["atom", "oai", "rss"]), name="pull_source_known"),
            models.CheckConstraint(
                condition=Q(outcome__in=["running", "complete", "empty", "pending", "refused"]),
                name="pull_outcome_known",
            ),
            models.CheckConstraint(
                condition=Q(token="") | Q(outcome__in=["running", "pending"]), name="pull_token_until_finished"
            ),
            models.CheckConstraint(
                condition=Q(reason="") ^ Q(outcome__in=["pending", "refused"]), name="pull_reason_where_stopped"
            ),
            models.CheckConstraint(
                condition=Q(pages=0) | Q(checkpoint__isnull=False), name="pull_checkpoint_with_pages"
            ),
        ]
        indexes = [models.Index(fields=["day", "set_spec"], name="pull_day_set")]

    def __str__(self) -> str:
        return f"{self.set_spec} {self.day}"

    def take_up(self) -> None:
        """Goes on from the token where it still holds: arXiv's expire at midnight UTC, and later pages shift."""
        checkpoint = self.checkpoint or self.started
        if checkpoint.astimezone(UTC).date() != timezone.now().astimezone(UTC).date():
            self._forget_pages()
        self.outcome, self.reason = self.Outcome.RUNNING, ""
        self.save()

    def begin_anew(self) -> None:
        """From the first page on; what the pages held stays counted and kept."""
        self._forget_pages()
        self.save()

    def keep(self, counts: Mapping[str, int], *, token: str, sha256: str, took: timedelta) -> None:
        """A page is kept: its counts are added, and the next page is its token's; without one all have come."""
        for name, count in counts.items():
            setattr(self, name, getattr(self, name) + count)
        self.pages += 1
        self.token, self.sha256 = token, sha256
        self.checkpoint = timezone.now()
        self.duration += took
        if token == "":
            self.outcome = self.Outcome.COMPLETE if self.records else self.Outcome.EMPTY
        self.save()

    def stop(self, outcome: Outcome, reason: str) -> None:
        """What is in the way; a pull that arXiv refused is not gone on with."""
        self.outcome, self.reason = outcome, reason
        if outcome not in self.UNFINISHED:
            self.token = ""
        self.save()

    def _forget_pages(self) -> None:
        self.pages, self.records, self.token = 0, 0, ""

    @property
    def is_unfinished(self) -> bool:
        return self.outcome in self.UNFINISHED
