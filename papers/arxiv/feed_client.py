"""arXiv's announcement feeds: the feed of one category, as it stands today."""

from dataclasses import dataclass
from datetime import date, datetime

import httpx

from papers.arxiv.feed_parser import FeedDay, parse_announcements
from papers.arxiv.polite_http import HttpAnswer, PassingFault, PoliteHttp, parse_answer, require_safe


@dataclass(frozen=True, slots=True)
class FetchedFeed:
    """A feed, the day that it is of, and the SHA-256 (hex) of its body.

    `unchanged`: arXiv said that the feed which it gave before still stands, and that is the one which is here.
    """

    feed: FeedDay
    day: date
    sha256: str
    unchanged: bool = False

    @property
    def built(self) -> datetime:
        """When arXiv made it (UTC)."""
        return self.feed.built


class FeedClient:
    """`base_url` is the address below which each category has its feed."""

    def __init__(self, polite: PoliteHttp, base_url: str) -> None:
        require_safe(httpx.URL(base_url))
        self._polite = polite
        self._base_url = base_url

    def fetch(self, category: str) -> FetchedFeed:
        """One category a feed: of a long feed of several arXiv cuts off what is new.

        Raises ArxivRefused, ArxivUnavailable, and FeedError for a category that arXiv does not know.
        """
        return self._polite.get("rss", f"{self._base_url}/{category}", {}, _read, revalidate=True)


def _read(answer: HttpAnswer) -> FetchedFeed:
    feed = parse_answer(answer, parse_announcements)
    if feed.day is None:
        raise PassingFault("a feed that does not say of which day it is")
    return FetchedFeed(feed, feed.day, answer.sha256, answer.unchanged)
