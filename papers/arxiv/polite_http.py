"""One polite request to arXiv: in its turn, size and time bounded, retried while the fault is a passing one."""

import hashlib
import logging
import re
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import Random
from typing import Final, Protocol, TypeVar

import httpx

from core.clock import Clock
from papers.arxiv.strict_xml import NotArxivFeed

T = TypeVar("T")
log = logging.getLogger(__name__)

MAX_ATTEMPTS: Final = 6
SHORTEST_WAIT: Final = 5.0
LONGEST_WAIT: Final = 15 * 60.0
LONGEST_RETRY_AFTER: Final = 60 * 60.0
LARGEST_BODY: Final = 10_000_000
LONGEST_ANSWER: Final = 10 * 60.0
MOST_REDIRECTS: Final = 5
MOST_FAILURES: Final = 30
LONGEST_WAITING: Final = 30 * 60.0
HTTP_TIMEOUT: Final = httpx.Timeout(30.0, read=120.0)
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
# Compressed once: what is compressed several times over has no bound.
_ENCODINGS: Final = frozenset({"", "identity", "gzip", "deflate"})
_ETAG = re.compile(r'(?:W/)?"[!#-~]{1,190}"', re.ASCII)


class ArxivRefused(Exception):
    """HTTP 403. Going on is taken for an attack: send arXiv nothing more for a day."""


class ArxivUnavailable(Exception):
    """No usable answer for now, or none at all: what was asked for stays pending until the next tick."""


class PassingFault(Exception):
    """The same request may well succeed later, `after` so many seconds where arXiv says so."""

    def __init__(self, reason: str, after: float = 0.0) -> None:
        super().__init__(reason)
        self.after = after


PASSING_FAULTS: Final = (PassingFault, httpx.TransportError, httpx.DecodingError)


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A whole answer: status 200 or 400 only. `unchanged`: arXiv said that this one, which is kept, still stands."""

    status: int
    body: bytes
    etag: str = ""
    unchanged: bool = False

    @property
    def sha256(self) -> str:
        """Of the body, in hex: the same again says nothing new."""
        return hashlib.sha256(self.body).hexdigest()


class _Road(Protocol):
    """What all processes share on the way to arXiv, and what they leave there."""

    def turn(self) -> AbstractContextManager[None]:
        """Yields when a request may start, and learns of its faults.

        Raises ArxivRefused, and ArxivUnavailable where nobody is to ask for a while.
        """

    def arrived(self) -> None:
        """An answer could be read."""

    def known(self, address: str) -> HttpAnswer | None:
        """The last readable answer of this address, if it is kept."""

    def keep(self, source: str, address: str, answer: HttpAnswer, fault: str) -> None:
        """An answer, and why it could not be read (else empty)."""


@dataclass(slots=True)
class RetryBudget:
    """How often, and how long, one run puts up with arXiv; each answer gives back a little. Seconds."""

    failures: int = MOST_FAILURES
    waiting: float = LONGEST_WAITING

    def spend(self, wait: float) -> bool:
        """Whether there is enough left for a failure and this wait."""
        self.failures -= 1
        self.waiting -= wait
        return self.failures >= 0 and self.waiting >= 0

    def give_back(self) -> None:
        self.failures = min(self.failures + 1, MOST_FAILURES)
        self.waiting = min(self.waiting + 2 * SHORTEST_WAIT, LONGEST_WAITING)


@dataclass(frozen=True, slots=True)
class PoliteHttp:
    """The one road to arXiv's servers; one for each run, as it has its budget."""

    http: httpx.Client
    road: _Road
    clock: Clock
    rng: Random
    attempts: int = MAX_ATTEMPTS
    budget: RetryBudget = field(default_factory=RetryBudget)

    def get(
        self,
        source: str,
        url: str,
        params: Mapping[str, str],
        read: Callable[[HttpAnswer], T],
        *,
        revalidate: bool = False,
    ) -> T:
        """What `read` makes of the answer. Passing faults, those `read` raises too, are retried with full jitter.

        With `revalidate` an answer that is kept and that arXiv says still stands is read again. Raises ArxivRefused,
        ArxivUnavailable, and whatever else `read` raises.
        """
        address = httpx.URL(url, params=dict(params))
        require_safe(address)
        for attempt in range(1, self.attempts + 1):
            known = self.road.known(str(address)) if revalidate else None
            try:
                found = self._ask(source, address, known, read)
            except PASSING_FAULTS as fault:
                self._wait(attempt, fault)
            else:
                self.road.arrived()
                self.budget.give_back()
                return found
        raise ValueError("at least one attempt is needed")

    def _ask(self, source: str, address: httpx.URL, known: HttpAnswer | None, read: Callable[[HttpAnswer], T]) -> T:
        """One attempt, redirects followed; each request takes its own turn, which lasts until its answer is read."""
        asked = address
        for _ in range(MOST_REDIRECTS + 1):
            with self.road.turn():
                answer = self._fetch(address, asked, known)
                if isinstance(answer, HttpAnswer):
                    return self._read(source, address, answer, read)
                asked = answer
        raise ArxivUnavailable("arXiv redirects in a circle")

    def _fetch(self, address: httpx.URL, asked: httpx.URL, known: HttpAnswer | None) -> HttpAnswer | httpx.URL:
        """An answer, or where else to ask."""
        headers = {"If-None-Match": known.etag} if known and known.etag else {}
        with self.http.stream("GET", asked, headers=headers, timeout=HTTP_TIMEOUT, follow_redirects=False) as response:
            if response.status_code == 304 and known and headers:
                return known
            if response.has_redirect_location:
                return redirect_target(address, asked, response.headers["location"])
            return self._answer(response)

    def _read(self, source: str, address: httpx.URL, answer: HttpAnswer, read: Callable[[HttpAnswer], T]) -> T:
        fault = ""
        try:
            return read(answer)
        except (PassingFault, ArxivUnavailable) as unreadable:
            fault = str(unreadable)
            raise
        finally:
            self.road.keep(source, str(address), answer, fault)

    def _answer(self, response: httpx.Response) -> HttpAnswer:
        status = response.status_code
        if status in {200, 400}:
            return HttpAnswer(status, self._body(response), etag_of(response.headers.get("etag", "")))
        if status == 403:
            raise ArxivRefused("arXiv refuses our requests (HTTP 403)")
        if status in {408, 429} or status >= 500:
            raise PassingFault(f"HTTP {status}", retry_after(response.headers.get("retry-after", ""), self.clock.now()))
        raise ArxivUnavailable(f"arXiv answered HTTP {status} for {response.request.url.copy_with(query=None)}")

    def _body(self, response: httpx.Response) -> bytes:
        if response.headers.get("content-encoding", "").strip().lower() not in _ENCODINGS:
            raise PassingFault("the answer is compressed in a way that nobody asked for")
        body = bytearray()
        started = self.clock.now()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > LARGEST_BODY:
                raise PassingFault(f"the answer is larger than {LARGEST_BODY:,} bytes")
            if (self.clock.now() - started).total_seconds() > LONGEST_ANSWER:
                raise PassingFault("the answer took too long")
        return bytes(body)

    def _wait(self, attempt: int, fault: Exception) -> None:
        """Until the next attempt. Raises ArxivUnavailable where there is none, or no more patience with arXiv."""
        reason = str(fault) or type(fault).__name__
        if attempt == self.attempts:
            raise ArxivUnavailable(f"arXiv gave no usable answer in {attempt} attempts: {reason}") from fault
        wait = max(self._backoff(attempt), fault.after if isinstance(fault, PassingFault) else 0.0)
        if not self.budget.spend(wait):
            raise ArxivUnavailable(f"arXiv failed too often in this run: {reason}") from fault
        log.warning("arxiv.retry attempt=%d wait=%.0f reason=%s", attempt, wait, reason)
        self.clock.sleep(wait)

    def _backoff(self, attempt: int) -> float:
        """Seconds to wait after this attempt (from 1): full jitter between the shortest wait and a doubling bound."""
        return self.rng.uniform(SHORTEST_WAIT, min(LONGEST_WAIT, SHORTEST_WAIT * 2**attempt))


def etag_of(header: str) -> str:
    """The header where it is an ETag that can be sent back, else empty."""
    return header if _ETAG.fullmatch(header) else ""


def require_safe(address: httpx.URL) -> None:
    """Raises ValueError unless the address is https, or http to this very machine."""
    if address.scheme == "https" or (address.scheme == "http" and address.host in _LOOPBACK):
        return
    raise ValueError(f"{address.scheme}://{address.host} is not safe: arXiv's address must begin with https://")


def redirect_target(first: httpx.URL, asked: httpx.URL, location: str) -> httpx.URL:
    """Where a redirect leads: https on an arXiv host, or the host first asked. Raises ArxivUnavailable for others."""
    try:
        target = asked.join(location)
    except httpx.InvalidURL:
        raise ArxivUnavailable("arXiv redirects to an address that cannot be read") from None
    at_arxiv = target.host == "arxiv.org" or target.host.endswith(".arxiv.org")
    same_place = (target.scheme, target.host, target.port) == (first.scheme, first.host, first.port)
    if same_place or (at_arxiv and target.scheme == "https"):
        return target
    raise ArxivUnavailable(f"arXiv redirects to {target.scheme}://{target.host}, which is not arXiv")


def retry_after(header: str, now: datetime) -> float:
    """Seconds to wait that a Retry-After header (seconds or HTTP date) asks for, at most an hour; 0 if unreadable."""
    written = header.strip()
    if written.isascii() and written.isdigit():
        return min(float(written[:10]), LONGEST_RETRY_AFTER)
    try:
        until = parsedate_to_datetime(written)
    except ValueError:
        return 0.0
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max((aware - now).total_seconds(), 0.0), LONGEST_RETRY_AFTER)


def parse_answer(answer: HttpAnswer, parse: Callable[[bytes], T]) -> T:
    """Raises PassingFault where it is no answer of arXiv, and ArxivUnavailable for HTTP 400 without a reason."""
    try:
        parsed = parse(answer.body)
    except NotArxivFeed as fault:
        _require_reason(answer)
        raise PassingFault(str(fault)) from None
    _require_reason(answer)
    return parsed


def _require_reason(answer: HttpAnswer) -> None:
    if answer.status == 400:
        raise ArxivUnavailable("arXiv answered HTTP 400 without a reason")
