"""How a mailing goes, as a value: what the live page shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import CharField, Count, Func, Q, Value
from django.db.models.functions import Lower

from mailings import hold_reasons
from mailings.models import Delivery, MailEvent, Mailing
from mailings.models.mailing import OPEN_STATES

LOOKED_BACK: Final = timedelta(minutes=1)
MAX_SHOWN: Final = 8  # answers of the mail server, the commonest first
_DOMAINS: Final = 12  # shown, the largest first
_TROUBLE: Final = ("deferred", "failed", "uncertain", "pending")


@dataclass(frozen=True, slots=True)
class StateTally:
    state: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class _Said:
    """An answer of the mail server other than that it took the message."""

    label: str
    reply: str
    count: int


@dataclass(frozen=True, slots=True)
class _Progress:
    """`per_minute` are the messages of the last minute; `minutes_left` is None where nothing moves, or must wait.

    `waits` says for what it waits; `is_held_back` where that are our own inboxes.
    """

    tallies: tuple[StateTally, ...]
    audience: int
    done: int
    percent: int
    per_minute: int
    minutes_left: int | None
    waits: tuple[str, ...]
    is_held_back: bool
    said: tuple[_Said, ...]
    bounced: int
    complained: int


def progress_of(mailing: Mailing, now: datetime) -> _Progress:
    """How this mailing goes; a few queries, however large the audience."""
    counts = mailing.counts()
    audience = sum(counts.values())
    waiting = sum(counts[state] for state in OPEN_STATES)
    per_minute = mailing.deliveries.filter(state=Delivery.State.SENT, sent_at__gt=now - LOOKED_BACK).count()
    held = hold_reasons.hold_reasons(mailing, now)
    moves = per_minute and waiting and not held.hold_up
    return _Progress(
        tallies=tuple(StateTally(state, str(Delivery.State(state).label), count) for state, count in counts.items()),
        audience=audience,
        done=audience - waiting,
        percent=100 * (audience - waiting) // audience if audience else 100,
        per_minute=per_minute,
        minutes_left=-(-waiting // per_minute) if moves else None,
        waits=held.sentences,
        is_held_back=mailing.is_sending and mailing.holds_back(now),
        said=tuple(_said(mailing)),
        **MailEvent.objects.tally(mailing),
    )


@dataclass(frozen=True, slots=True)
class DomainProgress:
    """How recipients of one mail domain stand; `waiting` are those still to be served, now or later."""

    name: str
    recipients: int
    sent: int
    waiting: int
    failed: int
    uncertain: int


def by_domain(mailing: Mailing) -> list[DomainProgress]:
    """The largest domains, in one query over the whole audience; who was forgotten has none any more."""
    name = Func(Lower("subscriber__email"), Value("@"), Value(2), function="split_part", output_field=CharField())
    rows = (
        mailing.deliveries.filter(subscriber__isnull=False)
        .order_by()
        .annotate(domain=name)
        .values_list("domain")
        .annotate(
            recipients=Count("pk"),
            sent=Count("pk", filter=Q(state=Delivery.State.SENT)),
            waiting=Count("pk", filter=Q(state__in=OPEN_STATES)),
            failed=Count("pk", filter=Q(state=Delivery.State.FAILED)),
            uncertain=Count("pk", filter=Q(state=Delivery.State.UNCERTAIN)),
        )
        .order_by("-recipients", "domain")
    )
    return [DomainProgress(*row) for row in rows[:_DOMAINS]]


def _said(mailing: Mailing) -> list[_Said]:
    troubled = mailing.deliveries.filter(state__in=_TROUBLE).exclude(reply="")
    rows = troubled.order_by().values_list("state", "reply").annotate(times=Count("pk")).order_by("-times", "reply")
    return [_Said(str(Delivery.State(state).label), reply, times) for state, reply, times in rows[:MAX_SHOWN]]
