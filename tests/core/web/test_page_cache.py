"""The page cache alone, with a real Valkey and views of its own."""

import gzip
import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
import time_machine
from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import RequestFactory
from pytest_django.fixtures import Settings

from core.web import page_cache
from core.web.page_cache import (
    CLAIM_SECONDS,
    LINGER_SECONDS,
    PageCacheMiddleware,
    PageShelf,
    refresh_pages,
    seconds_to_share,
)
from tests.data import ROOT
from tests.servers.nginx import SECRET

PUBLIC = "public, max-age=0, s-maxage=60"
NOBODY = "unix:///nonexistent/valkey.sock?db=0"


@pytest.fixture(autouse=True)
def cache(settings: Settings) -> Iterator[None]:
    settings.PAGE_CACHE = True
    page_cache.open_shelf.cache_clear()
    with redis.Redis.from_url(settings.REDIS_URL) as valkey:
        yield
        for key in valkey.scan_iter(f"{page_cache.KEY_PREFIX}*"):
            valkey.delete(key)


def counting(**headers: str) -> PageCacheMiddleware:
    """A site of one view whose answer is how often it was asked."""
    numbers = itertools.count(1)
    return site(lambda request: HttpResponse(f"answer {next(numbers)}", headers={"Cache-Control": PUBLIC} | headers))


def site(view: Callable[[HttpRequest], HttpResponseBase]) -> PageCacheMiddleware:
    return PageCacheMiddleware(view)


def get(site: PageCacheMiddleware, path: str = "/", **meta: Any) -> HttpResponse:
    answer = site(RequestFactory().get(path, **meta))
    assert isinstance(answer, HttpResponse)
    return answer


def test_second_reader_gets_the_kept_page() -> None:
    view = counting(ETag='"1"', **{"Content-Security-Policy": "default-src 'none'"})
    first, second = get(view), get(view)
    assert second.content == first.content == b"answer 1"
    assert second["Content-Security-Policy"] == "default-src 'none'"
    assert second["Age"] == "0"
    assert "Age" not in first


def test_what_was_read_compressed_is_given_compressed() -> None:
    view = counting()
    get(view)
    answer = get(view, HTTP_ACCEPT_ENCODING="gzip, br")
    assert answer["Content-Encoding"] == "gzip"
    assert gzip.decompress(answer.content) == b"answer 1"
    assert answer["Content-Length"] == str(len(answer.content))


def test_every_kept_page_says_that_it_varies_by_encoding() -> None:
    view = counting()
    assert [get(view)["Vary"], get(view)["Vary"]] == ["Accept-Encoding", "Accept-Encoding"]


def test_head_is_answered_from_the_page_without_its_body() -> None:
    view = counting()
    get(view)
    answer = view(RequestFactory().head("/"))
    assert (answer.getvalue(), answer["Content-Length"]) == (b"", "8")


def test_answer_to_head_is_not_kept() -> None:
    view = counting()
    view(RequestFactory().head("/"))
    assert get(view).content == b"answer 2"


@pytest.mark.parametrize(
    "meta", [{"HTTP_COOKIE": "sessionid=x"}, {"HTTP_COOKIE": "theme=dark"}, {"HTTP_AUTHORIZATION": "Bearer x"}]
)
def test_reader_who_may_be_somebody_gets_nothing_kept_and_leaves_nothing(meta: dict[str, str]) -> None:
    view = counting()
    assert get(view, **meta).content == b"answer 1"
    assert get(view).content == b"answer 2"
    assert get(view, **meta).content == b"answer 3"


def test_post_goes_past_the_cache() -> None:
    view = counting()
    get(view)
    answer = view(RequestFactory().post("/"))
    assert isinstance(answer, HttpResponse)
    assert answer.content == b"answer 2"


@pytest.mark.parametrize(
    "headers",
    [
        {"Cache-Control": ""},
        {"Cache-Control": "s-maxage=60"},
        {"Cache-Control": "public, max-age=60"},
        {"Cache-Control": "public, s-maxage=0"},
        {"Cache-Control": "public, s-maxage=soon"},
        {"Cache-Control": f"{PUBLIC}, private"},
        {"Cache-Control": f"{PUBLIC}, no-store"},
        {"Vary": "Cookie"},
        {"Vary": "Accept-Encoding, Accept-Language"},
        {"Vary": "*"},
        {"Content-Encoding": "gzip"},
    ],
)
def test_answer_that_is_not_for_everybody_is_not_kept(headers: dict[str, str]) -> None:
    view = counting(**headers)
    get(view)
    assert get(view).content == b"answer 2"


@pytest.mark.parametrize("status", [301, 404, 410, 500])
def test_only_what_is_there_is_kept(status: int) -> None:
    assert seconds_to_share(HttpResponse(status=status, headers={"Cache-Control": PUBLIC})) == 0


def test_answer_with_a_cookie_is_not_kept() -> None:
    answer = HttpResponse(headers={"Cache-Control": PUBLIC})
    assert seconds_to_share(answer) == 60
    answer.set_cookie("sessionid", "x")
    assert seconds_to_share(answer) == 0


def test_stream_is_not_kept() -> None:
    assert seconds_to_share(StreamingHttpResponse([b"x"], headers={"Cache-Control": PUBLIC})) == 0


def test_pages_are_kept_apart_by_host_scheme_path_and_number() -> None:
    view = counting()
    asked = [
        get(view, "/"),
        get(view, "/", HTTP_HOST="localhost"),
        get(view, "/", **{"wsgi.url_scheme": "https"}),
        get(view, "/papers/"),
        get(view, "/papers/?page=2"),
    ]
    assert [answer.content for answer in asked] == [f"answer {number}".encode() for number in range(1, 6)]


def test_host_that_is_not_ours_is_left_to_django() -> None:
    view = counting()
    get(view)
    assert get(view, HTTP_HOST="evil.example").content == b"answer 2"


def test_no_page_sees_what_others_append_to_links() -> None:
    view = site(lambda request: HttpResponse(request.get_full_path(), headers={"Cache-Control": PUBLIC}))
    assert get(view, "/?utm_source=evil&page=2&fbclid=1").content == b"/?page=2"
    assert get(view, "/?page=2").has_header("Age")


def test_unknown_parameter_goes_past_the_cache() -> None:
    view = counting()
    get(view, "/?q=x")
    assert get(view, "/?q=x").content == b"answer 2"
    assert get(view, f"/?page={'1' * 300}").content == b"answer 3"
    assert get(view, f"/?page={'1' * 300}").content == b"answer 4"


def test_reader_who_has_the_page_already_is_told_so() -> None:
    view = counting(ETag='"1"')
    assert get(view, HTTP_IF_NONE_MATCH='"1"').status_code == 304
    assert get(view, HTTP_IF_NONE_MATCH='"1"').status_code == 304
    assert get(view, HTTP_IF_NONE_MATCH='"0"').content == b"answer 1"


def test_old_page_is_made_anew() -> None:
    view = counting()
    with time_machine.travel(1_000_000_000, tick=False) as clock:
        get(view)
        clock.shift(59)
        assert get(view)["Age"] == "59"
        clock.shift(1)
        assert get(view).content == b"answer 2"
        assert get(view).content == b"answer 2"


def test_others_get_the_old_page_while_one_makes_it_anew() -> None:
    numbers = itertools.count(1)
    others: list[bytes] = []

    def slow(request: HttpRequest) -> HttpResponse:
        number = next(numbers)
        if number == 2:
            others.append(get(view).content)
        return HttpResponse(f"answer {number}", headers={"Cache-Control": PUBLIC})

    view = site(slow)
    with time_machine.travel(1_000_000_000, tick=False) as clock:
        get(view)
        clock.shift(100)
        assert get(view).content == b"answer 2"
    assert others == [b"answer 1"]


@pytest.mark.parametrize(("status", "kept"), [(404, False), (410, False), (301, False), (500, True)])
def test_old_page_is_forgotten_where_nothing_stands_any_more(status: int, kept: bool) -> None:
    statuses = iter([200, status])
    view = site(lambda request: HttpResponse("answer", status=next(statuses), headers={"Cache-Control": PUBLIC}))
    with time_machine.travel(1_000_000_000, tick=False) as clock:
        get(view)
        clock.shift(100)
        assert get(view).status_code == status
    with redis.Redis.from_url(settings.REDIS_URL) as valkey:
        assert bool(valkey.exists("page:/")) is kept


def test_everything_kept_goes_away_by_itself() -> None:
    get(counting())
    with redis.Redis.from_url(settings.REDIS_URL) as valkey:
        lifetimes = [valkey.ttl(key) for key in valkey.scan_iter(f"{page_cache.KEY_PREFIX}*")]
    assert lifetimes
    assert all(0 < seconds <= 60 + LINGER_SECONDS for seconds in lifetimes)
    assert CLAIM_SECONDS < LINGER_SECONDS


@pytest.mark.parametrize("url", ["/p/gödel/", "/p/g%C3%B6del/", "https://news.example.org/p/g%C3%B6del/"])
def test_refreshed_page_is_made_anew_for_every_query(url: str) -> None:
    view = counting()
    get(view, "/p/gödel/")
    get(view, "/p/gödel/?page=2")
    refresh_pages(url)
    assert get(view, "/p/gödel/").content == b"answer 3"
    assert get(view, "/p/gödel/?page=2").content == b"answer 4"


def test_secret_header_makes_a_page_anew(settings: Settings) -> None:
    settings.REFRESH_KEY = "a secret that nginx knows too"
    view = counting()
    get(view)
    assert get(view, HTTP_X_REFRESH="a guess").content == b"answer 1"
    assert get(view, HTTP_X_REFRESH=settings.REFRESH_KEY).content == b"answer 2"
    assert get(view).content == b"answer 2"


def test_no_secret_no_refresh() -> None:
    view = counting()
    get(view)
    assert get(view, HTTP_X_REFRESH="").content == b"answer 1"


def test_without_valkey_pages_are_made(settings: Settings) -> None:
    settings.REDIS_URL = NOBODY
    view = counting()
    assert get(view).content == b"answer 1"
    assert get(view).content == b"answer 2"
    refresh_pages("/")


def test_silent_valkey_is_left_alone_for_a_moment() -> None:
    silent = PageShelf(NOBODY)
    silent.forget(["/"])
    until = silent.silent_until
    assert until > 0
    silent.forget(["/"])
    assert silent.silent_until == until


WITHOUT_BROKER = """
import django
django.setup()
from core.web.page_cache import refresh_pages
refresh_pages("/")
"""


def test_refresh_without_valkey_and_broker_raises_nothing() -> None:
    variables = {"REDIS_URL": NOBODY, "PAGE_CACHE": "1", "EDGE_URL": "http://127.0.0.1:9", "REFRESH_KEY": SECRET}
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_BROKER],
        cwd=ROOT,
        env={**os.environ, **variables, "DJANGO_SETTINGS_MODULE": "llmwatch.settings"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "pagecache.silent" in done.stderr
    assert "pagecache.edge_not_told" in done.stderr


def test_cache_can_be_switched_off(settings: Settings) -> None:
    settings.PAGE_CACHE = False
    with pytest.raises(MiddlewareNotUsed):
        counting()
