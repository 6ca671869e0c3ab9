"""The one road to arXiv, for all three interfaces and all processes: in turn, and closed for a day after a refusal."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta
from functools import partial
from random import SystemRandom
from typing import Final

from django.conf import settings

from llmwatch import __version__
from llmwatch.lib import lanes
from llmwatch.lib.timing import REAL, Clock
from papers.arxiv.retries import ArxivRefused, PoliteHttp
from papers.arxiv.transport import open_http

LANE: Final = "arxiv"
CLOSED_FOR: Final = timedelta(hours=24)


@contextmanager
def travelling(clock: Clock = REAL) -> Iterator[PoliteHttp]:
    """What every request to arXiv goes through, whatever process sends it."""
    with open_http(__version__, settings.ARXIV_CONTACT) as http:
        yield PoliteHttp(http, partial(turn, clock), clock, SystemRandom())


@contextmanager
def turn(clock: Clock = REAL) -> Iterator[None]:
    """Yields when the next request may start. Raises ArxivRefused while the road is closed, and closes it at one."""
    try:
        with lanes.turn(LANE, settings.ARXIV_DELAY, clock=clock), _closing_at_a_refusal(clock):
            yield
    except lanes.LaneClosed as closed:
        until = closed.until.astimezone(UTC)
        raise ArxivRefused(f"{closed}; nothing is sent to arXiv before {until:%d %B %Y, %H:%M} UTC") from None


@contextmanager
def _closing_at_a_refusal(clock: Clock) -> Iterator[None]:
    try:
        yield
    except ArxivRefused as refusal:
        lanes.close(LANE, CLOSED_FOR, str(refusal), clock=clock)
        raise
