"""What arXiv announced today in one category, from its feed into the database."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from llmwatch.lib.reports import Problem, Refused, Report
from llmwatch.lib.timing import REAL, Clock
from papers import road
from papers.arxiv.announcer import FeedClient, FetchedFeed
from papers.arxiv.retries import ArxivRefused, ArxivUnavailable
from papers.arxiv.rss import MOST_ITEMS, FeedError
from papers.models import Pull
from papers.sync import sync
from papers.taxonomy import is_category

log = logging.getLogger(__name__)

COUNTS: Final = ("new", "updated", "unchanged", "failed")


def pull_announcements(category: str, *, clock: Clock = REAL) -> Report:
    """The papers of a category's feed of today; safe to repeat. A feed without papers is a holiday's, or too old.

    Counts: new, updated, unchanged, failed. Raises Refused.
    """
    if not is_category(category):
        raise Refused(f"“{category[:30]}” is no category of arXiv; write it like cs.CL.")
    started = time.monotonic()
    with _client(clock) as client:
        try:
            fetched = client.fetch(category)
        except FeedError as error:
            raise Refused(f"arXiv has no feed of {category}: {error}") from error
        except (ArxivRefused, ArxivUnavailable) as fault:
            return Report(dict.fromkeys(COUNTS, 0), (Problem(category, f"{fault}."),))
    counts = _keep(fetched, category, started)
    log.info("arxiv.announced category=%s day=%s new=%d", category, fetched.day, counts["new"])
    return Report(counts, tuple(_problems(fetched, category)))


@contextmanager
def _client(clock: Clock) -> Iterator[FeedClient]:
    with road.travelling(clock) as polite:
        try:
            client = FeedClient(polite, settings.ARXIV_RSS_URL)
        except ValueError as error:
            raise Refused(f"ARXIV_RSS_URL: {error}.") from None
        yield client


def _keep(fetched: FetchedFeed, category: str, started: float) -> dict[str, int]:
    """The papers and the row that tells of them, or neither."""
    feed = fetched.feed
    with transaction.atomic():
        synced = sync([item.paper for item in feed.items])
        counts = {
            "new": synced.new,
            "updated": synced.updated,
            "unchanged": synced.unchanged,
            "failed": len(feed.problems),
        }
        records = len(feed.items) + len(feed.problems)
        pull = Pull(source=Pull.Source.RSS, set_spec=category, day=fetched.day)
        took = timedelta(seconds=time.monotonic() - started)
        pull.keep({**counts, "records": records}, token="", sha256=fetched.sha256, took=took)
    return counts


def _problems(fetched: FetchedFeed, category: str) -> Iterator[Problem]:
    for problem in fetched.feed.problems:
        yield Problem(problem.id or category, problem.sentence)
    if fetched.feed.may_be_cut:
        yield Problem(category, f"the feed has {MOST_ITEMS:,} papers, where arXiv cuts: harvest this day over OAI-PMH.")
