"""arXiv's hours: announced at 20:00 in New York, Sunday to Thursday, but on holidays; a feed is of the day after."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

NEW_YORK: Final = ZoneInfo("America/New_York")
ONE_DAY: Final = timedelta(days=1)
MONDAY, THURSDAY, FRIDAY, SATURDAY = 0, 3, 4, 5

# Evenings without a mailing: of 2025 as the gaps in its listings show them, of 2026 as arXiv gave them out.
_HOLIDAYS: Final = frozenset(
    map(
        date.fromisoformat,
        "2025-06-19 2025-09-01 2025-11-27 2025-12-25 2025-12-30 2026-01-01 2026-11-26 2026-12-25 2026-12-29 "
        "2026-12-31".split(),
    )
)
LISTED_YEARS: Final = frozenset(day.year for day in _HOLIDAYS)
# Assumed of the years that are not listed, beside Labor Day and Thanksgiving: what most of arXiv's lists had.
_USUAL: Final = frozenset({(1, 1), (6, 19), (7, 4), (12, 24), (12, 25), (12, 31)})

# UTC. When the feed of the day is asked for, and again while it has not come.
FEED_HOURS: Final = tuple(time(hour, 20) for hour in (5, 6, 8, 11, 14, 17, 20, 22))
# When a feed that has come is asked for once more: a copy that was cut short looks whole, and only today tells its day.
FEED_LOOKS: Final = (FEED_HOURS[0], FEED_HOURS[2], FEED_HOURS[4])
OAI_HOUR: Final = time(7, 30)
QUIET_FROM, QUIET_UNTIL = time(23, 50), time(1, 0)
_OVERLAP: Final = 2  # days before yesterday that are asked for once more


def feed_day(now: datetime) -> date:
    """The New York day whose feed stands: feeds are made anew at midnight there, on weekends and holidays empty."""
    return now.astimezone(NEW_YORK).date()


def is_feed_day(day: date) -> bool:
    """Whether a mailing went out the evening before; of a year that is not listed by its usual holidays."""
    evening = day - ONE_DAY
    usual = evening.year not in LISTED_YEARS and _is_usual_holiday(evening)
    return may_have_feed(day) and not usual


def may_have_feed(day: date) -> bool:
    """As `is_feed_day`, but a holiday that is only assumed may be none: then the feed is asked for all the same."""
    evening = day - ONE_DAY
    return evening.weekday() not in {FRIDAY, SATURDAY} and evening not in _HOLIDAYS


def feed_days(first: date, last: date) -> Iterator[date]:
    """The feed days among these, both included."""
    return (day for day in _days(first, last) if is_feed_day(day))


def is_announcement_time(now: datetime) -> bool:
    """When arXiv is busy announcing, in winter and summer: then nothing is begun."""
    hour = now.astimezone(UTC).time()
    return hour >= QUIET_FROM or hour < QUIET_UNTIL


def is_feed_time(now: datetime) -> bool:
    """Whether the feed that stands in New York may be asked for: from the first hour of its day (UTC) on."""
    return now >= _at(feed_day(now), FEED_HOURS[0])


def next_feed_hour(now: datetime) -> datetime:
    """When a feed that did not come is asked for again."""
    today = now.astimezone(UTC).date()
    return next(hour for day in (today, today + ONE_DAY) for at in FEED_HOURS if (hour := _at(day, at)) > now)


def feed_since(now: datetime) -> datetime:
    """A feed of today counts as read if it was asked for then or later."""
    day = feed_day(now)
    return max(look for at in FEED_LOOKS if (look := _at(day, at)) <= now or at == FEED_LOOKS[0])


def last_oai_day(now: datetime) -> date:
    """The latest day (UTC) that may be harvested: from half past seven on it is yesterday."""
    before = now.astimezone(UTC) - ONE_DAY
    return before.date() if before.time() >= OAI_HOUR else before.date() - ONE_DAY


def asked_since(day: date, now: datetime) -> datetime:
    """A pull of this day (UTC) over OAI-PMH counts if it was begun then or later.

    Each night the days of the overlap are asked for once more; what was asked for after that is final.
    """
    return _at(min(last_oai_day(now), day + _OVERLAP * ONE_DAY) + ONE_DAY, OAI_HOUR)


def final_since(day: date) -> datetime:
    """A pull of this day that was begun then or later is its last."""
    return _at(day + (_OVERLAP + 1) * ONE_DAY, OAI_HOUR)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + number * ONE_DAY for number in range((last - first).days + 1))


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, UTC)


def _is_usual_holiday(evening: date) -> bool:
    return (
        (evening.month, evening.day) in _USUAL
        or (evening.month == 9 and evening.weekday() == MONDAY and evening.day <= 7)
        or (evening.month == 11 and evening.weekday() == THURSDAY and 22 <= evening.day <= 28)
    )
