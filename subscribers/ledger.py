"""The ledger's moves: a recipient is claimed by one session, handed over, and recorded before the next one is claimed.

A session holds an advisory lock for as long as its database connection lives. What was claimed by a session whose lock
is free was on its way when its process died: nobody can know whether it arrived, so it is uncertain. No time-out is
guessed, and no living process is robbed.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any, Final, Self

from django.db import connection, transaction
from django.db.models.expressions import RawSQL

from subscribers.addresses import address_hash
from subscribers.models import Delivery, Mailing, Subscriber, Suppression
from subscribers.smtp import Answer, Verdict

LOCKS: Final = 0x6D61696C  # the class of our advisory locks: "mail"
# A recipient who is to be tried later is tried for about a day.
RETRIES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, *[60] * 23))

ALIVE: Final = (
    "SELECT objid::text FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = %s AND objsubid = 2"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
# One statement and one round trip a message: this is the only road that is walked once for each recipient.
CLAIM: Final = """
WITH next AS MATERIALIZED (
    SELECT id, subscriber_id FROM subscribers_delivery
    WHERE mailing_id = %(mailing)s AND {due}
    AND EXISTS (SELECT FROM subscribers_mailing WHERE id = %(mailing)s AND state = 'sending')
    ORDER BY {order} LIMIT 1 FOR UPDATE SKIP LOCKED
)
UPDATE subscribers_delivery AS delivery
SET state = 'sending', claimed_by = %(session)s, claimed_at = clock_timestamp(), attempts = attempts + 1,
    retry_at = NULL, rendition_id = (
        SELECT id FROM subscribers_rendition AS rendition
        WHERE rendition.mailing_id = delivery.mailing_id AND rendition.depth = delivery.depth
        AND rendition.supporters = delivery.supporters ORDER BY revision DESC LIMIT 1)
FROM next LEFT JOIN subscribers_subscriber AS subscriber ON subscriber.id = next.subscriber_id
WHERE delivery.id = next.id
RETURNING delivery.id, delivery.mailing_id, delivery.address_hash, delivery.attempts, delivery.rendition_id,
    coalesce(subscriber.email, ''), coalesce(subscriber.token, ''),
    coalesce(subscriber.state = 'active', FALSE) AND NOT EXISTS (
        SELECT FROM subscribers_suppression AS suppression
        WHERE suppression.address_hash IN (delivery.address_hash, subscriber.address_hash))
"""
CLAIM_PENDING: Final = CLAIM.format(due="state = 'pending'", order="id")
CLAIM_DEFERRED: Final = CLAIM.format(due="state = 'deferred' AND retry_at <= %(now)s", order="retry_at")


@dataclass(frozen=True, slots=True)
class Claim:
    """One recipient that this session alone may serve, as the database knows the person at this moment."""

    key: int
    mailing: int
    address_hash: str
    attempts: int
    rendition: int | None
    email: str
    token: str
    is_mailable: bool


class Session:
    """The claims of one database connection; they are its own while the connection lives."""

    def __init__(self) -> None:
        self.number = secrets.randbits(31)

    def __enter__(self) -> Self:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [LOCKS, self.number])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The lock falls with the connection; it is given back only where every claim was recorded.
        if kind is None:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCKS, self.number])

    def claim(self, mailing: int, now: datetime) -> Claim | None:
        """The next recipient who is due; None where there is none, or the mailing is not sending (any more)."""
        values: dict[str, Any] = {"session": str(self.number), "mailing": mailing, "now": now}
        with connection.cursor() as cursor:
            cursor.execute(CLAIM_PENDING, values)
            row = cursor.fetchone()
            if row is None:
                cursor.execute(CLAIM_DEFERRED, values)
                row = cursor.fetchone()
        return None if row is None else Claim(*row)

    def record(self, claim: Claim, answer: Answer, now: datetime) -> None:
        """What became of the recipient, as the mail server answered."""
        with transaction.atomic():
            self._close(claim, reply=str(answer)[:500], **_after(claim, answer, now))
            if answer.names_a_dead_address:
                _give_up_on(claim.email, now)

    def skip(self, claim: Claim) -> None:
        """The person left, or the address was suppressed, since the audience was frozen."""
        self._close(claim, state=Delivery.State.SUPPRESSED, rendition=None)

    def fail(self, claim: Claim, why: str) -> None:
        """The message cannot be addressed; nothing was handed over."""
        self._close(claim, state=Delivery.State.FAILED, reply=why[:500])

    def _close(self, claim: Claim, **values: object) -> None:
        # Where our lock fell meanwhile another process called it uncertain; we know better.
        mine = Delivery.objects.filter(pk=claim.key, claimed_by=str(self.number), state__in=["sending", "uncertain"])
        mine.update(claimed_by="", **values)


def sweep(now: datetime) -> int:
    """Puts right what dead processes left; gives how many recipients became uncertain. Safe at any time."""
    on_their_way = Delivery.objects.filter(state=Delivery.State.SENDING)
    orphans = on_their_way.exclude(claimed_by__in=RawSQL(ALIVE, [LOCKS]))  # noqa: S611 (a constant)
    uncertain = orphans.update(
        state=Delivery.State.UNCERTAIN, reply="The process ended while the message was on its way."
    )
    cancelled = Delivery.objects.waiting().filter(mailing__state=Mailing.State.CANCELLED)
    cancelled.update(state=Delivery.State.CANCELLED, retry_at=None)
    Mailing.objects.finish(now)
    return uncertain


def retry_after(attempts: int) -> timedelta | None:
    """How long to wait after so many attempts; None: it was tried long enough."""
    return RETRIES[attempts - 1] if attempts <= len(RETRIES) else None


def _after(claim: Claim, answer: Answer, now: datetime) -> dict[str, object]:
    match answer.verdict:
        case Verdict.ACCEPTED:
            return {"state": Delivery.State.SENT, "sent_at": now}
        case Verdict.REFUSED:
            return {"state": Delivery.State.FAILED}
        case Verdict.UNKNOWN:
            return {"state": Delivery.State.UNCERTAIN}
        case Verdict.LATER:
            wait = retry_after(claim.attempts)
            if wait is None:
                return {"state": Delivery.State.FAILED}
            return {"state": Delivery.State.DEFERRED, "retry_at": now + wait}
        case _:
            # Nothing was handed over and the recipient is not to blame: this was no attempt.
            return {"state": Delivery.State.PENDING, "attempts": claim.attempts - 1, "rendition": None}


def _give_up_on(address: str, now: datetime) -> None:
    bounced = {"reason": Suppression.Reason.BOUNCED, "since": now}
    Suppression.objects.get_or_create(address_hash=address_hash(address), defaults=bounced)
    Subscriber.objects.at(address).active().update(state=Subscriber.State.BOUNCED, left_at=now)
