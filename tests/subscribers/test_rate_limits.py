"""Whose network address it is: what our own proxies say, and nobody else."""

import pytest
from django.core.cache import cache
from django.http import HttpRequest
from django.test import RequestFactory
from pytest_django import Settings
from redis.exceptions import ConnectionError as NoConnection

from subscribers import rate_limits


def request(peer: str, forwarded: str = "") -> HttpRequest:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    return RequestFactory(REMOTE_ADDR=peer).get("/subscribe/", headers=headers)


@pytest.fixture(autouse=True)
def proxies(settings: Settings) -> None:
    settings.TRUSTED_PROXIES = ["127.0.0.1", "10.0.0.0/8", "::1"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "visitor"),
    [
        ("198.51.100.7", "", "198.51.100.7"),
        ("198.51.100.7", "192.0.2.1", "198.51.100.7"),
        ("127.0.0.1", "192.0.2.1", "192.0.2.1"),
        ("127.0.0.1", "192.0.2.66, 192.0.2.1", "192.0.2.1"),
        ("127.0.0.1", "192.0.2.66, 192.0.2.1, 10.1.2.3", "192.0.2.1"),
        ("127.0.0.1", "nonsense", "nonsense"),
        ("", "192.0.2.1", "192.0.2.1"),
        ("::1", "2001:db8::1", "2001:db8::1"),
        ("127.0.0.1", "", "127.0.0.1"),
    ],
)
def test_only_our_proxies_say_for_whom_they_speak(peer: str, forwarded: str, visitor: str) -> None:
    assert rate_limits.visitor_address(request(peer, forwarded)) == visitor


def test_a_household_with_ipv6_counts_as_one() -> None:
    cache.clear()
    asked = [rate_limits.allow_request(request(f"2001:db8::{n:x}")) for n in range(1, rate_limits.AN_HOUR + 2)]
    assert asked.count(False) == 1
    assert rate_limits.allow_request(request("2001:db8:0:1::1"))


def test_without_a_cache_nobody_is_turned_away(settings: Settings) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "unix:///nonexistent/valkey.sock",
        }
    }
    with pytest.raises(NoConnection):
        cache.get("anything")
    assert rate_limits.allow_request(request("198.51.100.7"))
