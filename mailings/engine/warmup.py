"""The ramp of a new sender: so many messages a day, and half as many again after each day on which they went out.

Mailbox providers judge a new sender by its first days. Google's guidelines for senders: begin with few and engaged
readers, raise the volume slowly, and take a sudden doubling for a spike; hence ×1.5, of what was really sent. The
ledger is what counts, so all workers share it and no crash forgets it.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db.models import Max, Q

from core.concurrency.advisory_locks import alone_at
from mailings.models import Delivery, Mailing, WarmupDay
from mailings.models.warmup_day import DAY_LASTS
from subscribers import addresses

_GROWTH: Final = 1.5


@dataclass(frozen=True, slots=True)
class WarmupStep:
    """A day of the ramp as it stands, begun or about to; `ends` is when the next one may begin."""

    number: int
    cap: int
    sent: int
    ends: datetime

    @property
    def room(self) -> int:
        return max(self.cap - self.sent, 0)

    def days_for(self, messages: int) -> int:
        """How many further days it takes to send so many, where each day is used up."""
        left, cap, days = messages - self.room, self.cap, 0
        while left > 0:
            cap, days = next_cap(cap), days + 1
            left -= cap
        return days


class SendingRoom:
    """How many more messages a run may hand over, of all its connections together."""

    def __init__(self, count: float = math.inf) -> None:
        self._left = count
        self._lock = threading.Lock()

    def lanes(self, wanted: int) -> int:
        """As many connections as there is something to send for."""
        return int(min(wanted, self._left))

    def take(self) -> bool:
        with self._lock:
            if self._left < 1:
                return False
            self._left -= 1
            return True

    def give_back(self) -> None:
        """Nothing was handed over after all."""
        with self._lock:
            self._left += 1


def next_cap(cap: int) -> int:
    return max(math.floor(cap * _GROWTH), cap + 1)


def current_step(now: datetime) -> WarmupStep | None:
    """Where the ramp stands; None where there is none, or it has come past the largest audience."""
    if not settings.MAIL_RAMP:
        return None
    found = _step(_latest(), now)
    largest = Mailing.objects.aggregate(Max("audience"))["audience__max"] or 0
    return found if found.cap <= largest else None


def has_room(now: datetime) -> bool:
    """Whether another message may go out now."""
    found = current_step(now)
    return found is None or found.room > 0


def begin_day(now: datetime) -> None:
    """Writes down the day that begins with the next message, where none is under way."""
    day = _latest()
    if settings.MAIL_RAMP and (day is None or now >= day.ends):
        found = _step(day, now)
        values = {"began": now, "cap": found.cap}
        WarmupDay.objects.update_or_create(sender=_sender(), number=found.number, defaults=values)


@contextmanager
def reserve_room(now: datetime) -> Iterator[SendingRoom]:
    """How much this process may hand over. Under a ramp one at a time hands over: no two count the same room."""
    if not settings.MAIL_RAMP or current_step(now) is None:
        yield SendingRoom()
        return
    with alone_at("ramp") as is_ours:
        found = current_step(now)
        yield SendingRoom(found.room if found else math.inf) if is_ours else SendingRoom(0)


def _latest() -> WarmupDay | None:
    return WarmupDay.objects.filter(sender=_sender()).order_by("-number").first()


def _step(day: WarmupDay | None, now: datetime) -> WarmupStep:
    if day is None:
        return WarmupStep(1, settings.MAIL_RAMP, 0, now + DAY_LASTS)
    sent = _sent(day.began, day.ends)
    if now < day.ends:
        return WarmupStep(day.number, max(day.cap, settings.MAIL_RAMP), sent, day.ends)
    cap = max(day.cap, settings.MAIL_RAMP, math.floor(sent * _GROWTH))
    # A day on which nothing went out was none.
    return WarmupStep(day.number + 1 if sent else day.number, cap, 0, now + DAY_LASTS)


def _sent(start: datetime, end: datetime) -> int:
    """What went out, of all mailings; what may have arrived counts."""
    lately = list(Mailing.objects.filter(Q(finished_at=None) | Q(finished_at__gte=start)).values_list("pk", flat=True))
    out = Q(state=Delivery.State.SENT, sent_at__gte=start, sent_at__lt=end)
    perhaps = Q(state__in=["sending", "uncertain"], claimed_at__gte=start, claimed_at__lt=end)
    return Delivery.objects.filter(out | perhaps, mailing__in=lately).count()


def _sender() -> str:
    """Whom mailbox providers judge: the domain in the sender, and the machine that they see."""
    domain = addresses.sender_address().rpartition("@")[2].lower()
    return f"{domain} by {settings.MAIL_SERVER.host}"[:300]
