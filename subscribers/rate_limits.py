"""How many forms a network address may send. The address is taken from headers only if our own proxies wrote them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

AN_HOUR: Final = 20  # forms from one address or, with IPv6, one network of a household
AN_HOUR_A_DOMAIN: Final = 60  # forms without a proof of work for addresses of one domain
_HOUR: Final = timedelta(hours=1)


def allow_request(request: HttpRequest) -> bool:
    """Counts this form; False where its sender sent too many within an hour. Without a cache nobody is turned away."""
    return _count(f"asked:{_fingerprint(request)}") <= AN_HOUR


def has_room(domain: str) -> bool:
    """Counts a form without a proof of work; False where too many named addresses of this domain within an hour."""
    return _count(f"asked-for:{_hashed(domain)}") <= AN_HOUR_A_DOMAIN


def visitor_address(request: HttpRequest) -> str:
    """The visitor's network address: the last one in X-Forwarded-For that none of our own proxies has."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    address = str(request.META.get("REMOTE_ADDR", ""))
    while hops and is_trusted(address, settings.TRUSTED_PROXIES):
        address = hops.pop()
    return address


def is_trusted(address: str, proxies: Iterable[str]) -> bool:
    """Whether this is one of our proxies (addresses or networks). No address at all is a Unix socket, so our own."""
    hop = _parsed(address)
    if hop is None:
        return not address
    return any(hop in ip_network(proxy, strict=False) for proxy in proxies)


def _count(key: str) -> int:
    """How many there were within the hour, this one included; 0 where the cache does not answer."""
    try:
        cache.add(key, 0, timeout=int(_HOUR.total_seconds()))
        return cache.incr(key)
    except ValueError:  # it ran out between the two
        return 0
    except RedisError:
        log.warning("limits.no_cache")
        return 0


def _fingerprint(request: HttpRequest) -> str:
    """Keyed, so that the cache holds no network addresses."""
    address = visitor_address(request)
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        address = str(ip_network(f"{parsed}/64", strict=False))
    return _hashed(address)


def _hashed(text: str) -> str:
    return salted_hmac("subscribers.limits", text).hexdigest()


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(address)
    except ValueError:
        return None
