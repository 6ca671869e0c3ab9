"""The one road to arXiv, for all three interfaces and all processes: in turn, at rest while arXiv is
troubled, and closed for a day after a refusal."""

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, timedelta
from random import SystemRandom
from typing import Final

from django.conf import settings

from core.clock import REAL_CLOCK, Clock
from core.concurrency import rate_limits
from core.site import VERSION
from papers.arxiv.polite_http import (
    PASSING_FAULTS,
    ArxivRefused,
    ArxivUnavailable,
    HttpAnswer,
    PassingFault,
    PoliteHttp,
)
from papers.arxiv.query_api_client import open_http
from papers.ingest import response_archive

log = logging.getLogger(__name__)

RATE_LIMIT_NAME: Final = "arxiv"
CLOSED_FOR: Final = timedelta(hours=24)
# Failures in a row, of all processes together, after which nobody asks for a while; each further one doubles it.
MOST_IN_A_ROW: Final = 8
FIRST_REST: Final = 5 * 60.0
LONGEST_REST: Final = 60 * 60.0
# Whoever meets the road at rest waits that long (seconds), a few times at most; what takes longer is for the next tick.
MAX_WAIT: Final = 2 * 60.0
MOST_WAITS: Final = 3


@contextmanager
def open_gateway(clock: Clock = REAL_CLOCK) -> Iterator[PoliteHttp]:
    """What every request to arXiv goes through, whatever process sends it."""
    with open_http(VERSION, settings.ARXIV_CONTACT) as http:
        yield PoliteHttp(http, SharedRoad(clock), clock, SystemRandom())


@dataclass(frozen=True, slots=True)
class SharedRoad:
    """The road as the database knows it."""

    clock: Clock

    def turn(self) -> AbstractContextManager[None]:
        return wait_for_turn(self.clock)

    def arrived(self) -> None:
        rate_limits.reset_failures(RATE_LIMIT_NAME)

    def known(self, address: str) -> HttpAnswer | None:
        return response_archive.find_response(address)

    def keep(self, source: str, address: str, answer: HttpAnswer, fault: str) -> None:
        response_archive.store_response(source, address, answer, fault, self.clock.now())


@contextmanager
def wait_for_turn(clock: Clock = REAL_CLOCK) -> Iterator[None]:
    """Yields when the next request may start, and lets all processes know of its faults.

    Raises ArxivRefused while the road is closed, ArxivUnavailable while it rests for longer than we wait.
    """
    with ExitStack() as stack:
        _take(stack, clock)
        try:
            yield
        except ArxivRefused as refusal:
            rate_limits.close_until(RATE_LIMIT_NAME, CLOSED_FOR, str(refusal), clock=clock)
            said = f"{refusal}; nothing is sent to arXiv for 24 hours. Check ARXIV_CONTACT"
            raise ArxivRefused(said) from refusal
        except PASSING_FAULTS as fault:
            _let_rest(fault, clock)
            raise


def rest_after(failures: int) -> float:
    """Seconds of rest after so many failures in a row."""
    over = failures - MOST_IN_A_ROW
    return min(LONGEST_REST, FIRST_REST * 2.0 ** min(over, 10)) if over >= 0 else 0.0


def _take(stack: ExitStack, clock: Clock) -> None:
    for _ in range(MOST_WAITS):
        try:
            stack.enter_context(rate_limits.wait_for_turn(RATE_LIMIT_NAME, settings.ARXIV_DELAY, clock=clock))
            return
        except rate_limits.LaneClosed as closed:
            _bear(closed, clock)
    raise ArxivUnavailable("arXiv asks for more patience again and again")


def _bear(closed: rate_limits.LaneClosed, clock: Clock) -> None:
    """Waits where it is short. Raises ArxivRefused and ArxivUnavailable."""
    said = f"{closed}; nothing is sent to arXiv before {closed.until.astimezone(UTC):%d %B %Y, %H:%M} UTC"
    if not closed.passing:
        raise ArxivRefused(said) from None
    rest = (closed.until - clock.now()).total_seconds()
    if rest > MAX_WAIT:
        raise ArxivUnavailable(said) from None
    clock.sleep(max(rest, 0.0))


def _let_rest(fault: Exception, clock: Clock) -> None:
    """Nobody asks again before the time that arXiv named, or that so many failures call for."""
    failures = rate_limits.count_failure(RATE_LIMIT_NAME)
    asked_for = fault.after if isinstance(fault, PassingFault) else 0.0
    rest = max(asked_for, rest_after(failures))
    if rest == 0.0:
        return
    reason = f"arXiv is troubled ({str(fault) or type(fault).__name__})"
    rate_limits.close_until(RATE_LIMIT_NAME, timedelta(seconds=rest), reason, passing=True, clock=clock)
    log.warning("arxiv.rest seconds=%.0f failures=%d", rest, failures)
    if rest > MAX_WAIT:
        until = (clock.now() + timedelta(seconds=rest)).astimezone(UTC)
        raise ArxivUnavailable(f"{reason}; nothing is sent to arXiv before {until:%d %B %Y, %H:%M} UTC") from fault
