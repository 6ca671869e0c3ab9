"""Rate limits that all processes share: each is a row in PostgreSQL, and so outlives a crash."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Q

from core.clock import REAL_CLOCK, Clock, Quota
from core.models import RateLimit

LONGEST_REASON: Final = 200


class LaneClosed(Exception):
    """Nobody may start on this lane before `until` (aware UTC); the message is the reason given when it was closed.

    `passing` where that was a fault that passes by itself.
    """

    def __init__(self, reason: str, until: datetime, passing: bool = False) -> None:
        super().__init__(reason)
        self.until = until
        self.passing = passing


@contextmanager
def wait_for_turn(name: str, delay: float, *, clock: Clock = REAL_CLOCK) -> Iterator[None]:
    """Waits for this lane to be free and for `delay` seconds since its last start; alone on it until the block ends.

    The start is committed before the block runs, so that a crash does not shorten the wait of the next process;
    the session lock falls with the connection, so that a crash does not lengthen it either. Raises LaneClosed.
    """
    key = zlib.crc32(f"lane:{name}".encode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [key])
    try:
        _require_open(name, clock)
        _take_start(name, delay, clock)
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def close_until(name: str, time: timedelta, reason: str, *, passing: bool = False, clock: Clock = REAL_CLOCK) -> None:
    """Closes a lane to all processes, also those to come; of two closings the one that lasts longer counts."""
    now = clock.now()
    RateLimit.objects.get_or_create(name=name, defaults={"next_start": now})
    until = now + time
    lane = RateLimit.objects.filter(Q(closed_until=None) | Q(closed_until__lt=until), name=name)
    lane.update(closed_until=until, reason=reason[:LONGEST_REASON], passing=passing)


def count_failure(name: str) -> int:
    """Counts one more failure; returns how many there were in a row, of all processes."""
    with transaction.atomic():
        lane, _ = RateLimit.objects.select_for_update().get_or_create(name=name)
        lane.failures += 1
        lane.save(update_fields=["failures"])
    return lane.failures


def reset_failures(name: str) -> None:
    """Sets the count of failures back to 0; writes nothing if it is 0 already."""
    RateLimit.objects.filter(name=name, failures__gt=0).update(failures=0)


def reserve_start(
    name: str, delay: float, *, quota: Quota | None = None, patience: float = float("inf"), clock: Clock = REAL_CLOCK
) -> float | None:
    """Takes the next start on a lane where many travel at once; gives the seconds until then.

    Whoever does not start then after all delays the others by one start, no more. None, and nothing is taken, where
    that would be later than `patience` seconds from now.
    """
    RateLimit.objects.get_or_create(name=name, defaults={"next_start": clock.now()})
    with transaction.atomic():
        lane = RateLimit.objects.select_for_update().get(name=name)
        now = clock.now()
        start = max(lane.next_start, now)
        if quota:
            start = _within(lane, quota, start)
        if (start - now).total_seconds() > patience:
            return None
        lane.used += 1
        lane.next_start = start + timedelta(seconds=delay)
        lane.save(update_fields=["next_start", "window_ends", "used"])
    return (start - now).total_seconds()


def _within(lane: RateLimit, quota: Quota, start: datetime) -> datetime:
    """The first moment from `start` on at which the quota is not used up."""
    if lane.window_ends and start < lane.window_ends and lane.used < quota.count:
        return start
    start = max(start, lane.window_ends or start)
    lane.window_ends, lane.used = start + quota.window, 0
    return start


def _require_open(name: str, clock: Clock) -> None:
    """Raises LaneClosed."""
    lane = RateLimit.objects.filter(name=name, closed_until__gt=clock.now()).first()
    if lane and lane.closed_until:
        raise LaneClosed(lane.reason, lane.closed_until, lane.passing)


def _take_start(name: str, delay: float, clock: Clock) -> None:
    RateLimit.objects.get_or_create(name=name, defaults={"next_start": clock.now()})
    with transaction.atomic():
        lane = RateLimit.objects.select_for_update().get(name=name)
        wait = (lane.next_start - clock.now()).total_seconds()
        if wait > 0:
            clock.sleep(min(wait, delay))
        lane.next_start = clock.now() + timedelta(seconds=delay)
        lane.save(update_fields=["next_start"])
