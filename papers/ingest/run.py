"""A round: one run over arXiv's roads, with its clock, what it has done so far, and how long it may go on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeVar

from django.conf import settings

from core.clock import REAL_CLOCK, Clock
from core.command_reports import Problem, Refused, Report
from papers.arxiv.feed_client import FeedClient
from papers.arxiv.oai_client import OaiClient
from papers.arxiv.polite_http import PoliteHttp
from papers.arxiv.query_api_client import ArxivClient
from papers.arxiv.search_client import SearchClient
from papers.ingest.arxiv_calendar import is_announcement_time

_Client = TypeVar("_Client")
_COUNTS: Final = ("new", "updated", "unchanged", "missing", "failed")


class RoadEnds(Exception):
    """Nothing more is to be asked for in this round; the message says why."""


@dataclass(frozen=True, slots=True)
class RunStep:
    """A page that was kept: of which window, the how-manieth of it, and how many papers were on it."""

    window: str
    pages: int
    records: int


TellStep = Callable[[RunStep], None]


@dataclass(slots=True)
class IngestRun:
    """`until` (aware UTC) ends a round that goes by itself, as announcement time does; without it a person waits."""

    clock: Clock = REAL_CLOCK
    tell: TellStep = lambda _: None
    until: datetime | None = None
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys((*_COUNTS, "pages"), 0))
    problems: list[Problem] = field(default_factory=list)

    @property
    def may_go_on(self) -> bool:
        now = self.clock.now()
        return self.until is None or (now < self.until and not is_announcement_time(now))

    def add(self, **counts: int) -> None:
        for name, count in counts.items():
            self.counts[name] += count

    def fail(self, where: object, what: str) -> None:
        self.problems.append(Problem(str(where), what))

    def report(self, *more: str) -> Report:
        """The counts that every road has, and `more` of them."""
        return Report({name: self.counts[name] for name in (*_COUNTS, *more)}, tuple(self.problems))


def open_feed_client(polite: PoliteHttp) -> FeedClient:
    """Raises Refused where ARXIV_RSS_URL is unusable."""
    return _open(FeedClient, polite, "ARXIV_RSS_URL")


def open_oai_client(polite: PoliteHttp) -> OaiClient:
    """Raises Refused where ARXIV_OAI_URL is unusable."""
    return _open(OaiClient, polite, "ARXIV_OAI_URL")


def open_query_client(polite: PoliteHttp) -> ArxivClient:
    """Raises Refused where ARXIV_API_URL is unusable."""
    return _open(ArxivClient, polite, "ARXIV_API_URL")


def open_search_client(polite: PoliteHttp) -> SearchClient:
    """Raises Refused where ARXIV_API_URL is unusable."""
    return _open(SearchClient, polite, "ARXIV_API_URL")


def _open(client: Callable[[PoliteHttp, str], _Client], polite: PoliteHttp, setting: str) -> _Client:
    try:
        return client(polite, getattr(settings, setting))
    except ValueError as error:
        raise Refused(f"{setting}: {error}.") from None
