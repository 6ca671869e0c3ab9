"""Whole pages for anonymous readers, kept in Valkey for as long as their Cache-Control lets shared caches keep them.

Only what is the same for everybody is kept: the answer 200 to a GET without cookie, marked `public` with an `s-maxage`,
that sets no cookie and varies by nothing but encoding. Where Valkey is silent, pages are made as without a cache.
"""

import gzip
import json
import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import redis
from django.conf import settings
from django.core.exceptions import DisallowedHost, MiddlewareNotUsed
from django.http import HttpRequest
from django.http.response import HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.crypto import constant_time_compare
from django.utils.http import parse_http_date_safe
from kombu.exceptions import OperationalError

from core.web.valkey import connect_valkey

log = logging.getLogger(__name__)

KEY_PREFIX: Final = "page:"
LINGER_SECONDS: Final = 600  # seconds that an old page is still given to others while one process makes it anew
CLAIM_SECONDS: Final = 10  # seconds that making it may take before another process tries
MAX_WAIT: Final = 0.3  # seconds for Valkey to answer
_PAUSE: Final = 5.0  # seconds without asking after it did not
LONGEST_QUERY: Final = 200
# What other sites append to links; no page depends on it and no page gets to see it.
_TRACKING: Final = re.compile(r"utm_\w+|fbclid|gclid|mc_[ce]id")
_CONDITIONS: Final = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE")

T = TypeVar("T")
GetResponse = Callable[[HttpRequest], HttpResponseBase]


@dataclass(frozen=True, slots=True)
class _Address:
    """What a kept page belongs to: one path, and below it the site's form of address and the query."""

    path: str
    variant: str

    @property
    def key(self) -> str:
        return f"{KEY_PREFIX}{self.path}"


@dataclass(frozen=True, slots=True)
class CachedPage:
    """A kept answer; `made` is Unix time, `fresh` seconds."""

    made: float
    fresh: int
    headers: Mapping[str, str]
    body: bytes

    def dump(self) -> bytes:
        return json.dumps([self.made, self.fresh, dict(self.headers)]).encode() + b"\n" + self.body

    @classmethod
    def load(cls, stored: bytes) -> "CachedPage":
        head, _, body = stored.partition(b"\n")
        made, fresh, headers = json.loads(head)
        return cls(made, fresh, headers, body)

    def age(self, now: float) -> int:
        return max(0, int(now - self.made))


class PageShelf:
    """The pages in Valkey: one hash for each path, so that a path is refreshed with one DEL."""

    def __init__(self, url: str) -> None:
        self.client = connect_valkey(url, MAX_WAIT)
        self.silent_until = 0.0

    def find(self, address: _Address, *, zipped: bool) -> CachedPage | None:
        stored = self._ask(lambda: self.client.hget(address.key, _field(address, zipped=zipped)))
        return CachedPage.load(stored) if isinstance(stored, bytes) else None

    def claim(self, address: _Address) -> bool:
        """Whether this process may make the page anew; exactly one does."""
        name = f"{KEY_PREFIX}claim:{address.path}:{address.variant}"
        return bool(self._ask(lambda: self.client.set(name, 1, nx=True, ex=CLAIM_SECONDS)))

    def keep(self, address: _Address, page: CachedPage, zipped: CachedPage) -> None:
        fields: dict[Any, Any] = {
            _field(address, zipped=False): page.dump(),
            _field(address, zipped=True): zipped.dump(),
        }

        def write() -> None:
            with self.client.pipeline() as pipe:
                pipe.hset(address.key, mapping=fields)
                pipe.expire(address.key, page.fresh + LINGER_SECONDS)
                pipe.execute()

        self._ask(write)

    def forget(self, paths: list[str]) -> None:
        self._ask(lambda: self.client.delete(*(f"{KEY_PREFIX}{path}" for path in paths)))

    def _ask(self, question: Callable[[], T]) -> T | None:
        if time.monotonic() < self.silent_until:
            return None
        try:
            return question()
        except redis.RedisError as error:
            self.silent_until = time.monotonic() + _PAUSE
            log.warning("pagecache.silent pause=%ds error=%s", _PAUSE, error)
            return None


@lru_cache(maxsize=4)
def open_shelf(url: str) -> PageShelf:
    """One for each process and Valkey."""
    return PageShelf(url)


def refresh_pages(*urls: str) -> None:
    """Forget these pages (paths as of get_absolute_url, or full addresses), here and at the edge. Never raises."""
    if not settings.PAGE_CACHE or not urls:
        return
    paths = [unquote(urlsplit(url).path) for url in urls]
    open_shelf(settings.REDIS_URL).forget(paths)
    if settings.EDGE_URL and settings.REFRESH_KEY:
        from core.web.tasks import refresh_edge

        try:
            refresh_edge.apply_async((paths,), retry=False)
        except OperationalError as error:  # the edge turns its pages over by itself, a minute later
            log.warning("pagecache.edge_not_told error=%s", error)


class PageCacheMiddleware:
    """Stands before all other middleware: a kept page costs no session, no view and no query."""

    def __init__(self, get_response: GetResponse) -> None:
        if not settings.PAGE_CACHE:
            raise MiddlewareNotUsed
        self.get_response = get_response
        self.shelf = open_shelf(settings.REDIS_URL)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        address = address_of(request)
        if address is None:
            return self.get_response(request)
        page = None
        if not _asks_for_refresh(request):
            zipped = "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "")
            page, now = self.shelf.find(address, zipped=zipped), time.time()
            if page is not None and (page.age(now) < page.fresh or not self.shelf.claim(address)):
                return _conditional(request, _answer(request, page, now))
        return self._make(request, address, old=page)

    def _make(self, request: HttpRequest, address: _Address, *, old: CachedPage | None) -> HttpResponseBase:
        # The view must give the whole page to keep; whether the reader has it already is decided afterwards.
        conditions: dict[str, str] = {name: request.META.pop(name) for name in _CONDITIONS if name in request.META}
        response = self.get_response(request)
        request.META.update(conditions)
        fresh = seconds_to_share(response)
        if fresh and isinstance(response, HttpResponse):
            patch_vary_headers(response, ["Accept-Encoding"])
            if request.method == "GET":
                self.shelf.keep(address, *_pages(response, fresh))
        elif old is not None and response.status_code < 500:
            self.shelf.forget([address.path])  # it stands there no more
        return _conditional(request, response)


def address_of(request: HttpRequest) -> _Address | None:
    """The key of the page; None for visitors who may get another page than everybody. Takes out tracking parameters."""
    somebody = request.META.get("HTTP_COOKIE") or request.META.get("HTTP_AUTHORIZATION")
    if somebody or request.method not in {"GET", "HEAD"}:
        return None
    query = _known_query(request.META.get("QUERY_STRING", ""))
    if query is None:
        return None
    try:
        variant = f"{request.scheme}://{request.get_host()}?{query}"
    except DisallowedHost:
        return None
    request.META["QUERY_STRING"] = query
    return _Address(request.path, variant)


def _known_query(query: str) -> str | None:
    """The query in one order, without tracking; None if it has a parameter that no page knows."""
    if not query:
        return ""
    pairs = [pair for pair in parse_qsl(query, keep_blank_values=True) if not _TRACKING.fullmatch(pair[0])]
    if len(query) > LONGEST_QUERY or not {name for name, _ in pairs} <= set(settings.PAGE_CACHE_PARAMETERS):
        return None
    return urlencode(sorted(pairs))


def seconds_to_share(response: HttpResponseBase) -> int:
    """How long a shared cache may keep this answer; 0: not at all."""
    control = {part.strip() for part in response.get("Cache-Control", "").lower().split(",")}
    vary = {part.strip() for part in response.get("Vary", "").lower().split(",")} - {"", "accept-encoding"}
    private = response.streaming or response.cookies or vary or control & {"private", "no-store", "no-cache"}
    if response.status_code != 200 or private or "public" not in control or response.has_header("Content-Encoding"):
        return 0
    seconds = next((part.removeprefix("s-maxage=") for part in control if part.startswith("s-maxage=")), "0")
    return int(seconds) if seconds.isdecimal() else 0


def _field(address: _Address, *, zipped: bool) -> str:
    return f"{address.variant}|{'gzip' if zipped else 'plain'}"


def _pages(response: HttpResponse, fresh: int) -> tuple[CachedPage, CachedPage]:
    headers = {name: value for name, value in response.items() if name.lower() != "content-length"}
    plain = CachedPage(time.time(), fresh, headers, response.content)
    zipped = {**headers, "Content-Encoding": "gzip"}
    if "ETag" in headers:
        zipped["ETag"] = f"W/{headers['ETag'].removeprefix('W/')}"
    return plain, CachedPage(plain.made, fresh, zipped, gzip.compress(response.content, 6, mtime=0))


def _answer(request: HttpRequest, page: CachedPage, now: float) -> HttpResponse:
    response = HttpResponse(b"" if request.method == "HEAD" else page.body, headers={**page.headers})
    response["Content-Length"] = str(len(page.body))
    response["Age"] = str(page.age(now))
    return response


def _conditional(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    if response.status_code != 200 or not isinstance(response, HttpResponse):
        return response
    changed = parse_http_date_safe(response.get("Last-Modified", ""))
    answer = get_conditional_response(request, etag=response.get("ETag"), last_modified=changed, response=response)
    return answer or response


def _asks_for_refresh(request: HttpRequest) -> bool:
    given = request.META.get("HTTP_X_REFRESH", "")
    return bool(given and settings.REFRESH_KEY) and constant_time_compare(given, settings.REFRESH_KEY)
