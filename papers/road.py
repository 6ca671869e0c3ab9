"""The one road to arXiv, for all three interfaces and all processes: in turn, and closed for a day after a refusal."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, timedelta
from typing import Final

from django.conf import settings

from llmwatch.lib import lanes
from papers.arxiv.retries import ArxivRefused

LANE: Final = "arxiv"
CLOSED_FOR: Final = timedelta(hours=24)


@contextmanager
def turn() -> Iterator[None]:
    """Yields when the next request may start. Raises ArxivRefused while the road is closed, and closes it at one."""
    try:
        with lanes.turn(LANE, settings.ARXIV_DELAY), _closing_at_a_refusal():
            yield
    except lanes.LaneClosed as closed:
        until = closed.until.astimezone(UTC)
        raise ArxivRefused(f"{closed}; nothing is sent to arXiv before {until:%d %B %Y, %H:%M} UTC") from None


@contextmanager
def _closing_at_a_refusal() -> Iterator[None]:
    try:
        yield
    except ArxivRefused as refusal:
        lanes.close(LANE, CLOSED_FOR, str(refusal))
        raise
