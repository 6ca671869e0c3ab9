"""The pulls as a book of days: what each category's feed and the OAI-PMH day over it brought. Values in, values out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import accumulate

from papers.ingest.arxiv_calendar import is_feed_day
from papers.models import Pull
from papers.monitoring.baseline import DayCounts
from papers.taxonomy import set_of


def sets_holding(category: str) -> list[str]:
    """The sets of OAI-PMH that a category's papers are in, the widest first: cs, cs:cs, cs:cs:CL."""
    return list(accumulate(set_of(category).split(":"), "{}:{}".format))


class PullState(StrEnum):
    """Of a category's day; the words are its CSS classes."""

    COMPLETE = "complete"
    PENDING = "pending"
    EMPTY = "empty"
    SUSPICIOUS = "suspicious"
    REFUSED = "refused"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class PullEntry:
    """A category's day: the pulls of its feed, and those over OAI-PMH of a set that holds it."""

    category: str
    day: date
    feeds: tuple[Pull, ...] = ()
    harvests: tuple[Pull, ...] = ()

    @property
    def pulls(self) -> tuple[Pull, ...]:
        return self.feeds + self.harvests

    @property
    def announced(self) -> int | None:
        """Papers in the feed, by its fullest pull; None where no pull of it is complete."""
        return max((pull.records for pull in self.feeds if pull.outcome in _ARRIVED), default=None)

    @property
    def fresh(self) -> int:
        return sum(pull.new + pull.updated for pull in self.feeds)

    @property
    def harvested(self) -> int | None:
        """Records that OAI-PMH brought of the whole day, if need be in a wider set; None where it did not."""
        return max(
            (pull.records for pull in self.harvests if pull.outcome in _ARRIVED and not pull.failed), default=None
        )

    @property
    def state(self) -> PullState:
        """Before any suspicion."""
        if self.announced or self.harvested:
            return PullState.COMPLETE
        outcomes = {pull.outcome for pull in self.pulls}
        if outcomes.intersection(Pull.UNFINISHED):
            return PullState.PENDING
        if Pull.Outcome.REFUSED in outcomes:
            return PullState.REFUSED
        return PullState.EMPTY if outcomes.intersection(_ARRIVED) or not is_feed_day(self.day) else PullState.NONE

    @property
    def count(self) -> int | None:
        """What the calendar shows: the feed's papers, else the records of OAI-PMH where its set is no wider."""
        own = sets_holding(self.category)[-1]
        harvested = [pull.records for pull in self.harvests if pull.set_spec == own and pull.outcome in _ARRIVED]
        return self.announced if self.announced is not None else max(harvested, default=None)


_ARRIVED = (Pull.Outcome.COMPLETE, Pull.Outcome.EMPTY)


class PullBook:
    """All entries of some days; made of one query's pulls."""

    def __init__(self, pulls: Iterable[Pull]) -> None:
        self._entries: dict[tuple[str, date], PullEntry] = {}
        self._by_key: dict[tuple[str, date], list[Pull]] = defaultdict(list)
        for pull in pulls:
            self._by_key[pull.set_spec, pull.day].append(pull)

    def announcers(self, first: date) -> set[str]:
        """The categories of which any feed was pulled, of this day or later."""
        pulls = (pull for found in self._by_key.values() for pull in found)
        return {pull.set_spec for pull in pulls if pull.source == Pull.Source.RSS and pull.day >= first}

    def entry(self, category: str, day: date) -> PullEntry:
        if (category, day) not in self._entries:
            self._entries[category, day] = self._entry(category, day)
        return self._entries[category, day]

    def _entry(self, category: str, day: date) -> PullEntry:
        feeds = self._by_key.get((category, day), [])
        harvests = [pull for name in sets_holding(category) for pull in self._by_key.get((name, day), [])]
        return PullEntry(
            category,
            day,
            tuple(pull for pull in feeds if pull.source == Pull.Source.RSS),
            tuple(pull for pull in harvests if pull.source == Pull.Source.OAI),
        )

    def counts(self, categories: Sequence[str], day: date) -> DayCounts:
        """What the feeds brought, by category; a feed that has not come is left out."""
        found = {category: self.entry(category, day).announced for category in categories}
        return {category: count for category, count in found.items() if count is not None}
