"""Active subscribers week by week and by where they came from, read from the rows that are there: nobody is named.

Who was forgotten is in no number, and who came back counts from the last confirmation on; so past weeks may change.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from typing import Any, Final

from django.db.models import Case, Count, DateField, F, Q, Value, When
from django.db.models.functions import Greatest, TruncWeek
from django.utils import timezone
from django.utils.translation import gettext as _

from subscribers.models import Subscriber
from subscribers.models.subscriber import SubscriberQuerySet

_WEEK: Final = timedelta(weeks=1)
_WEEKS: Final = 13  # on the page; the file has all
MAX_SOURCES: Final = 8  # named, the largest first
GrowthState = Subscriber.State


@dataclass(frozen=True, slots=True)
class WeeklyMoves:
    """`left` are those who unsubscribed or complained, `unreachable` those whose address was given up."""

    joined: int = 0
    left: int = 0
    unreachable: int = 0

    @property
    def gone(self) -> int:
        return self.left + self.unreachable

    @property
    def net(self) -> int:
        return self.joined - self.gone

    def __add__(self, other: WeeklyMoves) -> WeeklyMoves:
        return WeeklyMoves(self.joined + other.joined, self.left + other.left, self.unreachable + other.unreachable)


@dataclass(frozen=True, slots=True)
class _Week:
    """One week, from Monday on. `active` counts its end: `active` of the week before, plus `moves.net`.

    `gain` and `loss` are the widths of bars, of 1,000.
    """

    begins: date
    moves: WeeklyMoves
    active: int
    gain: int
    loss: int


@dataclass(frozen=True, slots=True)
class _Source:
    """`moves` are those of the weeks shown; `active` are those of now."""

    name: str
    moves: WeeklyMoves
    active: int
    width: int


@dataclass(frozen=True, slots=True)
class _Growth:
    """The newest week first; it may not be over."""

    active: int
    weeks: tuple[_Week, ...]
    sources: tuple[_Source, ...]


_Move = tuple[date, str, WeeklyMoves]  # in the week that begins so, from this source


def load_growth(now: datetime, weeks: int = _WEEKS) -> _Growth:
    """The last weeks and where people came from, in two queries."""
    this = week_start(now)
    first = this - (weeks - 1) * _WEEK
    by_week: dict[date, WeeklyMoves] = defaultdict(WeeklyMoves)
    by_source: dict[str, WeeklyMoves] = defaultdict(WeeklyMoves)
    active: Counter[str] = Counter()
    for week, source, moves in load_moves(first):
        by_week[week] += moves
        active[source] += moves.net
        by_source[source] += moves if week >= first else WeeklyMoves()
    shown = tuple(reversed(_weeks(by_week, [first + number * _WEEK for number in range(weeks)])))
    return _Growth(active.total(), shown, _sources(by_source, active))


def load_moves(first: date) -> Iterator[_Move]:
    """Who joined and who went, by week and source; all that was before stands in the week before the first."""
    for week, *origin, count in _grouped("joined", first):
        yield week, source_of(*origin), WeeklyMoves(joined=count)
    bounced = Count("pk", filter=Q(state=GrowthState.BOUNCED))
    for week, *origin, count, unreachable in _grouped("ended", first, bounced=bounced):
        yield week, source_of(*origin), WeeklyMoves(left=count - unreachable, unreachable=unreachable)


def week_start(now: datetime) -> date:
    """The day with which the week begins, in the site's time zone."""
    today = timezone.localdate(now)
    return today - today.weekday() * timedelta(days=1)


def source_of(basis: str, where: str, source: str) -> str:
    """A list by the name it was brought in under; who confirmed by the page or the link that led to the form."""
    if basis == Subscriber.Basis.IMPORTED:
        return _("List: %s") % where.removeprefix("import of ")
    if source.startswith("p/"):
        return _("Page of the issue %s") % source.removeprefix("p/")
    return _("Link: %s") % source if source else _("The site's sign-up page")


def once_active() -> SubscriberQuerySet:
    """Readers who ever were active, with when they joined and, where they are gone, when they went."""
    joined = Case(
        When(basis=Subscriber.Basis.CONFIRMED, then="confirmed_at"),
        When(consent_at__isnull=False, then=Greatest("created", "consent_at")),
    )
    gone = [GrowthState.UNSUBSCRIBED, GrowthState.COMPLAINED, GrowthState.BOUNCED]
    readers = Subscriber.objects.readers().annotate(joined=joined).filter(joined__isnull=False)
    return readers.annotate(ended=Case(When(state__in=gone, then=Greatest("left_at", "joined"))))


def _grouped(moment: str, first: date, **counts: Count) -> Iterable[tuple[Any, ...]]:
    """Counts by week, basis, place and source, with further counts where they are asked for."""
    before = timezone.make_aware(datetime.combine(first - _WEEK, time()))
    week = TruncWeek(Greatest(F(moment), Value(before)), output_field=DateField())
    rows = once_active().filter(**{f"{moment}__isnull": False}).annotate(week=week).order_by()
    return rows.values_list("week", "basis", "consent_where", "source").annotate(count=Count("*"), **counts)


def _weeks(moves: Mapping[date, WeeklyMoves], mondays: Sequence[date]) -> list[_Week]:
    """The weeks in the order of time; the widest bar is the largest number that joined or left in one week."""
    active = sum(moved.net for week, moved in moves.items() if week < mondays[0])
    levels = list(accumulate((moves[week].net for week in mondays), initial=active))[1:]
    most = max((max(moves[week].joined, moves[week].gone) for week in mondays), default=0) or 1
    return [
        _Week(week, moves[week], level, 1000 * moves[week].joined // most, 1000 * moves[week].gone // most)
        for week, level in zip(mondays, levels, strict=True)
    ]


def _sources(moves: Mapping[str, WeeklyMoves], active: Counter[str]) -> tuple[_Source, ...]:
    """The largest sources by name, and the rest as one."""
    names = sorted(active, key=lambda name: (-active[name], name))
    parts = [(name, moves[name], active[name]) for name in names[:MAX_SOURCES]]
    if rest := names[MAX_SOURCES:]:
        together = sum((moves[name] for name in rest), WeeklyMoves())
        parts.append((_("%d others") % len(rest), together, sum(active[name] for name in rest)))
    most = max((count for _name, _moves, count in parts), default=0)
    return tuple(_Source(*part, 1000 * max(part[2], 0) // most if most > 0 else 0) for part in parts)
