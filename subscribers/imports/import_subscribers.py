"""Subscribers brought in from a list: in batches, each address once; the same file again changes nothing.

Nobody gets a mail by it, nobody who left or is unreachable comes back by it, and who is known keeps what they chose.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from core.command_reports import Problem, Report
from issues.models import Series
from subscribers.addresses import BadAddress, address_hash, normalise_address
from subscribers.imports.cells import BadDay, day_of, moment_of, name_of
from subscribers.imports.columns import PersonStanding
from subscribers.imports.csv_file import CsvSheet, PersonLine, read_people
from subscribers.models import Subscriber, Suppression
from subscribers.models.subscriber import new_token

BATCH_SIZE: Final = 1_000
_TOLD: Final = 10_000  # people from one line of progress to the next
MOST_PROBLEMS: Final = 50  # that are named one by one on the screen; the report has all
_COUNTS: Final = ("created", "updated", "unchanged", "duplicates", "left_elsewhere", "suppressed", "invalid")
MOST_UNKNOWN: Final = 1_000  # topics without a series that are remembered
_Say = Callable[[str], object]
_Meet = Callable[[list[UUID]], list[UUID]]  # remembers these people and gives those that it did not know
_MEET: Final = "INSERT INTO subscribers_seen SELECT unnest(%s::uuid[]) ON CONFLICT DO NOTHING RETURNING key"
# In one statement of arrays: several times as quick as a row at a time, and it says whom it made.
_INSERT: Final = """
    INSERT INTO subscribers_subscriber (email, address_hash, name, state, depth, paid_until, token, basis, consent_at,
                                        consent_where, consent_words)
    SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::date[], %s::text[], %s::text[],
                         %s::timestamptz[], %s::text[], %s::text[])
    ON CONFLICT DO NOTHING RETURNING address_hash, id
"""


class RejectedLine(NamedTuple):
    """A line that brought nobody in, or not all of it, and why; `is_wrong` where the line itself is the reason."""

    number: int
    why: str
    is_wrong: bool


TellProgress = Callable[[Iterable[RejectedLine]], object]


@dataclass(frozen=True, slots=True)
class ConsentBasis:
    """What the people of a list are said to have consented to: active at once where they have."""

    source: str
    confirmed: bool
    now: datetime
    words: str = ""

    @property
    def where(self) -> str:
        return f"import of {self.source}"[:500]


@dataclass(slots=True)
class _Person:
    line: PersonLine
    email: str
    series: set[int]

    @property
    def name(self) -> str:
        return name_of(self.line.name)[:120]


@dataclass(slots=True)
class ImportRun:
    """One run over a file: what is known beforehand, who was met in it, and what was done so far."""

    basis: ConsentBasis
    series: Mapping[str, int]
    meet: _Meet
    counts: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    untaken: list[RejectedLine] = field(default_factory=list)

    @transaction.atomic
    def take(self, lines: Iterable[PersonLine]) -> list[RejectedLine]:
        """Brings these in and returns those that it did not, or not wholly."""
        self.untaken, gone = [], set[str]()
        people = self._new(dict(self._people(lines, gone)), gone)
        known = {
            one.address_hash: one for one in Subscriber.objects.select_for_update().filter(address_hash__in=people)
        }
        open_to = self._without_shut(people, known)
        self._create({key: person for key, person in open_to.items() if key not in known})
        self._update([(known[key], person) for key, person in open_to.items() if key in known])
        self._let_go(gone)
        return sorted(self.untaken)

    def _people(self, lines: Iterable[PersonLine], gone: set[str]) -> Iterator[tuple[str, _Person]]:
        """Each address once; who left according to the list is put into `gone`."""
        seen: set[str] = set()
        for line in lines:
            if (email := self._address(line)) is None:
                continue
            key = address_hash(email)
            if line.standing is PersonStanding.GONE:
                self._leave("left_elsewhere", line, _("The list says “%s”: the person is left out.") % line.said[:60])
                gone.add(key)
            elif key in seen or key in gone:
                self._leave("duplicates", line, _("The address stands in the file before."))
            else:
                seen.add(key)
                yield key, _Person(line, email, self._series_of(line))

    def _address(self, line: PersonLine) -> str | None:
        if line.is_head:
            self.untaken.append(RejectedLine(line.number, line.fault, is_wrong=False))
            return None
        try:
            return wanted_address(line)
        except BadAddress as error:
            self._leave("invalid", line, str(error), is_wrong=True)
            return None

    def _leave(self, count: str, line: PersonLine, why: str, *, is_wrong: bool = False) -> None:
        self.counts[count] += 1
        self.untaken.append(RejectedLine(line.number, why, is_wrong))

    def _series_of(self, line: PersonLine) -> set[int]:
        for topic in line.topics:
            if topic.casefold() not in self.series and (topic in self.unknown or len(self.unknown) < MOST_UNKNOWN):
                self.unknown[topic] += 1
        return {self.series[topic.casefold()] for topic in line.topics if topic.casefold() in self.series}

    def _new(self, people: dict[str, _Person], gone: set[str]) -> dict[str, _Person]:
        """Those who stand in the file for the first time."""
        keys = {UUID(key[:32]): key for key in (*people, *gone)}
        new = {keys[key] for key in self.meet(list(keys))}
        for key, person in people.items():
            if key not in new:
                self._leave("duplicates", person.line, _("The address stands in the file before."))
        return {key: person for key, person in people.items() if key in new}

    def _without_shut(self, people: dict[str, _Person], known: Mapping[str, Subscriber]) -> dict[str, _Person]:
        shut = set(Suppression.objects.filter(address_hash__in=people).values_list("address_hash", flat=True))
        shut |= {one.address_hash for one in known.values() if not one.is_standing}
        for key in shut:
            self._leave("suppressed", people[key].line, _("The person left here or cannot be reached: it stays so."))
        return {key: person for key, person in people.items() if key not in shut}

    def _create(self, people: Mapping[str, _Person]) -> None:
        """Who signs up at the same moment keeps the row that is there."""
        rows = [self._row(key, person) for key, person in people.items()]
        made: dict[str, int] = {}
        if rows:
            with connection.cursor() as cursor:
                cursor.execute(_INSERT, [list(column) for column in zip(*rows, strict=True)])
                made = dict(cursor.fetchall())
        follows = Subscriber.series.through
        follows.objects.bulk_create(
            follows(subscriber_id=pk, series_id=series) for key, pk in made.items() for series in people[key].series
        )
        self.counts["created"] += len(made)
        self.counts["unchanged"] += len(people) - len(made)

    def _row(self, key: str, person: _Person) -> tuple[object, ...]:
        """In the order of INSERT."""
        line, active = person.line, self._activates(person)
        return (
            person.email,
            key,
            person.name,
            Subscriber.State.ACTIVE.value if active else Subscriber.State.PENDING.value,
            line.depth if line.depth in Subscriber.Depth.values else Subscriber.Depth.FULL.value,
            self._paid_until(line),
            new_token(),
            Subscriber.Basis.IMPORTED.value,
            self._since(line) if active else None,
            self.basis.where,
            self.basis.words if active else "",
        )

    def _activates(self, person: _Person) -> bool:
        return self.basis.confirmed and person.line.standing is PersonStanding.OPEN

    def _since(self, line: PersonLine) -> datetime:
        """When they subscribed, as the list says; else now."""
        since = moment_of(line.since)
        return since if since and since < self.basis.now else self.basis.now

    def _paid_until(self, line: PersonLine) -> date | None:
        """The person comes in whatever stands there; what is no day is reported with the line."""
        try:
            return day_of(line.paid_until)
        except BadDay as error:
            self.untaken.append(RejectedLine(line.number, str(error), is_wrong=True))
            return None

    def _update(self, pairs: list[tuple[Subscriber, _Person]]) -> None:
        """An empty name is filled, a supporter's day moved on and never back."""
        completed = [one for one, person in pairs if self._completes(one, person)]
        Subscriber.objects.bulk_update(completed, ["name", "paid_until"], batch_size=BATCH_SIZE)
        waiting = [one for one, person in pairs if self._activates(person) and not one.is_active]
        Subscriber.objects.filter(pk__in=[one.pk for one in waiting]).update(
            state=Subscriber.State.ACTIVE,
            basis=Subscriber.Basis.IMPORTED,
            consent_at=self.basis.now,
            consent_where=self.basis.where,
            consent_words=self.basis.words,
        )
        changed = len({one.pk for one in (*completed, *waiting)})
        self.counts["updated"] += changed
        self.counts["unchanged"] += len(pairs) - changed

    def _completes(self, one: Subscriber, person: _Person) -> bool:
        """Whether the list knew more."""
        before = (one.name, one.paid_until)
        one.name = one.name or person.name
        days = [day for day in (one.paid_until, self._paid_until(person.line)) if day]
        one.paid_until = max(days, default=None)
        return before != (one.name, one.paid_until)

    def _let_go(self, gone: set[str]) -> None:
        """Whoever stands here by this very list alone leaves here, too."""
        if gone:
            brought = Subscriber.objects.standing().filter(address_hash__in=gone, basis=Subscriber.Basis.IMPORTED)
            brought.filter(consent_where=self.basis.where).update(
                state=Subscriber.State.UNSUBSCRIBED, left_at=self.basis.now
            )


def import_subscribers(
    path: Path, basis: ConsentBasis, *, say: _Say, tell: TellProgress, sheet: CsvSheet | None = None
) -> Report:
    """Raises Unreadable and OSError before anything is written; lines that are no address are problems.

    Each batch is written for good before the next: a run that is stopped is taken up by running it again.
    """
    lines, done, wrong, problems = read_people(path, sheet), 0, 0, list[Problem]()
    with remember_people() as meet:
        run = ImportRun(basis, series_by_name(), meet)
        while batch := list(islice(lines, BATCH_SIZE)):
            untaken = run.take(batch)
            tell(untaken)
            faults = [one for one in untaken if one.is_wrong]
            wrong += len(faults)
            problems += [Problem(f"{basis.source}, line {one.number}", one.why) for one in faults[:MOST_PROBLEMS]]
            del problems[MOST_PROBLEMS:]
            done += len(batch)
            if done % _TOLD == 0:
                say(f"{done:,} people read")
    for topic, count in run.unknown.most_common(20):
        say(f"No series is called “{topic}”; it was left out (lines: {count:,}).")
    more = wrong - len(problems)
    rest = (Problem(basis.source, f"{more:,} more lines with a fault."),) if more > 0 else ()
    return Report({name: run.counts[name] for name in _COUNTS}, (*problems, *rest))


@contextmanager
def remember_people() -> Iterator[_Meet]:
    """A table of this connection alone, with an index on disk instead of a set in memory."""

    def meet(keys: list[UUID]) -> list[UUID]:
        with connection.cursor() as cursor:
            cursor.execute(_MEET, [keys])
            return [key for (key,) in cursor.fetchall()]

    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS subscribers_seen")
        cursor.execute("CREATE TEMP TABLE subscribers_seen (key uuid PRIMARY KEY)")
    yield meet
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS subscribers_seen")


def wanted_address(line: PersonLine) -> str:
    """In its normal form. Raises BadAddress, with a sentence, for every line that cannot be taken as it is."""
    if line.fault:
        raise BadAddress(line.fault)
    if line.standing is PersonStanding.UNKNOWN:
        raise BadAddress(_("What the status “%s” means is not known.") % line.said[:60])
    return normalise_address(line.email)


def series_by_name() -> dict[str, int]:
    return {name.casefold(): series.pk for series in Series.objects.all() for name in (series.name, series.slug)}
