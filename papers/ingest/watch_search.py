"""What one watch asks of arXiv now: the feeds of its categories, and its words over the last days."""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from core.clock import REAL_CLOCK, Clock
from core.command_reports import Problem, Refused, Report
from core.concurrency.advisory_locks import alone_at
from papers.arxiv.polite_http import ArxivRefused, ArxivUnavailable, PoliteHttp
from papers.arxiv.query_api_parser import ArxivError
from papers.arxiv.search_client import PAGE_SIZE, DaySpan, SearchClient
from papers.ingest import arxiv_gateway, complete_metadata, feeds, store_page
from papers.ingest.run import IngestRun, TellStep, open_query_client, open_search_client
from papers.ingest.store_page import FetchedPage
from papers.models import Pull, Watch
from papers.models.pull import REST_KEY

log = logging.getLogger(__name__)

# arXiv's moderation holds papers for days, and then announces them with the time of their submission.
_DAYS: Final = 7
_MORE: Final = "the next page"


@dataclass(frozen=True, slots=True)
class _Asked:
    """A page, the names of its papers, and how many there are on all pages of its span."""

    total: int
    names: frozenset[str]
    arrival: FetchedPage


def search_for_watch(slug: str, *, progress: TellStep = lambda _: None, clock: Clock = REAL_CLOCK) -> Report:
    """Its feeds as they stand, what they leave out, and what was submitted in the last seven days and has its words.

    Counts: new, updated, unchanged, missing, failed. Safe to repeat. Raises Refused.
    """
    watch = _watch(slug)
    run = IngestRun(clock, progress)
    with arxiv_gateway.open_gateway(clock) as polite:
        try:
            _read_feeds(polite, watch, run)
            _go_through(polite, watch, run)
        except ArxivRefused as refusal:
            run.fail(watch.slug, f"{refusal}.")
    log.info("arxiv.sought watch=%s %s", watch.slug, " ".join(f"{name}={n}" for name, n in run.counts.items()))
    return run.report()


def _watch(slug: str) -> Watch:
    found = Watch.objects.filter(slug=slug).first()
    if found is None:
        known = ", ".join(Watch.objects.values_list("slug", flat=True)[:20]) or "none yet"
        raise Refused(f"There is no watch “{slug[:80]}”; there are: {known}.")
    return found


def _read_feeds(polite: PoliteHttp, watch: Watch, run: IngestRun) -> None:
    """A feed that does not come does not stop the others. Raises ArxivRefused."""
    for category in watch.categories:
        feeds.read_feed(polite, category, run)
    try:
        complete_metadata.complete_metadata(open_query_client(polite), run)
    except ArxivUnavailable as fault:
        run.fail(watch.slug, f"{fault}.")


def _go_through(polite: PoliteHttp, watch: Watch, run: IngestRun) -> None:
    query = watch.arxiv_query()
    if not query:
        return
    client = open_search_client(polite)
    for span in _days(run.clock.now()):
        try:
            _search(client, query, span, watch.slug, run)
        except (ArxivUnavailable, ArxivError) as fault:
            run.fail(f"{watch.slug} {span.first:%Y-%m-%d}", f"{fault}.")
            return


def _days(now: datetime) -> Iterator[DaySpan]:
    """The last days (UTC), the oldest first, today up to this minute."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for number in range(_DAYS, -1, -1):
        first = midnight - timedelta(days=number)
        yield DaySpan(first, min(first + timedelta(hours=23, minutes=59), now.replace(second=0, microsecond=0)))


def _search(client: SearchClient, query: str, span: DaySpan, slug: str, run: IngestRun) -> None:
    """One day. Raises ArxivRefused, ArxivUnavailable and ArxivError, and leaves the day pending."""
    with alone_at(f"search:{slug}:{span}") as is_ours:
        if not is_ours:
            run.fail(slug, "another process is searching for it.")
            return
        pull = _taken_up(slug, span, run.clock)
        try:
            _read_pages(client, query, span, pull, run)
        except (ArxivRefused, ArxivUnavailable) as fault:
            pull.stop(Pull.Outcome.PENDING, str(fault), resume_at=run.clock.now() + REST_KEY)
            raise
        except ArxivError as error:
            pull.stop(Pull.Outcome.REFUSED, str(error))
            raise


def _taken_up(slug: str, span: DaySpan, clock: Clock) -> Pull:
    """From the first page on, as places shift when arXiv announces."""
    of_day: dict[str, Any] = {
        "source": Pull.Source.ATOM,
        "set_spec": f"watch:{slug}"[:60],
        "day": span.first.date(),
        "form": "",
    }
    pull, _ = Pull.objects.unfinished().get_or_create(**of_day, defaults={"started": clock.now()})
    pull.take_up(clock=clock)
    pull.begin_anew(clock=clock)
    return pull


def _read_pages(client: SearchClient, query: str, span: DaySpan, pull: Pull, run: IngestRun) -> None:
    """Each page is kept when the next one has come, so that we know which one is the last."""
    coming = fetch_pages(client, query, span)
    page = next(coming)
    for following in coming:
        store_page.store_page(replace(page, token=_MORE), pull, run)
        page = following
    store_page.store_page(page, pull, run)


def fetch_pages(client: SearchClient, query: str, span: DaySpan) -> Iterator[FetchedPage]:
    """A span with more papers than arXiv gives out is halved. Raises what the client does."""
    page = _asked(client, query, span, 0)
    if page.total > client.ceiling:
        for half in _halved(span, page.total):
            yield from fetch_pages(client, query, half)
        return
    seen = set[str]()
    for start in range(0, page.total or 1, PAGE_SIZE):
        page = page if start == 0 else _asked(client, query, span, start)
        seen |= page.names
        if start + PAGE_SIZE >= page.total and len(seen) != page.total:
            raise ArxivUnavailable(f"arXiv counted {page.total:,} papers and sent {len(seen):,}")
        yield page.arrival


def _asked(client: SearchClient, query: str, span: DaySpan, start: int) -> _Asked:
    begin = time.monotonic()
    found = client.page(query, span, start)
    problems = tuple(Problem(one.id, one.sentence) for one in found.feed.problems)
    names = frozenset(record.arxiv_id for record in found.feed.records) | {one.where for one in problems}
    return _Asked(found.feed.total_results, names, FetchedPage(found.feed.records, found.sha256, begin, problems))


def _halved(span: DaySpan, total: int) -> tuple[DaySpan, DaySpan]:
    if span.last - span.first <= timedelta(minutes=1):
        raise ArxivUnavailable(f"arXiv counted {total:,} papers in one minute")
    return span.halves
