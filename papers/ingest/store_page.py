"""A page of papers from arXiv: what is new is written down, shown to the watches, and counted, or nothing of it."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from core.clock import REAL_CLOCK, Clock
from core.command_reports import Problem
from papers.arxiv.records import PaperRecord
from papers.ingest.run import IngestRun, RunStep
from papers.models import Pull
from papers.records.upsert import UpsertCounts, upsert_records
from papers.watches.matching import match_papers


@dataclass(frozen=True, slots=True)
class FetchedPage:
    """A page; `started` is time.monotonic() when it was asked for, `token` asks for the next one."""

    records: Sequence[PaperRecord]
    sha256: str
    started: float
    problems: tuple[Problem, ...] = ()
    missing: int = 0
    token: str = ""

    @property
    def size(self) -> int:
        return len(self.records) + self.missing + len(self.problems)


@transaction.atomic
def store_records(records: Sequence[PaperRecord], clock: Clock = REAL_CLOCK) -> UpsertCounts:
    """These papers, and which watches they answer to."""
    synced = upsert_records(records)
    match_papers(synced.papers, clock=clock)
    return synced


def store_page(
    page: FetchedPage, pull: Pull, run: IngestRun, *, also: Callable[[UpsertCounts], object] = lambda _: None
) -> UpsertCounts:
    """The papers, the row that tells of them, and what is `also` to be written; or nothing of it."""
    with transaction.atomic():
        synced = store_records(page.records, run.clock)
        counts = {
            "new": synced.new,
            "updated": synced.updated,
            "unchanged": synced.unchanged,
            "missing": page.missing,
            "failed": len(page.problems),
        }
        took = timedelta(seconds=time.monotonic() - page.started)
        kept = {**counts, "records": page.size}
        pull.keep(kept, token=page.token, sha256=page.sha256, took=took, clock=run.clock)
        also(synced)
    run.add(**counts, pages=1)
    run.problems += page.problems
    run.tell(RunStep(str(pull), pull.pages, page.size))
    return synced
