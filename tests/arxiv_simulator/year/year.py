"""A simulated time, lived through: processes that follow arXiv, everything that goes wrong at random, sudden deaths.

`python -m tests.arxiv_simulator.year CORPUS` lives it in a database of its own, says how it goes and what is not as
it should be.
"""

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from queue import SimpleQueue
from random import Random
from threading import Lock, Thread
from time import monotonic, sleep
from typing import Any, Final

import django
import psycopg
from django.core.management import call_command
from django.db import connection

from llmwatch import devservers
from tests.arxiv_simulator.archive import Archive
from tests.arxiv_simulator.days import DAY, Clock, midnight
from tests.arxiv_simulator.faults import Plan
from tests.arxiv_simulator.history import Paper
from tests.arxiv_simulator.manners import Manners, Violation
from tests.arxiv_simulator.server import serving
from tests.arxiv_simulator.simulator import API_PATH, OAI_PATH, RSS_PATH, Simulator
from tests.arxiv_simulator.year.timekeeper import Look, Timekeeper

FOLLOWED: Final = ("cs.AI", "cs.CL", "cs.CV", "cs.IR", "cs.LG")
# Of a thousand faults. A refusal closes the road for a day, and what is missing without a trace is rare.
MIXTURE: Final = (
    *("429", "503") * 120,
    *("empty", "truncated", "html", "slow", "dropped", "short") * 80,
    *("duplicates", "wrong-root", "redirect", "stale", "entities") * 50,
    *("missing",) * 17,
    *("huge",) * 10,
    *("403",) * 3,
)
RATE, DEATHS = 0.15, 0.02
_ASKER: Final = re.compile(r"\(\+(.+)\)")
_LONGEST_RESPITE: Final = 0.04

_WAITING: Final = """
    SELECT a.application_name, bool_or(l.pid IS NOT NULL)
    FROM pg_stat_activity a LEFT JOIN pg_locks l ON l.pid = a.pid AND NOT l.granted
    WHERE a.datname = current_database() AND a.application_name LIKE 'worker-%' GROUP BY 1
"""
# What is filled stays filled: none of these counts ever falls. The time of the latest version is not among them: of a
# version that only a feed has told of it is not known yet, and that of the one before would be wrong.
_FILLED: Final = """
    SELECT count(*), count(*) FILTER (WHERE abstract <> ''), count(*) FILTER (WHERE authors <> '[]'),
        count(*) FILTER (WHERE categories <> '{}'), count(*) FILTER (WHERE comment <> ''),
        count(*) FILTER (WHERE journal_ref <> ''), count(*) FILTER (WHERE dois <> '{}'),
        count(submitted), count(announced), count(datestamp), count(*) FILTER (WHERE licence <> ''),
        count(version), coalesce(sum(version), 0), (SELECT count(*) FROM papers_paperversion)
    FROM papers_paper
"""


class Fallen(Exception):
    """A worker ended and nobody had killed it; the message has its last words."""


@dataclass(frozen=True, slots=True)
class Course:
    """The days that are lived, New York's: the last `quiet` ones without faults and deaths.

    `rate` is the share of requests with a fault, `deaths` that of requests after which somebody is killed.
    """

    first: date
    last: date
    seed: int = 1
    rate: float = RATE
    deaths: float = DEATHS
    quiet: int = 6
    crew: int = 2
    kinds: tuple[str, ...] = MIXTURE


@dataclass(frozen=True, slots=True)
class Lived:
    """How it went. `blanked` says on which days something was less than before; `words` is what the workers logged."""

    simulator: Simulator
    kills: int
    blanked: tuple[str, ...]
    seconds: float
    words: str

    @property
    def violations(self) -> list[Violation]:
        return self.simulator.manners.violations

    @property
    def summary(self) -> str:
        """One line of counts."""
        requests, faults = self.simulator.manners.requests, len(self.simulator.faults)
        kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(self.faults.items()))
        return f"{requests:,} requests, {self.kills} kills, {faults:,} faults ({kinds}), {self.seconds:.0f} s"

    @property
    def faults(self) -> Counter[str]:
        return Counter(self.simulator.faults.values())


def trimmed(papers: Iterable[Paper], last: date) -> Archive:
    """Nothing happens after this day."""
    kept = (replace(paper, events=tuple(event for event in paper.events if event.day <= last)) for paper in papers)
    return Archive(paper for paper in kept if paper.events)


class Watched(Manners):
    """Tells who asks, too."""

    def __init__(self, delay: float, keeper: Timekeeper, clock: Clock, seen: Callable[[str], None]) -> None:
        super().__init__(delay, keeper.seconds, clock.now)
        self._seen = seen

    def arrive(self, asker: str = "", has_hung_up: Callable[[], bool] = lambda: False) -> int:
        found = _ASKER.search(asker)
        name = found[1] if found else asker
        number = super().arrive(name, has_hung_up)
        self._seen(name)
        return number


class Crew:
    """The processes that follow arXiv: as many as are asked for, whoever dies."""

    def __init__(self, nursery: "subprocess.Popen[str]") -> None:
        self._nursery = nursery
        self.numbers: dict[str, int] = {}
        self.killed: set[str] = set()
        self._lock = Lock()

    def bear(self) -> None:
        with self._lock:
            name = f"worker-{len(self.numbers) + len(self.killed) + 1}"
            assert self._nursery.stdin
            assert self._nursery.stdout
            self._nursery.stdin.write(f"{name}\n")
            self._nursery.stdin.flush()
            self.numbers[name] = int(self._nursery.stdout.readline())

    def kill(self, name: str) -> bool:
        """False where it is dead already."""
        with self._lock:
            number = self.numbers.pop(name, None)
            if number is None:
                return False
            self.killed.add(name)
            os.kill(number, signal.SIGKILL)
            return True

    @contextmanager
    def at_work(self, most: int) -> Iterator[None]:
        for _ in range(most):
            self.bear()
        try:
            yield
        finally:
            for name in list(self.numbers):
                self.kill(name)

    def others(self, name: str) -> list[str]:
        return sorted(self.numbers.keys() - {name})


class Reaper:
    """Kills at random, some moments after a request: mostly who asked, at times another."""

    def __init__(self, crew: Crew, deaths: float, seed: int) -> None:
        self.deaths = deaths
        self._crew, self._rng = crew, Random(seed)
        self._doomed: SimpleQueue[str | None] = SimpleQueue()

    def seen(self, name: str) -> None:
        if self._rng.random() < self.deaths:
            self._doomed.put(name)

    @contextmanager
    def about(self, manners: Manners) -> Iterator[None]:
        thread = Thread(target=self._reap, args=(manners,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._doomed.put(None)
            thread.join()

    def _reap(self, manners: Manners) -> None:
        while (name := self._doomed.get()) is not None:
            sleep(self._rng.uniform(0, _LONGEST_RESPITE))
            victim = self._rng.choice([name, name, name, *self._crew.others(name)[:1]])
            if self._crew.kill(victim):
                manners.died(victim)
                self._crew.bear()


class Watch:
    """Looks at the database each midnight, while everybody waits: nothing that was there may be gone."""

    def __init__(self, connection: "psycopg.Connection[Any]", tell: Callable[[datetime, int], None]) -> None:
        self._connection, self._tell = connection, tell
        self._day = date.min
        self._counts: Sequence[int] = ()
        self.blanked: list[str] = []

    def look(self, now: datetime) -> None:
        if now.date() == self._day:
            return
        self._day = now.date()
        counts: tuple[int, ...] = self._connection.execute(_FILLED).fetchone() or (0,)
        if any(count < before for count, before in zip(counts, self._counts, strict=False)):
            self.blanked.append(f"{self._day}: {self._counts} → {counts}")
        self._counts = counts
        self._tell(now, counts[0])


def live(archive: Archive, course: Course, database: str, folder: Path, say: Callable[[str], None]) -> Lived:
    """Lives it in this database (a URL), with sockets and what the workers say in this folder."""
    begin, start = monotonic(), midnight(course.first).astimezone(UTC)
    with psycopg.connect(database, autocommit=True) as eye:
        keeper = Timekeeper(folder, start, course.crew)
        simulator = Simulator(archive, Clock(start, keeper.seconds), plan=_plan(course), delay=3.0)
        with serving(simulator), keeper.keeping(), _nursery(simulator, database, folder) as nursery:
            crew = Crew(nursery)
            reaper = Reaper(crew, course.deaths, course.seed)
            simulator.manners = Watched(3.0, keeper, simulator.clock, reaper.seen)
            watch = Watch(eye, _teller(simulator, crew, say))
            keeper.passing = watch.look
            keeper.look = _looker(eye, keeper, crew, folder)
            with reaper.about(simulator.manners), crew.at_work(course.crew):
                keeper.run(datetime.combine(course.last + DAY, time(), UTC))
                reaper.deaths, simulator.plan = 0.0, Plan()
                keeper.run(datetime.combine(course.last + course.quiet * DAY, time(12), UTC))
            watch.look(keeper.now() + DAY)
    seconds, words = monotonic() - begin, (folder / "words").read_text()
    return Lived(simulator, len(crew.killed), tuple(watch.blanked), seconds, words)


def _looker(connection: "psycopg.Connection[Any]", keeper: Timekeeper, crew: Crew, folder: Path) -> Look:
    def look() -> dict[str, bool]:
        fallen = keeper.left - crew.killed
        if fallen:
            raise Fallen(f"{', '.join(sorted(fallen))}: {(folder / 'words').read_text()[-4_000:]}")
        return dict(connection.execute(_WAITING).fetchall())

    return look


def _plan(course: Course) -> Plan:
    return Plan(rate=course.rate, seed=course.seed, kinds=course.kinds)


@contextmanager
def _nursery(simulator: Simulator, database: str, folder: Path) -> "Iterator[subprocess.Popen[str]]":
    environ = {
        **os.environ,
        "DATABASE_URL": database,
        "ARXIV_API_URL": f"{simulator.origin}{API_PATH}",
        "ARXIV_OAI_URL": f"{simulator.origin}{OAI_PATH}",
        "ARXIV_RSS_URL": f"{simulator.origin}{RSS_PATH}",
        "ARXIV_DELAY": "3",
    }
    command = [sys.executable, "-m", "tests.arxiv_simulator.year.worker", str(folder)]
    pipe = subprocess.PIPE
    with (
        (folder / "words").open("w") as words,
        subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=words, env=environ, text=True) as nursery,
    ):
        yield nursery


def _teller(simulator: Simulator, crew: Crew, say: Callable[[str], None]) -> Callable[[datetime, int], None]:
    begin = monotonic()

    def tell(now: datetime, papers: int) -> None:
        requests, faults, kills = simulator.manners.requests, len(simulator.faults), len(crew.killed)
        bad = len(simulator.manners.violations)
        seconds = monotonic() - begin
        say(
            f"{now:%Y-%m-%d} papers {papers:,}, requests {requests:,}, faults {faults:,}, kills {kills:,}, "
            f"bad manners {bad}, {seconds:.0f} s"
        )

    return tell


def main(words: Sequence[str]) -> int:
    """0 where everything is as it should be."""
    options = _options(words)
    with (
        tempfile.TemporaryDirectory(prefix="year-") as name,
        devservers.start_servers(Path(name, "db"), durable=False) as engine,
    ):
        database = engine.addresses.database_url
        os.environ.update(DEBUG="1", DATABASE_URL=database, REDIS_URL=engine.addresses.redis_url)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "llmwatch.settings")
        django.setup()
        from tests.arxiv_simulator.year.comparing import differences, follow_all, lost_feeds

        call_command("migrate", verbosity=0)
        follow_all(FOLLOWED)
        course = Course(options.first, options.last, options.seed, options.rate, options.deaths)
        papers = Archive.read(options.corpus, options.seed, most=options.most).papers.values()
        lived = live(trimmed(papers, options.last), course, database, Path(name), _say)
        if options.words:
            options.words.write_text(lived.words)
        wrong = [*lived.blanked, *_sentences(lived), *differences(lived.simulator, FOLLOWED, options.first)]
        for category, day in sorted(lost_feeds(lived.simulator)):
            _say(f"feed of {category} on {day}: not to be had, as arXiv refused access that day")
        _say("\n".join((*wrong, lived.summary, f"{len(wrong):,} things are not as they should be")))
        connection.close()
    return 1 if wrong else 0


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Lives through a time with the simulated arXiv, and judges the end.")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--first", type=date.fromisoformat, default=date(2025, 3, 17), help="day of New York")
    parser.add_argument("--last", type=date.fromisoformat, default=date(2026, 3, 17), help="day of New York")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=RATE, help="share of requests with a fault")
    parser.add_argument("--deaths", type=float, default=DEATHS, help="share that somebody dies after")
    parser.add_argument("--most", type=int, help="read the first lines of the corpus only")
    parser.add_argument("--words", type=Path, help="where to keep what the workers logged")
    return parser.parse_args(words)


def _sentences(lived: Lived) -> Iterator[str]:
    for violation in lived.violations:
        yield f"request {violation.request} {violation.sentence}"


def _say(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
