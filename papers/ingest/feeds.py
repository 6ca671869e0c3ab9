"""What arXiv announced today in one category, from its feed into the database."""

import logging
import time
from typing import Any, Final

from core.clock import Clock
from core.command_reports import Problem
from core.concurrency.advisory_locks import alone_at
from papers.arxiv.feed_client import FeedClient, FetchedFeed
from papers.arxiv.feed_parser import MOST_ITEMS, FeedError
from papers.arxiv.polite_http import ArxivRefused, ArxivUnavailable, PoliteHttp
from papers.ingest import store_page
from papers.ingest.arxiv_calendar import feed_day, next_feed_hour
from papers.ingest.run import IngestRun, open_feed_client
from papers.ingest.store_page import FetchedPage
from papers.models import IncompletePaper, Pull

log = logging.getLogger(__name__)

_CUT: Final = f"the feed has {MOST_ITEMS:,} papers, where arXiv cuts: harvest this day over OAI-PMH."


def read_feed(polite: PoliteHttp, category: str, run: IngestRun) -> None:
    """As `announce`, but a feed that does not come, or may be cut, is a problem of the run. Raises ArxivRefused."""
    try:
        if store_feed(open_feed_client(polite), category, run):
            run.fail(category, _CUT)
    except ArxivUnavailable as fault:
        run.fail(category, f"{fault}.")


def store_feed(client: FeedClient, category: str, run: IngestRun) -> bool:
    """The feed of today, into the database; whether arXiv may have cut it. A feed of another day leaves today pending.

    Raises ArxivRefused and ArxivUnavailable, and leaves today pending then too.
    """
    with alone_at(f"feed:{category}") as is_ours:
        if not is_ours:
            run.fail(category, "another process is reading this feed.")
            return False
        pull = _taken_up(category, run.clock)
        started = time.monotonic()
        try:
            fetched = client.fetch(category)
        except (ArxivRefused, ArxivUnavailable) as fault:
            _rest(pull, str(fault), run)
            raise
        except FeedError as error:
            pull.stop(Pull.Outcome.REFUSED, str(error))
            run.fail(category, f"arXiv has no such feed: {error}")
            return False
        return _keep(fetched, pull, run, started)


def _taken_up(category: str, clock: Clock) -> Pull:
    now = clock.now()
    of_today: dict[str, Any] = {"source": Pull.Source.RSS, "set_spec": category, "day": feed_day(now), "form": ""}
    pull, _ = Pull.objects.unfinished().get_or_create(**of_today, defaults={"started": now})
    pull.take_up(clock=clock)
    return pull


def _keep(fetched: FetchedFeed, pull: Pull, run: IngestRun, started: float) -> bool:
    day = min(fetched.day, feed_day(fetched.built))
    if day != pull.day:
        _rest(pull, f"arXiv's feed is of {day:%d %B %Y}", run)
        run.fail(pull, f"arXiv's feed is of {day:%d %B %Y}; it is asked for again.")
        pull = Pull(source=Pull.Source.RSS, set_spec=pull.set_spec, day=day, started=run.clock.now())
    feed = fetched.feed
    problems = tuple(Problem(problem.id or str(pull), problem.sentence) for problem in feed.problems)
    papers = [item.paper for item in feed.items]
    page = FetchedPage(papers, fetched.sha256, started, problems)
    synced = store_page.store_page(
        page, pull, run, also=lambda kept: IncompletePaper.objects.queue(kept.papers, run.clock.now())
    )
    log.info("arxiv.announced category=%s day=%s new=%d", pull.set_spec, day, synced.new)
    return feed.may_be_cut


def _rest(pull: Pull, reason: str, run: IngestRun) -> None:
    pull.stop(Pull.Outcome.PENDING, reason, resume_at=next_feed_hour(run.clock.now()))
