"""Papers by their identifiers from arXiv's query API."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from ssl import SSLContext
from typing import Final

import httpx

from papers.arxiv.polite_http import (
    HTTP_TIMEOUT,
    ArxivUnavailable,
    HttpAnswer,
    PassingFault,
    PoliteHttp,
    parse_answer,
    require_safe,
)
from papers.arxiv.query_api_parser import ArxivError, QueryFeed, parse_feed
from papers.arxiv.records import PaperRecord
from papers.identifiers import ArxivId, find_arxiv_id

BATCH_SIZE: Final = 100
NOT_ASKED: Final = "not asked: arXiv had stopped answering"
SHORT_ANSWER: Final = "arXiv's answer was cut short: fewer papers than it counted"


@dataclass(frozen=True, slots=True)
class FetchFailure:
    """Identifiers that got no usable answer, and why in one sentence. Nothing is known about these papers."""

    ids: tuple[str, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class FetchResult:
    """Every identifier asked for is in exactly one place: a record, `missing` (arXiv has no such paper) or `failed`."""

    records: tuple[PaperRecord, ...] = ()
    missing: tuple[str, ...] = ()
    failed: tuple[FetchFailure, ...] = ()

    def __add__(self, other: "FetchResult") -> "FetchResult":
        return FetchResult(self.records + other.records, self.missing + other.missing, self.failed + other.failed)


def open_http(version: str, contact: str) -> httpx.Client:
    """An HTTP client that says who we are; `contact` is a mail address or URL. The caller closes it."""
    agent = "".join(char for char in f"llmwatch/{version} (+{contact})" if " " <= char <= "~")
    return httpx.Client(headers={"User-Agent": agent}, timeout=HTTP_TIMEOUT, follow_redirects=False, verify=_trusted())


@cache
def _trusted() -> SSLContext:
    """Once a process: to read all certificates takes a tenth of a second."""
    return httpx.create_ssl_context()


class ArxivClient:
    """`base_url` is the address of the query API."""

    def __init__(self, polite: PoliteHttp, base_url: str) -> None:
        require_safe(httpx.URL(base_url))
        self._polite = polite
        self._base_url = base_url

    def fetch_batches(self, ids: Sequence[ArxivId]) -> Iterator[FetchResult]:
        """These papers, the latest version where none is named: one result for each batch.

        Raises ArxivRefused, and what came before can be kept; other faults are in the result.
        """
        asked = list(dict.fromkeys(ids))
        for start in range(0, len(asked), BATCH_SIZE):
            try:
                yield self._fetch_batch(asked[start : start + BATCH_SIZE])
            except ArxivUnavailable as fault:
                yield FetchResult(failed=(FetchFailure(_names(asked[start : start + BATCH_SIZE]), str(fault)),))
                rest = _names(asked[start + BATCH_SIZE :])
                if rest:
                    yield FetchResult(failed=(FetchFailure(rest, NOT_ASKED),))
                return

    def _fetch_batch(self, ids: Sequence[ArxivId]) -> FetchResult:
        params = {"id_list": ",".join(_names(ids)), "start": "0", "max_results": str(len(ids))}
        try:
            feed = self._polite.get("atom", self._base_url, params, read_feed)
        except ArxivError as refusal:
            return self._without_the_bad(ids, str(refusal))
        return match_answer(ids, feed)

    def _without_the_bad(self, ids: Sequence[ArxivId], sentence: str) -> FetchResult:
        """arXiv refuses a whole batch for one id: leave out the one it names, else halve until it is alone."""
        if len(ids) == 1:
            return FetchResult(failed=(FetchFailure(_names(ids), f"arXiv: {sentence}"),))
        named = [asked for asked in ids if str(asked) in sentence.split()]
        if len(named) == 1:
            others = [asked for asked in ids if asked not in named]
            return FetchResult(failed=(FetchFailure(_names(named), f"arXiv: {sentence}"),)) + self._fetch_batch(others)
        half = len(ids) // 2
        return self._fetch_batch(ids[:half]) + self._fetch_batch(ids[half:])


def match_answer(ids: Sequence[ArxivId], feed: QueryFeed) -> FetchResult:
    """Sort an answer by what was asked: arXiv leaves out, without a word, what it does not have."""
    got = {record.arxiv_id for record in feed.records} | {
        f"{record.arxiv_id}v{record.version}" for record in feed.records
    }
    unreadable = {identifier: problem for problem in feed.problems if (identifier := find_arxiv_id(problem.id))}
    failed: list[FetchFailure] = []
    missing: list[str] = []
    short = len(feed.records) + len(feed.problems) < feed.total_results
    for asked in ids:
        if str(asked) in got:
            continue
        fault = next((p.sentence for i, p in unreadable.items() if asked in {i, i.unversioned}), "")
        if fault or short:
            failed.append(FetchFailure((str(asked),), fault or SHORT_ANSWER))
        else:
            missing.append(str(asked))
    wanted = {str(asked) for asked in ids}
    records = (r for r in feed.records if wanted & {r.arxiv_id, f"{r.arxiv_id}v{r.version}"})
    return FetchResult(tuple(records), tuple(missing), tuple(failed))


def read_feed(answer: HttpAnswer) -> QueryFeed:
    """An answer of the query API. Raises PassingFault, ArxivUnavailable and ArxivError."""
    feed = parse_answer(answer, parse_feed)
    if feed.total_results > 0 and not feed.records and not feed.problems:
        raise PassingFault(f"an empty page although {feed.total_results} papers were found")
    return feed


def _names(ids: Sequence[ArxivId]) -> tuple[str, ...]:
    return tuple(map(str, ids))
