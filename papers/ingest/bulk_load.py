"""Bulk loading of JSON lines: read as a stream, written batch by batch, so that a killed load can simply run again."""

import gc
import gzip
import lzma
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, Final, cast

from core.command_reports import Problem, Refused, Report
from papers.arxiv.records import PaperRecord
from papers.ingest.bulk_formats import LONGEST_LINE, BadLine, parse_line
from papers.records.upsert import UpsertCounts, upsert_records
from papers.search import index_backlog

BATCH_SIZE: Final = 2_000
BATCH_BYTES: Final = 16_000_000
MOST_PROBLEMS: Final = 100
_UNCOLLECTED: Final = 200_000  # objects

LoadedLine = tuple[int, bytes]


@dataclass(frozen=True, slots=True)
class LoadStep:
    """How far a load is: bytes of this file (as it lies on the disk) that were read, records in all."""

    path: Path
    bytes_read: int
    records: int


@dataclass(slots=True)
class _Tally:
    synced: UpsertCounts = field(default_factory=UpsertCounts)
    records: int = 0
    failed: int = 0
    problems: list[Problem] = field(default_factory=list)

    def write(self, records: Sequence[PaperRecord]) -> None:
        self.synced += replace(
            upsert_records(records, searchable=False), papers=frozenset()
        )  # nobody asks which, of a million
        self.records += len(records)

    def fail(self, where: str, what: str) -> None:
        self.failed += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(where, what))


def load_files(paths: Sequence[Path], *, progress: Callable[[LoadStep], None] = lambda step: None) -> Report:
    """Loads JSON lines, .gz and .xz too, in the shapes of `papers.ingest.bulk_formats`; the same again writes nothing.

    Counts: new, updated, unchanged, missing, failed (lines and files), records_per_second. Bad lines are problems by
    file and line, the first hundred of them. Search finds the first papers at once, the others as `tick` gets to them.
    Raises Refused, before anything is written, where a file cannot be opened.
    """
    for path in paths:
        _require_readable(path)
    tally, started = _Tally(), time.perf_counter()
    with _few_collections():
        for path in paths:
            _load_file(path, tally, progress)
    index_backlog.read_some()
    return _report(tally, time.perf_counter() - started)


@contextmanager
def _few_collections() -> Iterator[None]:
    """Records hold no cycles: each time the collector looks through a batch of them it looks in vain."""
    before = gc.get_threshold()
    gc.set_threshold(_UNCOLLECTED, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _require_readable(path: Path) -> None:
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror}.") from None


def _load_file(path: Path, tally: _Tally, progress: Callable[[LoadStep], None]) -> None:
    with path.open("rb") as packed, _unpacked(path.suffix, packed) as file:
        for batch in _batches(_lines(path, file, tally)):
            tally.write(list(_parsed(path, batch, tally)))
            progress(LoadStep(path, packed.tell(), tally.records))


@contextmanager
def _unpacked(suffix: str, packed: BinaryIO) -> Iterator[BinaryIO]:
    match suffix:
        case ".gz":
            with gzip.open(packed) as file:
                yield cast("BinaryIO", file)
        case ".xz":
            with lzma.open(packed) as file:
                yield cast("BinaryIO", file)
        case _:
            yield packed


def _lines(path: Path, file: BinaryIO, tally: _Tally) -> Iterator[LoadedLine]:
    """The lines that are not empty, with their numbers; of one that is too long no more than shows it to be."""
    number = 0
    try:
        while line := file.readline(LONGEST_LINE + 1):
            number += 1
            rest = line
            while len(rest) > LONGEST_LINE and not rest.endswith(b"\n"):
                rest = file.readline(LONGEST_LINE + 1)
            if line.strip():
                yield number, line
    except (EOFError, OSError, lzma.LZMAError, zlib.error):
        tally.fail(str(path), f"is cut off or damaged after line {number:,}; what came before is loaded.")


def _batches(lines: Iterator[LoadedLine]) -> Iterator[list[LoadedLine]]:
    batch: list[LoadedLine] = []
    size = 0
    for line in lines:
        batch.append(line)
        size += len(line[1])
        if len(batch) == BATCH_SIZE or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _parsed(path: Path, lines: Sequence[LoadedLine], tally: _Tally) -> Iterator[PaperRecord]:
    for number, line in lines:
        try:
            yield parse_line(line)
        except BadLine as error:
            tally.fail(f"{path}:{number}", str(error))


def _report(tally: _Tally, seconds: float) -> Report:
    counts = {
        "new": tally.synced.new,
        "updated": tally.synced.updated,
        "unchanged": tally.synced.unchanged,
        "missing": 0,
        "failed": tally.failed,
        "records_per_second": round(tally.records / seconds) if seconds else 0,
    }
    unlisted = tally.failed - len(tally.problems)
    more = [Problem("and more", f"{unlisted:,} further lines failed")] if unlisted else []
    return Report(counts, (*tally.problems, *more))
