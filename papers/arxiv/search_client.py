"""arXiv's query API, a search page by page: what was submitted in a closed window of time, the oldest first."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import httpx

from papers.arxiv.polite_http import HttpAnswer, PassingFault, PoliteHttp, require_safe
from papers.arxiv.query_api_client import read_feed
from papers.arxiv.query_api_parser import QueryFeed

PAGE_SIZE: Final = 100
_CEILING: Final = 10_000  # as in arXiv's code; the documented 30,000 are not


@dataclass(frozen=True, slots=True)
class DaySpan:
    """Aware UTC, in whole minutes, both included."""

    first: datetime
    last: datetime

    @property
    def halves(self) -> tuple["DaySpan", "DaySpan"]:
        middle = (self.first + (self.last - self.first) / 2).replace(second=0, microsecond=0)
        return DaySpan(self.first, middle), DaySpan(middle, self.last)

    def __str__(self) -> str:
        return f"[{self.first:%Y%m%d%H%M} TO {self.last:%Y%m%d%H%M}]"


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page of a search and the SHA-256 (hex) of its body."""

    feed: QueryFeed
    sha256: str


class SearchClient:
    """`base_url` is the address of the query API; `ceiling` is how many papers a search gives out."""

    def __init__(self, polite: PoliteHttp, base_url: str, ceiling: int = _CEILING) -> None:
        require_safe(httpx.URL(base_url))
        self.ceiling = ceiling
        self._polite = polite
        self._base_url = base_url

    def page(self, query: str, span: DaySpan, start: int) -> FoundPage:
        """The papers from this place (0 is the first) on. Raises ArxivRefused, ArxivUnavailable and ArxivError."""
        params = {
            "search_query": f"({query}) AND submittedDate:{span}",
            "start": str(start),
            "max_results": str(PAGE_SIZE),
            "sortBy": "submittedDate",
            "sortOrder": "ascending",
        }
        return self._polite.get("atom", self._base_url, params, _reader(start))


def _reader(start: int) -> Callable[[HttpAnswer], FoundPage]:
    def read(answer: HttpAnswer) -> FoundPage:
        feed = read_feed(answer)
        got, due = len(feed.records) + len(feed.problems), min(PAGE_SIZE, feed.total_results - start)
        if got < due:
            raise PassingFault(f"{got} papers on a page that should have {due}")
        return FoundPage(feed, answer.sha256)

    return read
