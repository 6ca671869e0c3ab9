"""Papers by their identifiers, from arXiv into the database: the command and the task do the same."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from core.clock import REAL_CLOCK, Clock
from core.command_reports import Problem, Report
from papers.arxiv.polite_http import ArxivRefused
from papers.arxiv.query_api_client import BATCH_SIZE, ArxivClient, FetchFailure, FetchResult
from papers.identifiers import ArxivId, BadIdentifier, parse_arxiv_id
from papers.ingest import arxiv_gateway
from papers.ingest.run import open_query_client
from papers.ingest.store_page import store_records
from papers.records.upsert import UpsertCounts

log = logging.getLogger(__name__)

NO_SUCH_PAPER = "arXiv has no such paper; check the identifier."


def pull_ids(ids: Sequence[str], *, clock: Clock = REAL_CLOCK) -> Report:
    """Fetches these papers, written in any form, and writes down what is new. Safe to repeat; no id harms another.

    Counts: new, updated, unchanged, missing, failed. Every id without a paper is a problem. Raises Refused where
    ARXIV_API_URL is unusable.
    """
    asked, bad = _parsed(ids)
    synced, fetched = UpsertCounts(), FetchResult()
    with _client(clock) as client:
        for batch in _batches(client, asked):
            synced += store_records(batch.records, clock)
            fetched += batch
    report = _report(synced, fetched, bad)
    log.info("arxiv.pull %s", " ".join(f"{name}={count}" for name, count in report.counts.items()))
    return report


def _parsed(ids: Sequence[str]) -> tuple[list[ArxivId], list[Problem]]:
    asked: list[ArxivId] = []
    bad: list[Problem] = []
    for written in ids:
        try:
            asked.append(parse_arxiv_id(written))
        except BadIdentifier as error:
            bad.append(Problem(written, str(error)))
    return list(dict.fromkeys(asked)), bad


@contextmanager
def _client(clock: Clock) -> Iterator[ArxivClient]:
    with arxiv_gateway.open_gateway(clock) as polite:
        yield open_query_client(polite)


def _batches(client: ArxivClient, asked: Sequence[ArxivId]) -> Iterator[FetchResult]:
    """One result for each batch; a refusal of arXiv ends them and fails what is left."""
    answered = 0
    try:
        for batch in client.fetch_batches(asked):
            yield batch
            answered += BATCH_SIZE
    except ArxivRefused as refusal:
        yield FetchResult(failed=(FetchFailure(tuple(map(str, asked[answered:])), str(refusal)),))


def _report(synced: UpsertCounts, fetched: FetchResult, bad: Sequence[Problem]) -> Report:
    missing = [Problem(one, NO_SUCH_PAPER) for one in fetched.missing]
    failed = [Problem(one, failure.sentence) for failure in fetched.failed for one in failure.ids]
    counts = {
        "new": synced.new,
        "updated": synced.updated,
        "unchanged": synced.unchanged,
        "missing": len(missing),
        "failed": len(bad) + len(failed),
    }
    return Report(counts, (*bad, *missing, *failed))
