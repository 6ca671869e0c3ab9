"""Pages of OAI-PMH from memory → PostgreSQL, beside lxml reading the same bytes and a COPY of the same rows.

    python bench/harvest.py [--rows 700000] [--corpus FILE]

The pages (arXivRaw, 1,300 records each) are the simulated arXiv's, made from the recent corpus; beyond its papers they
are copies under other identifiers. This process and its PostgreSQL backend share one core, and judged is their
processor time together. Exit code 1 where a goal of bench/README.md is missed.
"""

import argparse
import gc
import hashlib
import io
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from lxml import etree

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.arxiv_simulator.archive import Archive  # noqa: E402 (found by the path above)
from tests.arxiv_simulator.days import next_feed_day  # noqa: E402
from tests.arxiv_simulator.faults import NONE  # noqa: E402
from tests.arxiv_simulator.formats.oai import Repository  # noqa: E402
from tests.arxiv_simulator.history import Event, Paper  # noqa: E402
from tests.embedded_plugin import DEFAULTS  # noqa: E402

CORPUS = Path(os.environ.get("LLMWATCH_DATA", ROOT.parent / "shared" / "data")) / "arxiv" / "corpus"
RECENT = CORPUS / "recent_ai_2025-03_2026-02.jsonl.gz"
PAGE = 1_300
ROUND = 5  # pages
ROUNDS = 5
STEPS = [10_000, 50_000, 100_000, 300_000, 700_000]
GOAL = 0.4  # of the rate of a COPY of the same rows into the same table, indexed and searchable
FLAT = 0.7  # of the first step's rate is the least that the last may have
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
MONTHS = [f"{year}{month:02}" for year in range(60, 80) for month in range(1, 13)]
_TOKEN = re.compile(rb"<resumptionToken[^>]*>([^<]+)<")
_ID = re.compile(rb"(?:(?<=<identifier>oai:arXiv\.org:)|(?<=<id>))[^<]+")


def pages_of(papers: Sequence[Paper]) -> list[bytes]:
    """The whole pages that the simulated arXiv makes of them; one that is not full is left out."""
    repository = Repository(Archive(papers), "http://127.0.0.1/oai", PAGE)
    asked, pages = [("verb", "ListRecords"), ("metadataPrefix", "arXivRaw")], []
    while token := _TOKEN.search(body := repository.answer(asked, NOW, NONE).body):
        pages.append(body)
        asked = [("verb", "ListRecords"), ("resumptionToken", token[1].decode())]
    return pages


def revised(paper: Paper) -> Paper:
    """The same paper with one version more."""
    last = paper.events[-1]
    day, state = next_feed_day(last.day + timedelta(days=30)), last.state
    words = f"{state.abstract} This sentence is new in version {state.version + 1}, and made by the bench."
    later = replace(state, version=state.version + 1, submitted=state.submitted + timedelta(days=30), abstract=words)
    return Paper(paper.id, (*paper.events, Event(day, "replace", later)))


def renumbered(body: bytes, numbers: Iterator[int]) -> bytes:
    """The page with other identifiers, which no paper has."""
    others: dict[bytes, bytes] = {}

    def other(match: re.Match[bytes]) -> bytes:
        if match[0] not in others:
            number = next(numbers)
            others[match[0]] = f"{MONTHS[number // 99_999]}.{number % 99_999 + 1:05}".encode()
        return others[match[0]]

    return _ID.sub(other, body)


def backend() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def backend_work(pid: int) -> float:
    """Processor seconds of the PostgreSQL process behind our connection so far (Linux)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds: by the clock, of this process, and of its backend."""

    records: int
    clock: float
    ours: float
    theirs: float

    @property
    def each(self) -> float:
        """Microseconds of a core a record."""
        return (self.ours + self.theirs) / self.records * 1e6

    def __str__(self) -> str:
        ours, theirs = (seconds / self.records * 1e6 for seconds in (self.ours, self.theirs))
        rate = self.records / self.clock
        told = f"{self.each:>5.0f} µs of a core a record ({ours:.0f} ours, {theirs:.0f} PostgreSQL's)"
        return f"{told}, {rate:,.0f} a second by the clock"


def cost(do: Callable[[], object], records: int, pid: int) -> Cost:
    before = (time.perf_counter(), time.process_time(), backend_work(pid))
    do()
    after = (time.perf_counter(), time.process_time(), backend_work(pid))
    return Cost(records, *(b - a for a, b in zip(before, after, strict=True)))


def read(pages: Sequence[bytes]) -> None:
    """lxml alone: the tree, and all text in it."""
    for body in pages:
        "".join(map(str, etree.fromstring(body).itertext()))


def parsed(pages: Sequence[bytes]) -> None:
    from papers.arxiv.oai_parser import parse_page

    for body in pages:
        parse_page(body)


def harvested(pages: Sequence[bytes]) -> dict[str, int]:
    """As papers.ingest.harvest does it: a page, its papers and the checkpoint in one transaction."""
    from django.db import transaction

    from papers.arxiv.oai_parser import parse_page
    from papers.models import Pull
    from papers.records.upsert import upsert_records

    day = Pull.objects.count()
    pull = Pull.objects.create(source="oai", set_spec="cs", day=date(2006, 1, 1) + timedelta(days=day), form="arXivRaw")
    told = dict.fromkeys(("new", "updated", "unchanged"), 0)
    for number, body in enumerate(pages, start=1):
        page, sha256 = parse_page(body), hashlib.sha256(body).hexdigest()
        with transaction.atomic():
            synced = upsert_records([record.paper for record in page.records])
            counts = {name: getattr(synced, name) for name in told}
            token = page.token if number < len(pages) else ""
            pull.keep({**counts, "records": page.size}, token=token, sha256=sha256, took=timedelta(seconds=1))
        told = {name: told[name] + counts[name] for name in told}
    return told


class Rows:
    """The rows that a harvest wrote, and two tables to copy them to: one as papers has it, one without an index."""

    def __init__(self) -> None:
        from django.db import connection

        from papers.models import Paper

        self.cursor: Any = connection.cursor()
        self.table = Paper._meta.db_table
        names = [field.column for field in Paper._meta.local_concrete_fields if not field.generated]
        self.columns = ", ".join(f'"{name}"' for name in names)
        self.cursor.execute(f"CREATE UNLOGGED TABLE bench_rows (LIKE {self.table})")
        self.cursor.execute(f"CREATE TABLE bench_bare (LIKE {self.table})")
        self.cursor.execute(f"CREATE TABLE bench_indexed (LIKE {self.table} INCLUDING ALL)")

    def latest(self, number: int) -> bytes:
        held = io.BytesIO()
        rows = f"SELECT {self.columns} FROM {self.table} ORDER BY id DESC LIMIT {number}"
        with self.cursor.copy(f"COPY ({rows}) TO STDOUT") as copy:
            for piece in copy:
                held.write(piece)
        return held.getvalue()

    def into(self, table: str, rows: bytes) -> Callable[[], None]:
        def copy_in() -> None:
            with self.cursor.copy(f"COPY {table} ({self.columns}) FROM STDIN") as copy:
                copy.write(rows)

        return copy_in


@contextmanager
def one_core() -> Iterator[int]:
    """This process and its backend on one core; the backend's pid."""
    pid, core = backend(), {min(os.sched_getaffinity(0))}
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, core)
    os.sched_setaffinity(pid, core)
    try:
        yield pid
    finally:
        os.sched_setaffinity(0, before)


class Bench:
    """Rounds of pages into one growing table, and beside each the same bytes and rows by other roads."""

    def __init__(self, pages: Sequence[bytes], pid: int) -> None:
        self.pages, self.pid, self.numbers = pages, pid, count()
        self.rows, self.done, self.written_again = Rows(), 0, 0
        self.costs: dict[str, list[Cost]] = {}

    def next_pages(self) -> list[bytes]:
        """The pages as they are first; then copies of them."""
        number = self.done // PAGE
        chosen = [self.pages[(number + n) % len(self.pages)] for n in range(ROUND)]
        if number + ROUND <= len(self.pages):
            return chosen
        return [renumbered(body, self.numbers) for body in chosen]

    def measure(self, name: str, do: Callable[[], object]) -> Cost:
        told = cost(do, ROUND * PAGE, self.pid)
        self.costs.setdefault(name, []).append(told)
        return told

    def fill(self, size: int) -> Cost:
        """Until so many papers are here; told is what the last round cost."""
        while True:
            chosen = self.next_pages()
            told = cost(lambda pages=chosen: harvested(pages), ROUND * PAGE, self.pid)  # type: ignore[misc]
            self.done += ROUND * PAGE
            if self.done >= size:
                return told

    def side_by_side(self) -> None:
        """A round by every road; copies go into empty tables."""
        chosen = self.next_pages()
        self.measure("lxml alone", lambda: read(chosen))
        self.measure("our parser alone", lambda: parsed(chosen))
        self.measure("harvest", lambda: harvested(chosen))
        self.done += ROUND * PAGE
        self.measure("the same again", lambda: self.again(chosen))
        rows = self.rows.latest(ROUND * PAGE)
        for table in ("bench_bare", "bench_indexed"):
            self.measure(f"COPY, {table.removeprefix('bench_')}", self.rows.into(table, rows))
            self.rows.cursor.execute(f"TRUNCATE {table}")

    def again(self, chosen: Sequence[bytes]) -> None:
        told = harvested(chosen)
        self.written_again += told["new"] + told["updated"]

    def ratios(self, name: str, other: str) -> list[float]:
        """How fast the one is, as a share of the other, round by round."""
        return [b.each / a.each for a, b in zip(self.costs[name], self.costs[other], strict=True)]

    def tell(self) -> None:
        for name, costs in self.costs.items():
            middle = sorted(costs, key=lambda one: one.each)[len(costs) // 2]
            print(f"  {name:<16} {middle}; {spread([one.each for one in costs])}")
        for name, other in RATIOS:
            print(f"  {name} : {other} = {spread(self.ratios(name, other), 3)}")


RATIOS = [
    ("our parser alone", "lxml alone"),
    ("harvest", "lxml alone"),
    ("harvest", "COPY, indexed"),
    ("harvest", "COPY, bare"),
    ("COPY, indexed", "lxml alone"),
]


def spread(values: Sequence[float], digits: int = 0) -> str:
    middle, least, most = statistics.median(values), min(values), max(values)
    return f"{middle:.{digits}f} ({least:.{digits}f} to {most:.{digits}f})"


def measured(corpus: Path, most: int) -> int:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    papers = list(Archive.read(corpus, made=0.2).papers.values())
    pages = pages_of(papers)
    later = pages_of(list(map(revised, papers[: (ROUND + 2) * PAGE])))[:ROUND]
    del papers
    gc.freeze()  # a harvest has no such heap to look through
    print(f"{len(pages)} pages of {PAGE:,} records, {sum(map(len, pages)) / len(pages) / PAGE:,.0f} bytes a record")
    print(f"beyond {len(pages) * PAGE:,} papers: copies under other identifiers, from {MONTHS[0]}.00001 on", flush=True)
    with one_core() as pid:
        bench = Bench(pages, pid)
        steps = []
        for size in filter(lambda step: step <= most, STEPS):
            steps.append((size, bench.fill(size)))
            print(f"  {size:>8,} papers: {steps[-1][1]}", flush=True)
        for _ in range(ROUNDS):
            bench.side_by_side()
        bench.tell()
        print(f"  a version more of each: {cost(lambda: print(' ', harvested(later)), ROUND * PAGE, pid)}")
    return verdict(bench, steps)


def verdict(bench: Bench, steps: Sequence[tuple[int, Cost]]) -> int:
    flat = steps[0][1].each / steps[-1][1].each
    print(f"rate at {steps[-1][0]:,} papers : rate at {steps[0][0]:,} = {flat:.2f}")
    beside_copy = statistics.median(bench.ratios("harvest", "COPY, indexed"))
    return 0 if flat >= FLAT and beside_copy >= GOAL and bench.written_again == 0 else 1


def main(corpus: Path, most: int) -> int:
    from llmwatch import devservers

    with (
        tempfile.TemporaryDirectory(prefix="llmwatch-bench-") as folder,
        devservers.start_servers(Path(folder)) as servers,
    ):
        os.environ |= {
            **DEFAULTS,
            "DJANGO_SETTINGS_MODULE": "llmwatch.settings",
            "DATABASE_URL": servers.addresses.database_url,
            "REDIS_URL": servers.addresses.redis_url,
        }
        return measured(corpus, most)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=STEPS[-1])
    parser.add_argument("--corpus", type=Path, default=RECENT)
    given = parser.parse_args()
    sys.exit(main(given.corpus, given.rows))
