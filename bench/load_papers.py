"""load_papers beside decompressing and JSON-decoding the same file, in one run, into a fresh private database.

    python bench/load_papers.py [FILE…]     default: the recorded archive and the recent corpus

Prints the rate of each 25,000 lines, then the second run, which must write nothing. Judged is the work of one core: the
processor time of the loading process and of its PostgreSQL backend together, beside that of reading alone, as other
work on the machine disturbs it least. Exit code 1 where a goal of bench/README.md is missed.
"""

import gzip
import json
import lzma
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.embedded_plugin import DEFAULTS  # noqa: E402 (found by the path above)

CORPUS = Path(os.environ.get("LLMWATCH_DATA", ROOT.parent / "shared" / "data")) / "arxiv" / "corpus"
FILES = [CORPUS / "archive_cs_stat_to_2019.jsonl.xz", CORPUS / "recent_ai_2025-03_2026-02.jsonl.gz"]
STEP = 25_000
GOAL = 0.1


def read(path: Path) -> int:
    """Decompress and decode every line, and nothing else."""
    openers: dict[str, Any] = {".gz": gzip.open, ".xz": lzma.open}
    with openers.get(path.suffix, open)(path, "rb") as lines:
        return sum(1 for _ in map(json.loads, lines))


def reading_cost(path: Path) -> tuple[float, float]:
    """Seconds and processor seconds a line."""
    started, work = time.perf_counter(), time.process_time()
    lines = read(path)
    return (time.perf_counter() - started) / lines, (time.process_time() - work) / lines


def backend_work() -> float:
    """Processor seconds of the PostgreSQL process behind our connection so far (Linux)."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        fields = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def work() -> float:
    """Processor seconds of this process and of its backend."""
    return time.process_time() + backend_work()


class Watch:
    """What each step costs: lines a second by the clock, and by the work of one core."""

    def __init__(self) -> None:
        self.rates: list[float] = []
        self.begin()

    def begin(self) -> None:
        """Counts the lines of the next file."""
        self.last, self.lines = (0, time.perf_counter(), work()), 0

    def __call__(self, step: Any) -> None:
        self.lines = step.records
        records, clock, worked = self.last
        if step.records - records < STEP:
            return
        self.last = (step.records, time.perf_counter(), work())
        count = step.records - records
        self.rates.append(count / (self.last[2] - worked))
        by_clock = count / (self.last[1] - clock)
        print(f"  {step.records:>8,} lines: {by_clock:>7,.0f} a second, {self.rates[-1]:>7,.0f} by the work of a core")
        sys.stdout.flush()


def loading(files: list[Path]) -> Iterator[dict[str, float]]:
    """Two loads of the files into an empty database; told is the cost of the first one, which is read alone, too."""
    import django

    django.setup()
    from django.core.management import call_command

    from papers.ingest.bulk_load import load_files

    call_command("migrate", verbosity=0)
    for name in ("first run", "second run"):
        print(f"{name}:", flush=True)
        watch, told = Watch(), []
        for file in files:
            watch.begin()
            ours, theirs = time.process_time(), backend_work()
            report = load_files([file], progress=watch)
            cost = {"ours": time.process_time() - ours, "theirs": backend_work() - theirs, "lines": watch.lines}
            print(f"  {file.name}: " + ", ".join(report.lines()), flush=True)
            print("  processor seconds: {ours:.1f} ours, {theirs:.1f} of PostgreSQL".format(**cost))
            told.append({**report.counts, **cost})
        rates = watch.rates or [0.0]
        written = sum(each["new"] + each["updated"] for each in told)
        yield {**told[0], "written": written, "slowest": min(rates), "fastest": max(rates)}


def main(files: list[Path]) -> int:
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
        costs = [reading_cost(files[0])]
        first, second = loading(files)
        costs.append(reading_cost(files[0]))
    return verdict(files[0].name, costs, first, second)


def verdict(name: str, costs: list[tuple[float, float]], first: dict[str, float], second: dict[str, float]) -> int:
    reading, reading_work = (sum(cost) / len(cost) for cost in zip(*costs, strict=True))
    rate, cost = first["records_per_second"], (first["ours"] + first["theirs"]) / first["lines"]
    written = second["written"]
    print(f"reading {name} alone: {1 / reading:,.0f} lines a second, {reading_work * 1e6:,.0f} µs of a core each")
    print(f"loading: {rate:,.0f} a second, {cost * 1e6:,.0f} µs of a core each")
    print(f"loading : reading = {reading_work / cost:.3f} by the work of a core, {rate * reading:.3f} by the clock")
    print(f"slowest step {first['slowest']:,.0f}, fastest {first['fastest']:,.0f} a second by the work of a core")
    print(f"second run: {written:.0f} written, {second['records_per_second']:,.0f} a second")
    return 0 if reading_work / cost >= GOAL and written == 0 else 1


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]] or FILES))
