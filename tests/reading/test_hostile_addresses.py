"""Whatever stands in an address, the answer is no fault of ours."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

pytestmark = pytest.mark.django_db
ODD = (
    "%00",
    "%FF%FE",
    "%ED%A0%80",
    "9" * 30,
    "-1",
    "x" * 3000,
    "..%2F..%2Fetc%2Fpasswd",
    "%F0%9F%92%A9",
    "a%0D%0Ab",
    "2509.99999v99",
    "%25",
)
QUERIES = ("?page=0", f"?page={'9' * 5000}", "?page=%FF", "?page=%D9%A1", "?issue=%0D%0A", "?%FF=%FE&page=a&page=b")
SEARCHES = (
    "?q=%00&after=%00",
    "?q=%ED%A0%80*&after=1-%FF",
    "?q=%27%5C%22%3A*%26%7C%21%28%3C-%3E",
    "?q=year:0000-99999",
)


def routes(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route


PUBLIC = sorted({route for route in routes(get_resolver().url_patterns) if not route.startswith("admin/")})


@pytest.mark.parametrize("route", PUBLIC)
def test_no_address_is_answered_with_a_fault(client: Client, route: str) -> None:
    addresses = {"/" + re.sub(r"<[^>]+>", odd, route) for odd in ODD}
    asked = [*addresses, *(f"/{re.sub('<[^>]+>', 'a', route)}{query}" for query in (*QUERIES, *SEARCHES))]
    faults = [address[:100] for address in asked if client.get(address).status_code >= 500]
    faults += [address[:100] for address in addresses if client.post(address, {"email": "\0"}).status_code >= 500]
    assert not faults
