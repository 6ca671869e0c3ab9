"""arXiv's days: announced at 20:00 in New York, Sunday to Thursday; a feed bears the date of the day after."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from threading import Lock
from typing import Final
from zoneinfo import ZoneInfo

NEW_YORK: Final = ZoneInfo("America/New_York")
DAY: Final = timedelta(days=1)
FRIDAY, SATURDAY = 4, 5
OAI_HOUR: Final = time(22, 30)

# Evenings without a mailing: those of 2025 as the gaps of real listings show them, those of 2026 as arXiv gave them.
HOLIDAYS: Final = frozenset(
    map(
        date.fromisoformat,
        "2025-06-19 2025-09-01 2025-11-27 2025-12-25 2025-12-30 2026-01-01 2026-11-26 2026-12-25 2026-12-29 "
        "2026-12-31".split(),
    )
)


def is_feed_day(day: date) -> bool:
    """Whether arXiv announced papers on the evening before."""
    evening = day - DAY
    return evening.weekday() not in {FRIDAY, SATURDAY} and evening not in HOLIDAYS


def next_feed_day(day: date) -> date:
    """This day, or the first after it that has a feed."""
    return day if is_feed_day(day) else next_feed_day(day + DAY)


def previous_weekday(day: date) -> date:
    before = day - DAY
    return before if before.weekday() <= FRIDAY else previous_weekday(before)


def feed_day(now: datetime) -> date:
    """The day whose announcements RSS and the query API know: both change at midnight in New York."""
    return now.astimezone(NEW_YORK).date()


def oai_day(now: datetime) -> date:
    """The day whose announcements OAI-PMH knows: it changes at 22:30 on the evening before."""
    local = now.astimezone(NEW_YORK)
    return local.date() + DAY if local.time() >= OAI_HOUR else local.date()


def midnight(day: date) -> datetime:
    """When this day began in New York."""
    return datetime.combine(day, time(), NEW_YORK)


def next_utc_midnight(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(UTC).date() + DAY, time(), UTC)


class Clock:
    """A time that stands until it is moved; with `ticks` (monotonic seconds) it also runs."""

    def __init__(self, now: datetime, ticks: Callable[[], float] | None = None) -> None:
        self._now = now.astimezone(UTC)
        self._ticks = ticks or (lambda: 0.0)
        self._since = self._ticks()
        self._lock = Lock()

    def now(self) -> datetime:
        """Aware UTC, in whole seconds."""
        with self._lock:
            return (self._now + timedelta(seconds=self._ticks() - self._since)).replace(microsecond=0)

    def advance(self, seconds: float) -> None:
        with self._lock:
            self._now += timedelta(seconds=seconds)

    def set(self, now: datetime) -> None:
        with self._lock:
            self._now, self._since = now.astimezone(UTC), self._ticks()

    def set_day(self, day: date) -> None:
        """Noon of this day in New York: all three interfaces know it and nothing later."""
        self.set(datetime.combine(day, time(12), NEW_YORK))
