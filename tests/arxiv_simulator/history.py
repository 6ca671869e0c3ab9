"""What became of a paper, day by day: from a line of the corpus, and from what the simulator makes up (and says so)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Final, Literal

from tests.arxiv_simulator.days import NEW_YORK, is_feed_day, next_feed_day, previous_weekday

Kind = Literal["new", "replace", "withdraw", "cross", "metadata"]

MADE: Final = "made by the simulator"
LICENCES: Final = (
    "http://arxiv.org/licenses/nonexclusive-distrib/1.0/",
    "http://creativecommons.org/licenses/by/4.0/",
)
_CHANGES: Final[tuple[Kind, ...]] = ("replace", "replace", "withdraw", "cross", "metadata")
_CROSS_LISTS: Final = ("stat.ML", "cs.CY", "cs.IR", "cs.SE", "eess.AS")
_SHARE_HELD: Final = 0.05
_CUT_OFF_SECONDS: Final = 14 * 60 * 60
_MONTH = re.compile(r"(?:.*/)?(\d\d)(\d\d)")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the corpus. `classes` are the ACM and MSC codes that arXiv gave as categories until November 2025."""

    id: str
    title: str
    abstract: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    classes: tuple[str, ...] = ()
    comment: str = ""
    listed_on: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    """What arXiv says of a paper at one time; `submitted` is the time of this version (UTC)."""

    version: int
    submitted: datetime
    title: str
    abstract: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    classes: tuple[str, ...]
    licence: str
    comment: str = ""
    journal_ref: str = ""
    doi: str = ""
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """What was announced on a day, and how the paper stood from then on."""

    day: date
    kind: Kind
    state: State


@dataclass(frozen=True, slots=True)
class Paper:
    """Its events are in the order of their days, at most one a day; the first is always `new`."""

    id: str
    events: tuple[Event, ...]

    def last(self, day: date) -> Event | None:
        """The latest event up to this day; None while the paper is not announced."""
        return next((event for event in reversed(self.events) if event.day <= day), None)

    def on(self, day: date) -> Event | None:
        return next((event for event in self.events if event.day == day), None)

    def versions(self, day: date) -> dict[int, State]:
        """Each version as it stands on this day: changes that make no version belong to the latest."""
        return {event.state.version: event.state for event in self.events if event.day <= day}

    def added(self, event: Event) -> frozenset[str]:
        """The categories that came with this event."""
        before = [earlier for earlier in self.events if earlier.day < event.day]
        return frozenset(event.state.categories) - frozenset(before[-1].state.categories if before else ())

    @property
    def submitted(self) -> datetime:
        return self.events[0].state.submitted


def tell(entry: Entry, seed: int, made: float) -> Paper:
    """The whole life of a paper; `made` is the share of papers to which something happens that the corpus lacks."""
    rng = Random(f"{seed}:{entry.id}")
    days = list(_days(entry))
    event = Event(days[0], "new", _first(entry, days[0], rng))
    events = [event]
    for day in days[1:]:
        event = _changed("replace", event, day, rng)
        events.append(event)
    while rng.random() < made:
        day = next_feed_day(event.day + timedelta(days=rng.randint(1, 40)))
        event = _changed(rng.choice(_CHANGES), event, day, rng)
        events.append(event)
    return Paper(entry.id, tuple(events))


def _days(entry: Entry) -> Iterator[date]:
    """The feed days on which it is announced: lists of a weekend repeat those of Friday."""
    month = _month(entry.id)
    listed = sorted({day for day in entry.listed_on if is_feed_day(day)})
    if not listed:
        listed = [next_feed_day(min(entry.listed_on, default=month))]
    # An identifier is given in the month of its announcement: what is older was listed for a later version.
    if (listed[0] - month) > timedelta(days=62):
        yield next_feed_day(month)
    yield from listed


def _month(arxiv_id: str) -> date:
    found = _MONTH.match(arxiv_id)
    if found is None:
        raise ValueError(f"{arxiv_id} is not an identifier of arXiv")
    year, month = map(int, found.groups())
    return date(year + (1900 if year > 90 else 2000), month, 15)


def _first(entry: Entry, day: date, rng: Random) -> State:
    held = timedelta(days=rng.randint(1, 4)) if rng.random() < _SHARE_HELD else timedelta()
    return State(
        version=1,
        submitted=_submission(day, rng) - held,
        title=entry.title,
        abstract=entry.abstract,
        authors=entry.authors,
        categories=entry.categories,
        classes=entry.classes,
        licence=rng.choice(LICENCES),
        comment=entry.comment,
    )


def _submission(day: date, rng: Random) -> datetime:
    """Before the cut-off at 14:00 on the last weekday before the announcement's day."""
    begin = datetime.combine(previous_weekday(day), time(), NEW_YORK).astimezone(UTC)
    return begin + timedelta(seconds=rng.randrange(_CUT_OFF_SECONDS))


def _changed(kind: Kind, before: Event, day: date, rng: Random) -> Event:
    state = before.state
    if kind in {"replace", "withdraw"}:
        state = replace(state, version=state.version + 1, submitted=_submission(day, rng))
    if kind == "replace":
        title = f"{state.title} (Revised)" if rng.random() < 0.2 and "(Revised)" not in state.title else state.title
        comment = f"Version {state.version}, {MADE}"
        abstract = f"{state.abstract} Version {state.version} of this abstract was {MADE}."
        state = replace(state, title=title, comment=comment, abstract=abstract, withdrawn=False)
    elif kind == "withdraw":
        comment = f"This paper has been withdrawn by its authors. (Withdrawal {MADE})"
        state = replace(state, comment=comment, withdrawn=True)
    elif kind == "cross":
        free = [category for category in _CROSS_LISTS if category not in state.categories]
        state = replace(state, categories=(*state.categories, *free[:1]))
    else:
        doi = f"10.5555/simulated.{rng.randrange(10**6)}"
        state = replace(state, journal_ref=f"Journal {MADE}, {day.year}, {day.month}", doi=doi)
    return Event(day, kind, state)
