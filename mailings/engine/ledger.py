"""The ledger's moves: a recipient is claimed by one session, handed over, and recorded before the next one is claimed.

A session holds an advisory lock for as long as its database connection lives. What was claimed by a session whose lock
is free was on its way when its process died: nobody can know whether it arrived, so it is uncertain. No time-out is
guessed, and no living process is robbed.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Final, Self

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext as _

from core.concurrency.coalescing import Coalescer
from core.mail.retry_ladder import delay_after
from core.mail.smtp import SmtpAnswer, Verdict
from mailings.models import Delivery, Mailing
from mailings.models.mailing import DeliveryQuerySet

SESSION_LOCKS: Final = 0x6D61696C  # the class of our advisory locks: "mail"
# A recipient who is to be tried later is tried for about a day.
_ALIVE: Final = (
    "SELECT objid::text FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = %s AND objsubid = 2"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
# Found by their keys, which the empty text sees to: the index of states is full of what was being sent a moment ago.
_RECORD: Final = """
UPDATE mailings_delivery AS delivery
SET state = told.state, sent_at = told.sent_at, retry_at = told.retry_at, attempts = told.attempts,
    rendition_id = told.rendition, reply = told.reply, claimed_by = ''
FROM json_to_recordset(%(entries)s::json) AS told(
    key bigint, state text, attempts smallint, rendition bigint, reply text, sent_at timestamptz, retry_at timestamptz)
WHERE delivery.id = told.key AND delivery.claimed_by = %(session)s AND delivery.state || '' IN ('sending', 'uncertain')
RETURNING delivery.id
"""
# One statement, one commit: what became of the last recipients, then the claims on the next. In this order: looking
# for the next ones may lock rows that others have claimed meanwhile, and whoever then waited for a row of its own could
# wait for one that waits for it.
CLAIM_NEXT: Final = """
WITH done AS ({record}), open AS MATERIALIZED (
    SELECT mailing.waits_for_seeds
    FROM mailings_mailing AS mailing JOIN issues_issue AS issue ON issue.id = mailing.issue_id
    WHERE mailing.id = %(mailing)s AND mailing.state = 'sending' AND issue.state = 'published'
    AND coalesce(mailing.others_from <= %(now)s, TRUE)
), next AS MATERIALIZED (
    SELECT id, subscriber_id FROM mailings_delivery
    WHERE (SELECT count(*) FROM done) >= 0 AND mailing_id = %(mailing)s AND {due}
    AND EXISTS (SELECT FROM open) AND (is_seed OR NOT (SELECT waits_for_seeds FROM open))
    ORDER BY {order} LIMIT %(wanted)s FOR UPDATE SKIP LOCKED
)
UPDATE mailings_delivery AS delivery
SET state = 'sending', claimed_by = %(session)s, claimed_at = clock_timestamp(), attempts = attempts + 1,
    retry_at = NULL, rendition_id = (
        SELECT id FROM mailings_rendition AS rendition
        WHERE rendition.mailing_id = delivery.mailing_id AND rendition.depth = delivery.depth
        AND rendition.supporters = delivery.supporters ORDER BY revision DESC LIMIT 1)
FROM next LEFT JOIN subscribers_subscriber AS subscriber ON subscriber.id = next.subscriber_id
WHERE delivery.id = next.id
RETURNING delivery.id, delivery.mailing_id, delivery.address_hash, delivery.attempts, delivery.rendition_id,
    coalesce(subscriber.email, ''), coalesce(subscriber.token, ''),
    CASE
    WHEN EXISTS (
        SELECT FROM subscribers_suppression AS suppression
        WHERE suppression.address_hash IN (delivery.address_hash, subscriber.address_hash)) THEN 'suppressed'
    WHEN subscriber.state IS DISTINCT FROM 'active' THEN 'gone'
    WHEN subscriber.paused_until > %(today)s AND NOT delivery.is_seed THEN 'pausing'
    ELSE '' END
"""
# Our own inboxes come first by their keys already; said here, only the index of those that are pending has the order.
CLAIM_PENDING: Final = CLAIM_NEXT.format(record=_RECORD, due="state = 'pending'", order="is_seed DESC, id")
CLAIM_DEFERRED: Final = CLAIM_NEXT.format(
    record="SELECT", due="state = 'deferred' AND retry_at <= %(now)s", order="retry_at"
)
# A claim that a crash forgets would be a second message. The others: each statement is planned once, and finds its few
# rows by their indexes, however many the server takes them to be.
SESSION_SETTINGS: Final = {
    "synchronous_commit": "on",
    "plan_cache_mode": "force_generic_plan",
    **dict.fromkeys(
        ("enable_seqscan", "enable_bitmapscan", "enable_hashjoin", "enable_mergejoin", "enable_sort", "jit"), "off"
    ),
}


@dataclass(frozen=True, slots=True)
class DeliveryClaim:
    """One recipient that this session alone may serve, as the database knows the person at this moment."""

    key: int
    mailing: int
    address_hash: str
    attempts: int
    rendition: int | None
    email: str
    token: str
    hindrance: str  # why the person gets nothing any more; empty: gets it

    @property
    def is_mailable(self) -> bool:
        return not self.hindrance


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What is written down of a recipient who was claimed."""

    key: int
    state: str
    attempts: int
    rendition: int | None = None
    reply: str = ""
    sent_at: datetime | None = None
    retry_at: datetime | None = None

    @property
    def told(self) -> dict[str, object]:
        """As JSON takes it."""
        return {
            "key": self.key,
            "state": self.state,
            "attempts": self.attempts,
            "rendition": self.rendition,
            "reply": self.reply,
            "sent_at": self.sent_at and self.sent_at.isoformat(),
            "retry_at": self.retry_at and self.retry_at.isoformat(),
        }

    @property
    def may_have_arrived(self) -> bool:
        return self.state in {Delivery.State.SENT, Delivery.State.UNCERTAIN}


@dataclass(frozen=True, slots=True)
class _Request:
    """What one connection asks for: to record the last recipient, to claim the next."""

    entry: LedgerEntry | None
    mailing: int = 0  # none is to be claimed
    now: datetime | None = None


class LedgerSession:
    """The claims of one process on one mailing, over a database connection of its own; they last while it lives.

    Threads may share it: what they ask for at the same moment is one statement, one commit.
    """

    def __init__(self) -> None:
        self.number = secrets.randbits(31)
        self._database = connections.create_connection(DEFAULT_DB_ALIAS)
        self._desk = Coalescer(self._serve)

    def __enter__(self) -> Self:
        self._database.inc_thread_sharing()
        self._database.ensure_connection()
        raw = self._database.connection
        raw.prepare_threshold = 0
        self._cursor = psycopg.Cursor[tuple[Any, ...]](raw)  # Django's own sends the values within the statement
        for name, value in SESSION_SETTINGS.items():
            self._execute("SELECT set_config(%(name)s, %(value)s, FALSE)", {"name": name, "value": value})
        self._execute("SELECT pg_advisory_lock(%(locks)s, %(number)s)", {"locks": SESSION_LOCKS, "number": self.number})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()  # and the lock falls

    def claim(self, mailing: int, now: datetime, *, after: LedgerEntry | None = None) -> DeliveryClaim | None:
        """Records what became of the last one, and claims the next who is due.

        None where there is none, or the mailing is not sending (any more), or its issue was taken from the site.
        """
        return self._desk.ask(_Request(after, mailing, now))

    def record(self, entry: LedgerEntry) -> None:
        # Where our lock fell meanwhile another process called it uncertain; we know better.
        self._desk.ask(_Request(entry))

    def _serve(self, requests: Sequence[_Request]) -> list[DeliveryClaim | None]:
        values = {"entries": json.dumps([request.entry.told for request in requests if request.entry is not None])}
        claiming = [request for request in requests if request.mailing]
        if not claiming:
            self._execute(_RECORD, values)
            return [None] * len(requests)
        claims = iter(self._claim(claiming[0], len(claiming), values))
        return [next(claims, None) if request.mailing else None for request in requests]

    def _claim(self, request: _Request, wanted: int, values: dict[str, Any]) -> list[DeliveryClaim]:
        values |= {"mailing": request.mailing, "now": request.now, "today": timezone.localdate(request.now)}
        rows = self._execute(CLAIM_PENDING, {**values, "wanted": wanted})
        if len(rows) < wanted:
            rows += self._execute(CLAIM_DEFERRED, {**values, "wanted": wanted - len(rows)})
        return [DeliveryClaim(*row) for row in rows]

    def _execute(self, statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        with self._database.wrap_database_errors:
            self._cursor.execute(statement, {"session": str(self.number), **values}, prepare=True)
            return self._cursor.fetchall()


def sweep_claims(now: datetime) -> int:
    """Puts right what dead processes left; gives how many recipients became uncertain. Safe at any time."""
    on_their_way = Delivery.objects.filter(state=Delivery.State.SENDING)
    dead = on_their_way.exclude(claimed_by__in=RawSQL(_ALIVE, [SESSION_LOCKS]))  # noqa: S611 (a constant)
    # Told by its number: a session that has ended stays so, whatever becomes of its rows meanwhile.
    orphans = on_their_way.filter(claimed_by__in=list(dead.order_by().values_list("claimed_by", flat=True).distinct()))
    why = _("The process ended while the message was on its way.")
    uncertain = _move(orphans, state=Delivery.State.UNCERTAIN, reply=why)
    cancelled = Delivery.objects.waiting().filter(mailing__state=Mailing.State.CANCELLED)
    _move(cancelled, state=Delivery.State.CANCELLED, retry_at=None)
    Mailing.objects.let_look(now, timedelta(minutes=settings.MAIL_SEED_WAIT))
    Mailing.objects.finish(now)
    return uncertain


@transaction.atomic
def _move(rows: DeliveryQuerySet, **values: Any) -> int:
    """Those that nobody else is at: of two that sweep at once neither waits for the other."""
    keys = list(rows.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True))
    return Delivery.objects.filter(pk__in=keys).update(**values)


def record_answer(claim: DeliveryClaim, answer: SmtpAnswer, now: datetime) -> LedgerEntry:
    """What became of a recipient about whom the mail server spoke."""
    said, verdict = str(answer)[:500], answer.verdict
    if verdict is Verdict.ACCEPTED:
        return LedgerEntry(claim.key, Delivery.State.SENT, claim.attempts, claim.rendition, said, sent_at=now)
    entry = LedgerEntry(claim.key, Delivery.State.FAILED, claim.attempts, claim.rendition, said)
    match verdict:
        case Verdict.UNKNOWN:
            return replace(entry, state=Delivery.State.UNCERTAIN)
        case Verdict.LATER:
            wait = delay_after(claim.attempts)
            return replace(entry, state=Delivery.State.DEFERRED, retry_at=now + wait) if wait else entry
        case Verdict.REFUSED:
            return entry
        case _:
            # Nothing was handed over and the recipient is not to blame: this was no attempt.
            return replace(entry, state=Delivery.State.PENDING, attempts=claim.attempts - 1, rendition=None)


def record_departure(claim: DeliveryClaim) -> LedgerEntry:
    """The person left or pauses, or the address was suppressed, since the audience was frozen."""
    sentences = {
        "pausing": _("Pauses since the recipients were chosen: a wish of the person, not a fault."),
        "gone": _("Left since the recipients were chosen."),
    }
    why = sentences.get(claim.hindrance, _("The address was suppressed since the recipients were chosen."))
    return LedgerEntry(claim.key, Delivery.State.SUPPRESSED, claim.attempts, reply=why)


def record_unaddressable(claim: DeliveryClaim, why: str) -> LedgerEntry:
    """No message can be written to this address."""
    return LedgerEntry(claim.key, Delivery.State.FAILED, claim.attempts, reply=why[:500])
