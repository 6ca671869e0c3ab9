"""Answers of arXiv that are kept, read again: what an older parser missed comes to light, and arXiv is not asked."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import httpx
from django.db import transaction

from core.clock import REAL_CLOCK, Clock
from core.command_reports import Problem, Report
from papers.arxiv.feed_parser import FeedError, parse_announcements
from papers.arxiv.oai_parser import OaiError, parse_page
from papers.arxiv.query_api_client import match_answer
from papers.arxiv.query_api_parser import ArxivError, parse_feed
from papers.arxiv.records import PaperRecord
from papers.arxiv.strict_xml import NotArxivFeed
from papers.identifiers import parse_arxiv_id
from papers.ingest import store_page
from papers.models import ArxivResponse, IncompletePaper, Pull
from papers.records.upsert import UpsertCounts

log = logging.getLogger(__name__)

_COUNTS: Final = ("new", "updated", "unchanged", "failed", "unreadable", "bodies")


@dataclass(frozen=True, slots=True)
class ParsedAgain:
    """What one body tells: its papers, and the records that could not be read."""

    records: tuple[PaperRecord, ...] = ()
    problems: tuple[Problem, ...] = ()


def replay_responses(
    since: datetime,
    until: datetime | None = None,
    source: str = "",
    *,
    progress: Callable[[ArxivResponse, ParsedAgain], None] = lambda body, read: None,
    clock: Clock = REAL_CLOCK,
) -> Report:
    """The bodies fetched from `since` on and before `until`, oldest first, each with its papers or not at all.

    Safe to repeat and to break off. Counts: new, updated, unchanged, failed (records), unreadable (bodies), bodies.
    """
    counts = dict.fromkeys(_COUNTS, 0)
    problems: list[Problem] = []
    for body in _bodies(since, until, source):
        counts["bodies"] += 1
        try:
            read = parse_again(body)
        except NotArxivFeed as fault:
            counts["unreadable"] += 1
            # What could not be read when it came is known.
            problems += [] if body.fault else [Problem(f"body {body.pk}", f"{fault}.")]
            continue
        synced = _write(body, read, clock)
        for name, count in (("new", synced.new), ("updated", synced.updated), ("unchanged", synced.unchanged)):
            counts[name] += count
        counts["failed"] += len(read.problems)
        problems += read.problems
        progress(body, read)
    log.info("arxiv.replayed %s", " ".join(f"{name}={count}" for name, count in counts.items()))
    return Report(counts, tuple(problems))


def parse_again(body: ArxivResponse) -> ParsedAgain:
    """By the same parsers that read it when it came. Raises NotArxivFeed where it is no answer."""
    try:
        return _READERS[body.source](body)
    except (OaiError, FeedError, ArxivError):
        return ParsedAgain()  # arXiv refused the question


def _bodies(since: datetime, until: datetime | None, source: str) -> Iterator[ArxivResponse]:
    """One at a time: together they are gigabytes."""
    kept = ArxivResponse.objects.filter(fetched__gte=since).order_by("fetched", "pk")
    kept = kept.filter(fetched__lt=until) if until else kept
    kept = kept.filter(source=source) if source else kept
    for key in kept.values_list("pk", flat=True):
        if body := ArxivResponse.objects.filter(pk=key).first():
            yield body


@transaction.atomic
def _write(body: ArxivResponse, read: ParsedAgain, clock: Clock) -> UpsertCounts:
    synced = store_page.store_records(read.records, clock)
    if body.source == Pull.Source.RSS:
        IncompletePaper.objects.queue(synced.papers, clock.now())
    return synced


def _oai(body: ArxivResponse) -> ParsedAgain:
    page = parse_page(body.whole)
    problems = (Problem(problem.id or f"body {body.pk}", problem.sentence) for problem in page.problems)
    return ParsedAgain(tuple(record.paper for record in page.records), tuple(problems))


def _rss(body: ArxivResponse) -> ParsedAgain:
    feed = parse_announcements(body.whole)
    problems = (Problem(problem.id or f"body {body.pk}", problem.sentence) for problem in feed.problems)
    return ParsedAgain(tuple(item.paper for item in feed.items), tuple(problems))


def _atom(body: ArxivResponse) -> ParsedAgain:
    """Of papers asked for by name only those."""
    feed = parse_feed(body.whole)
    problems = tuple(Problem(problem.id or f"body {body.pk}", problem.sentence) for problem in feed.problems)
    named = httpx.URL(body.asked).params.get("id_list", "")
    asked = [parse_arxiv_id(name) for name in named.split(",") if name]
    return ParsedAgain(match_answer(asked, feed).records if asked else feed.records, problems)


_READERS: Final = {"oai": _oai, "rss": _rss, "atom": _atom}
