"""One polite request to arXiv: in its turn, size and time bounded, retried while the fault is a passing one."""

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import Random
from typing import Final, TypeVar

import httpx

from llmwatch.lib.timing import Clock

T = TypeVar("T")
log = logging.getLogger(__name__)

ATTEMPTS: Final = 6
SHORTEST_WAIT: Final = 5.0
LONGEST_WAIT: Final = 15 * 60.0
LONGEST_RETRY_AFTER: Final = 60 * 60.0
LARGEST_BODY: Final = 10_000_000
LONGEST_ANSWER: Final = 10 * 60.0
MOST_REDIRECTS: Final = 5
TIMEOUT: Final = httpx.Timeout(30.0, read=120.0)
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class ArxivRefused(Exception):
    """HTTP 403. Going on is taken for an attack: send arXiv nothing more for a day."""


class ArxivUnavailable(Exception):
    """Still no usable answer after the last attempt, or one that no further attempt would change."""


class PassingFault(Exception):
    """Raised by a reader of bodies where the same request may well succeed later."""


class _RetryLater(Exception):
    def __init__(self, reason: str, after: float = 0.0) -> None:
        super().__init__(reason)
        self.after = after


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: status 200 or 400 only."""

    status: int
    body: bytes


@dataclass(frozen=True, slots=True)
class PoliteHttp:
    """The one road to arXiv's servers. `turn` paces the requests of all processes."""

    http: httpx.Client
    turn: Callable[[], AbstractContextManager[None]]
    clock: Clock
    rng: Random
    attempts: int = ATTEMPTS

    def get(self, url: str, params: Mapping[str, str], read: Callable[[Answer], T]) -> T:
        """What `read` makes of the answer. Passing faults, those `read` raises too, are retried with full jitter.

        Raises ArxivRefused, ArxivUnavailable, and whatever else `read` raises.
        """
        address = httpx.URL(url, params=dict(params))
        require_safe(address)
        for attempt in range(1, self.attempts + 1):
            try:
                return read(self._fetch(address))
            except (_RetryLater, PassingFault, httpx.TransportError, httpx.DecodingError) as fault:
                reason = str(fault) or type(fault).__name__
                if attempt == self.attempts:
                    raise ArxivUnavailable(f"arXiv gave no usable answer in {attempt} attempts: {reason}") from fault
                wait = max(self._backoff(attempt), fault.after if isinstance(fault, _RetryLater) else 0.0)
                log.warning("arxiv.retry attempt=%d wait=%.0f reason=%s", attempt, wait, reason)
            self.clock.sleep(wait)
        raise ValueError("at least one attempt is needed")

    def _fetch(self, address: httpx.URL) -> Answer:
        """One attempt, redirects followed; each request takes its own turn."""
        asked = address
        for _ in range(MOST_REDIRECTS + 1):
            with self.turn(), self.http.stream("GET", asked, timeout=TIMEOUT, follow_redirects=False) as response:
                if not response.has_redirect_location:
                    return self._answer(response)
                asked = redirect_target(address, asked, response.headers["location"])
        raise ArxivUnavailable("arXiv redirects in a circle")

    def _answer(self, response: httpx.Response) -> Answer:
        status = response.status_code
        if status in {200, 400}:
            return Answer(status, self._body(response))
        if status == 403:
            raise ArxivRefused("arXiv refuses our requests (HTTP 403): stop for a day, then check ARXIV_CONTACT")
        if status in {408, 429} or status >= 500:
            after = retry_after(response.headers.get("retry-after", ""), self.clock.now())
            raise _RetryLater(f"HTTP {status}", after)
        raise ArxivUnavailable(f"arXiv answered HTTP {status} for {response.request.url.copy_with(query=None)}")

    def _body(self, response: httpx.Response) -> bytes:
        body = bytearray()
        started = self.clock.now()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > LARGEST_BODY:
                raise _RetryLater(f"the answer is larger than {LARGEST_BODY:,} bytes")
            if (self.clock.now() - started).total_seconds() > LONGEST_ANSWER:
                raise _RetryLater("the answer took too long")
        return bytes(body)

    def _backoff(self, attempt: int) -> float:
        """Seconds to wait after this attempt (from 1): full jitter between the shortest wait and a doubling bound."""
        return self.rng.uniform(SHORTEST_WAIT, min(LONGEST_WAIT, SHORTEST_WAIT * 2**attempt))


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
