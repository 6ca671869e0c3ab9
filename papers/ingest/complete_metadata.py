"""What feeds leave out of a paper (comment, times, affiliations): asked of the query API, a few times and no more."""

import hashlib
import logging
import time
from collections.abc import Sequence
from typing import Any, Final

from core.command_reports import Problem
from core.concurrency.advisory_locks import alone_at
from papers.arxiv.polite_http import ArxivRefused, ArxivUnavailable
from papers.arxiv.query_api_client import BATCH_SIZE, ArxivClient, FetchResult
from papers.identifiers import parse_arxiv_id
from papers.ingest import store_page
from papers.ingest.arxiv_calendar import feed_day
from papers.ingest.run import IngestRun
from papers.ingest.store_page import FetchedPage
from papers.models import IncompletePaper, Pull

log = logging.getLogger(__name__)

# What stands in the place of a set on the rows of these pulls.
FEED_SOURCES: Final = "feeds"


def complete_metadata(client: ArxivClient, run: IngestRun) -> None:
    """Batch by batch, while the round lasts. What arXiv does not have yet is asked for again later, at most four times.

    Raises ArxivRefused and ArxivUnavailable, and leaves the batch to be asked for again.
    """
    with alone_at("complete") as is_ours:
        if not is_ours:
            return
        IncompletePaper.objects.over().delete()
        while run.may_go_on and (batch := _batch(run)):
            _ask(client, batch, run)


def _batch(run: IngestRun) -> list[IncompletePaper]:
    due = IncompletePaper.objects.due(run.clock.now()).exclude(paper__arxiv_id=None)
    return list(due.select_related("paper").order_by("ask_at", "pk")[:BATCH_SIZE])


def _ask(client: ArxivClient, batch: Sequence[IncompletePaper], run: IngestRun) -> None:
    """Each was asked for once more, whatever comes of it: what kills us asks for nothing for ever."""
    pull = _taken_up(run)
    for row in batch:
        row.asked(run.clock.now())
    IncompletePaper.objects.bulk_update(batch, ["attempts", "ask_at"])
    started = time.monotonic()
    try:
        fetched = sum(client.fetch_batches([parse_arxiv_id(row.paper.key) for row in batch]), FetchResult())
        _require_answer(fetched, len(batch))
    except (ArxivRefused, ArxivUnavailable) as fault:
        pull.stop(Pull.Outcome.PENDING, str(fault))
        raise
    _keep(fetched, pull, run, started)


def _taken_up(run: IngestRun) -> Pull:
    now = run.clock.now()
    of_today: dict[str, Any] = {"source": Pull.Source.ATOM, "set_spec": FEED_SOURCES, "day": feed_day(now), "form": ""}
    pull, _ = Pull.objects.unfinished().get_or_create(**of_today, defaults={"started": now})
    pull.take_up(clock=run.clock)
    return pull


def _require_answer(fetched: FetchResult, asked: int) -> None:
    """Raises ArxivUnavailable where nothing is known of any paper."""
    if sum(len(failure.ids) for failure in fetched.failed) == asked:
        raise ArxivUnavailable(fetched.failed[0].sentence)


def _keep(fetched: FetchResult, pull: Pull, run: IngestRun, started: float) -> None:
    """The papers; those that are complete now are struck off."""
    problems = (Problem(one, failure.sentence) for failure in fetched.failed for one in failure.ids)
    named = ",".join(f"{record.arxiv_id}v{record.version}" for record in fetched.records)
    sha256 = hashlib.sha256(named.encode()).hexdigest()
    page = FetchedPage(fetched.records, sha256, started, tuple(problems), len(fetched.missing))
    synced = store_page.store_page(page, pull, run, also=lambda _: IncompletePaper.objects.over().delete())
    log.info("arxiv.completed asked=%d updated=%d missing=%d", page.size, synced.updated, page.missing)
