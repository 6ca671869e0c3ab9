"""The pull calendar: days by categories, what came of each and what is suspicious, as a value that a page shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from papers.ingest.arxiv_calendar import ONE_DAY, feed_day, is_feed_day
from papers.monitoring.anomalies import CountDoubt
from papers.monitoring.feed_alarms import HISTORY_DAYS, doubts_of, followed_since, judged_until, load_recent
from papers.monitoring.pull_history import PullBook, PullEntry, PullState, sets_holding

_DAYS: Final = 35
_EARLIEST: Final = date(1991, 8, 14)  # arXiv begins
SHOWN_AS: Final = {
    PullState.COMPLETE: ("✓", gettext_lazy("complete")),
    PullState.PENDING: ("…", gettext_lazy("to be gone on with")),
    PullState.EMPTY: ("–", gettext_lazy("empty, as expected")),
    PullState.SUSPICIOUS: ("!", gettext_lazy("suspicious")),
    PullState.REFUSED: ("✕", gettext_lazy("refused by arXiv")),
    PullState.NONE: ("·", gettext_lazy("nothing came")),
}


@dataclass(frozen=True, slots=True)
class CalendarCell:
    """A category's day in words; `sets` are those whose pulls are about it, comma-separated."""

    category: str
    state: PullState
    symbol: str
    label: str
    count: str
    sets: str


@dataclass(frozen=True, slots=True)
class CalendarRow:
    day: date
    is_working: bool
    cells: tuple[CalendarCell, ...]


@dataclass(frozen=True, slots=True)
class _Calendar:
    """Five weeks, the newest day first; `newer` is None on the newest page."""

    categories: tuple[str, ...]
    rows: tuple[CalendarRow, ...]
    older: date
    newer: date | None


def load_calendar(now: datetime, until: date | None = None) -> _Calendar:
    """The five weeks up to this day, at most up to the feed that stands; in three queries."""
    today = feed_day(now)
    last = max(min(until or today, today), _EARLIEST)
    days = [last - number * ONE_DAY for number in range(_DAYS)]
    pulls = list(load_recent(days[-1] - HISTORY_DAYS).filter(day__lte=last))
    book, since = PullBook(pulls), followed_since(pulls)
    categories = tuple(sorted({*since, *book.announcers(days[-1])}))
    doubts = _doubts(book, since, [day for day in days if is_feed_day(day) and day <= judged_until(now)])
    rows = [CalendarRow(day, is_feed_day(day), tuple(_cells(book, doubts, categories, day))) for day in days]
    return _Calendar(categories, tuple(rows), days[-1] - ONE_DAY, last + _DAYS * ONE_DAY if last < today else None)


def _doubts(book: PullBook, since: Mapping[str, date], days: Sequence[date]) -> dict[tuple[str, date], CountDoubt]:
    """One for each category's day, if there is any."""
    found = (doubt for day in days for doubt in doubts_of(book, since, day))
    return {(doubt.entry.category, doubt.entry.day): doubt for doubt in found}


def _cells(
    book: PullBook, doubts: Mapping[tuple[str, date], CountDoubt], categories: Sequence[str], day: date
) -> Iterator[CalendarCell]:
    for category in categories:
        yield _cell(book.entry(category, day), doubts.get((category, day)))


def _cell(entry: PullEntry, doubt: CountDoubt | None) -> CalendarCell:
    state = PullState.SUSPICIOUS if doubt else entry.state
    symbol, word = SHOWN_AS[state]
    count = "" if entry.count is None else f"{entry.count:,}"
    said = [str(word), *([ngettext("%s paper", "%s papers", entry.count or 0) % count] if count else [])]
    said += [doubt.what] if doubt and doubt.what else []
    if doubt and any(pull.is_unfinished for pull in entry.pulls):
        symbol, said = f"{symbol}…", [*said, _("asked for again")]
    where = f"{entry.category}, {dateformat.format(entry.day, 'l j F')}"
    sets = ",".join([entry.category, *sets_holding(entry.category)])
    return CalendarCell(entry.category, state, symbol, f"{where}: {', '.join(said)}", count, sets)
