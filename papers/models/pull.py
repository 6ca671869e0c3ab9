"""A pull: one run over one window of one source of arXiv, and how far it came."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import models
from django.db.models import DateTimeField, ExpressionWrapper, F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.clock import REAL_CLOCK, Clock

# A running pull has this long for a page; after that its process is taken for dead.
_LEASE: Final = timedelta(minutes=30)
# arXiv gave no usable answer several times over.
REST_KEY: Final = timedelta(minutes=15)


class PullQuerySet(models.QuerySet["Pull"]):
    def unfinished(self) -> PullQuerySet:
        return self.filter(outcome__in=Pull.UNFINISHED)

    def resumable(self, now: datetime) -> PullQuerySet:
        """Unfinished, nobody is at them, and those that rest have rested."""
        return self.unfinished().filter(Q(resume_at=None) | Q(resume_at__lte=now))

    def settled(self, now: datetime, since: datetime) -> PullQuerySet:
        """Begun since then and gone through to the end, or resting: nothing is to be asked for now."""
        resting = Q(outcome__in=Pull.UNFINISHED, resume_at__gt=now)
        return self.filter(resting | Q(outcome__in=Pull.ANSWERED, started__gte=since))

    def whole(self) -> PullQuerySet:
        """Complete, every record could be read, and the day was over (UTC) when the first page was asked for."""
        over = ExpressionWrapper(F("day") + timedelta(days=1), output_field=DateTimeField())
        return self.filter(outcome=Pull.Outcome.COMPLETE, failed=0, started__gte=over)

    def answered(self) -> PullQuerySet:
        """Gone through to the end, whatever was found."""
        return self.filter(outcome__in=Pull.ANSWERED)


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
        MISSED = "missed", _("missed")

    UNFINISHED = (Outcome.RUNNING, Outcome.PENDING)
    ANSWERED = (Outcome.COMPLETE, Outcome.EMPTY, Outcome.REFUSED)

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
    resume_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Not gone on with before that by itself; a person may.")
    )
    duration = models.DurationField(default=timedelta, help_text=_("Asking, reading and writing."))

    objects = PullQuerySet.as_manager()

    class Meta:
        verbose_name = _("pull")
        verbose_name_plural = _("pull calendar")  # what their page is
        ordering = ["-started", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "set_spec", "day", "form"],
                condition=Q(outcome__in=["running", "pending"]),
                name="pull_unfinished_once",
            ),
            models.CheckConstraint(condition=Q(source__in=["atom", "oai", "rss"]), name="pull_source_known"),
            models.CheckConstraint(
                condition=Q(outcome__in=["running", "complete", "empty", "pending", "refused", "missed"]),
                name="pull_outcome_known",
            ),
            models.CheckConstraint(
                condition=Q(token="") | Q(outcome__in=["running", "pending"]), name="pull_token_until_finished"
            ),
            models.CheckConstraint(
                condition=Q(reason="") ^ Q(outcome__in=["pending", "refused", "missed"]),
                name="pull_reason_where_stopped",
            ),
            models.CheckConstraint(
                condition=Q(resume_at=None) | Q(outcome__in=["running", "pending"]), name="pull_resumed_until_finished"
            ),
            models.CheckConstraint(
                condition=Q(pages=0) | Q(checkpoint__isnull=False), name="pull_checkpoint_with_pages"
            ),
        ]
        indexes = [models.Index(fields=["day", "set_spec"], name="pull_day_set")]

    def __str__(self) -> str:
        return f"{self.set_spec} {self.day}"

    def take_up(self, *, clock: Clock = REAL_CLOCK) -> None:
        """Goes on from the token where it still holds: arXiv's expire at midnight UTC, and later pages shift."""
        now = clock.now()
        checkpoint = self.checkpoint or self.started
        if checkpoint.astimezone(UTC).date() != now.astimezone(UTC).date():
            self._forget_pages(now)
        self.outcome, self.reason, self.resume_at = self.Outcome.RUNNING, "", now + _LEASE
        self.save()

    def begin_anew(self, *, clock: Clock = REAL_CLOCK) -> None:
        """From the first page on; what the pages held stays counted and kept."""
        self._forget_pages(clock.now())
        self.save()

    def keep(
        self, counts: Mapping[str, int], *, token: str, sha256: str, took: timedelta, clock: Clock = REAL_CLOCK
    ) -> None:
        """A page is kept: its counts are added, and the next page is its token's; without one all have come."""
        for name, count in counts.items():
            setattr(self, name, getattr(self, name) + count)
        self.pages += 1
        self.token, self.sha256 = token, sha256
        self.checkpoint = clock.now()
        self.resume_at = self.checkpoint + _LEASE if token else None
        self.duration += took
        if token == "":
            self.outcome = self.Outcome.COMPLETE if self.records else self.Outcome.EMPTY
        self.save()

    def stop(self, outcome: Outcome, reason: str, *, resume_at: datetime | None = None) -> None:
        """What is in the way, and until when a pending pull rests; others are not gone on with."""
        self.outcome, self.reason, self.resume_at = outcome, reason, resume_at
        if outcome not in self.UNFINISHED:
            self.token = ""
        self.save()

    def _forget_pages(self, now: datetime) -> None:
        self.pages, self.records, self.token, self.started = 0, 0, "", now

    @property
    def is_unfinished(self) -> bool:
        return self.outcome in self.UNFINISHED
