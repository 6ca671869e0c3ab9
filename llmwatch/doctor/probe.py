"""One request in its turn on a lane, in seconds: only the beginning of the answer is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import httpx
from django.conf import settings
from django.db import connection

from core.clock import Clock
from core.concurrency import rate_limits
from core.site import VERSION
from papers.arxiv.polite_http import require_safe
from papers.arxiv.query_api_client import open_http

MAX_WAIT: Final = 6.0  # seconds for the answer, and for our turn
_BEGINNING: Final = 2_000  # bytes


class NoAnswer(Exception):
    """Why there is none, without a full stop."""


@dataclass(frozen=True, slots=True)
class ProbeAnswer:
    status: int
    headers: Mapping[str, str]
    beginning: bytes


def ask_address(address: str, *, lane: str, delay: float, clock: Clock) -> ProbeAnswer:
    """Raises NoAnswer, and OperationalError where another process holds the lane for long."""
    try:
        url = httpx.URL(address)
        require_safe(url)
        with (
            _impatient(),
            rate_limits.wait_for_turn(lane, delay, clock=clock),
            open_http(VERSION, settings.ARXIV_CONTACT) as http,
        ):
            return _fetch(http, url)
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, rate_limits.LaneClosed) as fault:
        raise NoAnswer(str(fault) or type(fault).__name__) from None


def close_rate_limit(lane: str, time: timedelta, reason: str, clock: Clock) -> None:
    """After a refusal, for all processes."""
    rate_limits.close_until(lane, time, reason, clock=clock)


def _fetch(http: httpx.Client, url: httpx.URL) -> ProbeAnswer:
    with http.stream("GET", url, timeout=MAX_WAIT) as response:
        beginning = next(response.iter_bytes(_BEGINNING), b"")
        return ProbeAnswer(response.status_code, dict(response.headers), beginning)


@contextmanager
def _impatient() -> Iterator[None]:
    """Waits for a lane no longer than a few seconds: a harvest may be on it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{MAX_WAIT:.0f}s"])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', '0', false)")
