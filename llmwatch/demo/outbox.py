"""The demo's caught mail, as `/outbox/` shows it. With DEBUG only: it holds the tokens of everybody who got a mail."""

from __future__ import annotations

import email
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesHeaderParser
from functools import wraps
from pathlib import Path
from typing import Concatenate, Final, ParamSpec

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from llmwatch.csp_middleware import PUBLIC_POLICY

A_PAGE: Final = 50
_VIEWS: Final = ("html", "text", "headers")
# What a mail may do in its frame: show itself and this site's pictures, and open its links in a window of their own.
_MAIL: Final = (
    "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; "
    "img-src 'self' {site} data:; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'self'"
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,120}")
_HEAD = re.compile(r"<head\b[^>]*>", re.IGNORECASE)
P = ParamSpec("P")
_View = Callable[Concatenate[HttpRequest, P], HttpResponse]


@dataclass(frozen=True, slots=True)
class _Caught:
    """A message in the list."""

    name: str
    subject: str
    recipient: str
    caught_at: datetime


@dataclass(frozen=True, slots=True)
class _Opened:
    """A message with all that it holds; its HTML is as it came."""

    name: str
    subject: str
    recipient: str
    headers: tuple[tuple[str, str], ...]
    text: str
    html: str
    size: int


def with_debug(view: _View[P]) -> _View[P]:
    """There is no such page where DEBUG is off."""

    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not settings.DEBUG:
            raise Http404
        return view(request, *args, **kwargs)

    guarded: _View[P] = require_safe(never_cache(answer))
    return guarded


@with_debug
def outbox(request: HttpRequest) -> HttpResponse:
    page = Paginator(_files(), A_PAGE).get_page(request.GET.get("page"))
    return render(request, "outbox/list.html", {"page": page, "messages": [_caught(path) for path in page]})


@with_debug
def message(request: HttpRequest, name: str, view: str = "html") -> HttpResponse:
    if view not in _VIEWS:
        raise Http404
    context = {"message": _opened(name), "view": view, "views": _VIEWS}
    response = render(request, "outbox/message.html", context)
    response.headers["Content-Security-Policy"] = f"{PUBLIC_POLICY}; frame-src 'self'"
    return response


@with_debug
def body(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML part alone, for the frame: links open elsewhere, and nothing else works."""
    html = _opened(name).html
    base = '<base target="_blank">'
    shown = _HEAD.sub(lambda head: head[0] + base, html, count=1) if _HEAD.search(html) else base + html
    response = HttpResponse(shown)
    response.headers["Content-Security-Policy"] = _MAIL.format(site=settings.SITE_URL)
    return response


def _files() -> list[Path]:
    """The newest first."""
    found = (path for path in settings.OUTBOX_FOLDER.glob("*.eml") if _NAME.fullmatch(path.stem) and path.is_file())
    return sorted(found, key=lambda path: (path.stat().st_mtime, path.name), reverse=True)


def _caught(path: Path) -> _Caught:
    with path.open("rb") as file:
        head = BytesHeaderParser().parse(file)
    caught_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return _Caught(path.stem, _words(head["Subject"]), _words(head["To"]).strip("<>"), caught_at)


def _opened(name: str) -> _Opened:
    path = settings.OUTBOX_FOLDER / f"{name}.eml"
    if not _NAME.fullmatch(name) or not path.is_file():
        raise Http404
    data = path.read_bytes()
    found = email.message_from_bytes(data)
    return _Opened(
        name=name,
        subject=_words(found["Subject"]),
        recipient=_words(found["To"]).strip("<>"),
        headers=tuple((field, _words(value)) for field, value in found.items()),
        text=next(_bodies(found, "text/plain"), ""),
        html=next(_bodies(found, "text/html"), ""),
        size=len(data),
    )


def _words(value: object) -> str:
    """A header as a person reads it; as it stands where it is no good."""
    try:
        words = str(make_header(decode_header(str(value or ""))))
    except (HeaderParseError, LookupError, ValueError):
        words = str(value)
    return " ".join(words.split())


def _bodies(found: Message, kind: str) -> Iterator[str]:
    for part in found.walk():
        data = part.get_payload(decode=True) if part.get_content_type() == kind else None
        if isinstance(data, bytes):
            yield _decoded(data, part.get_content_charset("utf-8"))


def _decoded(data: bytes, charset: str) -> str:
    try:
        return data.decode(charset, errors="replace")
    except LookupError:
        return data.decode("latin-1")
