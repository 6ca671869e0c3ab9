"""Lists of people as editors upload them: kept until they were read and a week more, then only the counts stay."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

_MEET = """
INSERT INTO subscribers_importedaddress (subscriber_import_id, key) SELECT %s, unnest(%s::uuid[])
ON CONFLICT DO NOTHING RETURNING key
"""
_KEPT = timedelta(days=7)  # the file and the report, which hold addresses


class SubscriberImportQuerySet(models.QuerySet["SubscriberImport"]):
    def running(self) -> SubscriberImportQuerySet:
        """Those that are begun and not over."""
        return self.filter(state__in=[SubscriberImport.State.WAITING, SubscriberImport.State.READING])

    def idle(self) -> SubscriberImportQuerySet:
        """Those that are over, or that nobody began, and still hold addresses."""
        return self.filter(forgotten_at=None).exclude(
            state__in=[SubscriberImport.State.WAITING, SubscriberImport.State.READING]
        )

    def outlived(self, now: datetime) -> SubscriberImportQuerySet:
        return self.idle().filter(uploaded__lt=now - _KEPT)


class SubscriberImport(models.Model):
    class State(models.TextChoices):
        LOOKED_AT = "looked_at", _("to be begun")
        WAITING = "waiting", _("waiting for the worker")
        READING = "reading", _("being brought in")
        DONE = "done", _("done")
        FAILED = "failed", _("not readable")
        STOPPED = "stopped", _("stopped")

    name = models.CharField(_("file"), max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.LOOKED_AT)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    size = models.PositiveBigIntegerField(help_text=_("In bytes."))
    roles = ArrayField(models.CharField(max_length=12), help_text=_("What each column is taken for."))
    confirmed = models.BooleanField(_("they have consented"), default=False)
    words = models.TextField(_("consent"), blank=True)
    lines_done = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    why = models.CharField(max_length=500, blank=True)
    uploaded = models.DateTimeField()
    begun_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    forgotten_at = models.DateTimeField(null=True, blank=True)

    objects = SubscriberImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("imported list")
        ordering = ["-pk"]
        permissions = [("export_subscribers", "Can export subscribers")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["looked_at", "waiting", "reading", "done", "failed", "stopped"]),
                name="intake_state_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_to_begin(self) -> bool:
        return self.state == SubscriberImport.State.LOOKED_AT and self.forgotten_at is None

    @property
    def is_running(self) -> bool:
        return self.state in {SubscriberImport.State.WAITING, SubscriberImport.State.READING}

    def begin(self, now: datetime, *, roles: Iterable[str], confirmed: bool, words: str) -> bool:
        """An editor's word; False where it was begun before."""
        new = SubscriberImport.objects.filter(pk=self.pk, state=SubscriberImport.State.LOOKED_AT, forgotten_at=None)
        changed = new.update(
            state=SubscriberImport.State.WAITING, roles=list(roles), confirmed=confirmed, words=words, begun_at=now
        )
        self.refresh_from_db()
        return bool(changed)

    def take_up(self, now: datetime) -> bool:
        """A worker's word; False where it is over."""
        return bool(
            SubscriberImport.objects.running()
            .filter(pk=self.pk)
            .update(state=SubscriberImport.State.READING, seen_at=now)
        )

    def stop(self, now: datetime) -> bool:
        """Who is in stays, nobody else comes in; False where it is over."""
        stopped = (
            SubscriberImport.objects.running()
            .filter(pk=self.pk)
            .update(state=SubscriberImport.State.STOPPED, done_at=now)
        )
        self.met.all().delete()
        return bool(stopped)

    def meet(self, keys: list[UUID]) -> list[UUID]:
        """Remembers these people of the list until it is over, and gives those that it had not met."""
        with connection.cursor() as cursor:
            cursor.execute(_MEET, [self.pk, keys])
            return [key for (key,) in cursor.fetchall()]

    def advance(self, lines: int, counts: Mapping[str, int], now: datetime) -> bool:
        """So many lines more are in; False where somebody else reads it now, or nobody shall."""
        mine = SubscriberImport.objects.filter(
            pk=self.pk, state=SubscriberImport.State.READING, lines_done=self.lines_done
        )
        changed = mine.update(lines_done=self.lines_done + lines, counts=dict(counts), seen_at=now)
        self.lines_done += lines
        return bool(changed)

    def end(self, now: datetime, why: str = "") -> None:
        """Done, or failed where there is a sentence that says why."""
        state = SubscriberImport.State.FAILED if why else SubscriberImport.State.DONE
        SubscriberImport.objects.filter(pk=self.pk, state=SubscriberImport.State.READING).update(
            state=state, why=why[:500], done_at=now
        )
        self.met.all().delete()

    def forget(self, now: datetime) -> None:
        """Throws the file and the report away; what was counted stays."""
        self.pieces.all().delete()
        SubscriberImport.objects.filter(pk=self.pk).update(forgotten_at=now)

    def content(self, kind: str) -> Iterator[bytes]:
        """The file or the report, piece by piece."""
        pieces = self.pieces.filter(kind=kind).order_by("number")
        for key in pieces.values_list("pk", flat=True):
            yield bytes(self.pieces.values_list("content", flat=True).get(pk=key))


class ImportChunk(models.Model):
    """A part of an uploaded file, or of the report on it: in the database, where every worker gets at it."""

    class Kind(models.TextChoices):
        FILE = "file", _("file")
        REPORT = "report", _("report")

    subscriber_import = models.ForeignKey(SubscriberImport, on_delete=models.CASCADE, related_name="pieces")
    kind = models.CharField(max_length=6, choices=Kind)
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscriber_import", "kind", "number"], name="intake_piece_once"),
            models.CheckConstraint(condition=Q(kind__in=["file", "report"]), name="intake_piece_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class ImportedAddress(models.Model):
    """Who stands in a list that is being read, as the first half of the address's hash; gone with the last line."""

    pk = models.CompositePrimaryKey("subscriber_import_id", "key")
    subscriber_import = models.ForeignKey(
        SubscriberImport, on_delete=models.CASCADE, related_name="met", db_constraint=False, db_index=False
    )
    key = models.UUIDField()

    def __str__(self) -> str:
        return f"{self.subscriber_import_id} {self.key}"
