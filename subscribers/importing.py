"""Subscribers brought in from a list: in batches, each address once; the same file again changes nothing.

Nobody gets a mail by it, nobody who left or is unreachable comes back by it, and who is known keeps what they chose.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

from django.db import transaction

from issues.models import Series
from llmwatch.lib.reports import Problem, Report
from subscribers.addresses import BadAddress, address_hash, normalise
from subscribers.models import Subscriber, Suppression
from subscribers.sheets import Line, read

BATCH: Final = 1_000
TOLD: Final = 10_000  # people from one line of progress to the next
MOST_PROBLEMS: Final = 1_000  # that are named one by one
Say = Callable[[str], object]


@dataclass(slots=True)
class Person:
    email: str
    name: str
    series: set[int]


@dataclass(slots=True)
class Import:
    """One run over a file: what is known beforehand, and what was done so far."""

    source: str
    confirmed: bool
    now: datetime
    series: Mapping[str, int]
    counts: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)

    @transaction.atomic
    def take(self, lines: Iterable[Line]) -> None:
        people = dict(self._people(lines))
        known = {
            one.address_hash: one for one in Subscriber.objects.select_for_update().filter(address_hash__in=people)
        }
        shut = set(Suppression.objects.filter(address_hash__in=people).values_list("address_hash", flat=True))
        shut |= {one.address_hash for one in known.values() if not one.is_standing}
        self.counts["suppressed"] += len(shut)
        open_to = {key: person for key, person in people.items() if key not in shut}
        self._create({key: person for key, person in open_to.items() if key not in known})
        self._update([(known[key], person) for key, person in open_to.items() if key in known])

    def report(self) -> Report:
        names = ("created", "updated", "unchanged", "suppressed", "invalid")
        more = self.counts["invalid"] - len(self.problems)
        rest = (Problem(self.source, f"{more:,} more invalid lines."),) if more > 0 else ()
        return Report({name: self.counts[name] for name in names}, (*self.problems, *rest))

    def _people(self, lines: Iterable[Line]) -> Iterator[tuple[str, Person]]:
        seen: set[str] = set()
        for line in lines:
            try:
                email = normalise(line.email)
            except BadAddress as error:
                self._refuse(line, str(error))
                continue
            key = address_hash(email)
            if key in seen:
                self.counts["unchanged"] += 1
                continue
            seen.add(key)
            yield key, Person(email, _printable(line.name)[:120], self._series_of(line))

    def _refuse(self, line: Line, why: str) -> None:
        self.counts["invalid"] += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(f"{self.source}, line {line.number}", why))

    def _series_of(self, line: Line) -> set[int]:
        self.unknown.update(topic for topic in line.topics if topic.casefold() not in self.series)
        return {self.series[topic.casefold()] for topic in line.topics if topic.casefold() in self.series}

    def _create(self, people: Mapping[str, Person]) -> None:
        state = Subscriber.State.ACTIVE if self.confirmed else Subscriber.State.PENDING
        made = Subscriber.objects.bulk_create(
            Subscriber(
                email=person.email,
                address_hash=key,
                name=person.name,
                state=state,
                basis=Subscriber.Basis.IMPORTED,
                consent_at=self.now if self.confirmed else None,
                consent_where=self._where,
            )
            for key, person in people.items()
        )
        follows = Subscriber.series.through
        follows.objects.bulk_create(
            follows(subscriber_id=one.pk, series_id=series)
            for one in made
            for series in people[one.address_hash].series
        )
        self.counts["created"] += len(made)

    def _update(self, pairs: list[tuple[Subscriber, Person]]) -> None:
        named = [one for one, person in pairs if person.name and not one.name]
        names = {one.pk: person.name for one, person in pairs}
        for one in named:
            one.name = names[one.pk]
        Subscriber.objects.bulk_update(named, ["name"], batch_size=1_000)
        waiting = [one for one, _ in pairs if self.confirmed and not one.is_active]
        Subscriber.objects.filter(pk__in=[one.pk for one in waiting]).update(
            state=Subscriber.State.ACTIVE,
            basis=Subscriber.Basis.IMPORTED,
            consent_at=self.now,
            consent_where=self._where,
        )
        changed = len({one.pk for one in (*named, *waiting)})
        self.counts["updated"] += changed
        self.counts["unchanged"] += len(pairs) - changed

    @property
    def _where(self) -> str:
        return f"import of {self.source}"[:500]


def import_subscribers(path: Path, *, confirmed: bool, now: datetime, say: Say) -> Report:
    """Raises Unreadable and OSError before anything is written; lines that are no address are problems."""
    run = Import(path.name, confirmed, now, _series_by_name())
    lines, done = read(path), 0
    while batch := list(islice(lines, BATCH)):
        run.take(batch)
        done += len(batch)
        if done % TOLD == 0:
            say(f"{done:,} people read")
    for topic, count in run.unknown.most_common(20):
        say(f"No series is called “{topic}”; it was left out (lines: {count:,}).")
    return run.report()


def _series_by_name() -> dict[str, int]:
    return {name.casefold(): series.pk for series in Series.objects.all() for name in (series.name, series.slug)}


def _printable(name: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in name).split())
