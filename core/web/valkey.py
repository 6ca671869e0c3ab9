"""Valkey for what a page can do without: an answer comes soon or is an error, and nothing is tried again."""

from __future__ import annotations

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry


def connect_valkey(url: str, seconds: float) -> redis.Redis:
    """A client that waits at most so many seconds for a connection, and for an answer."""
    return redis.Redis.from_url(
        url, socket_timeout=seconds, socket_connect_timeout=seconds, retry=Retry(NoBackoff(), 0)
    )
