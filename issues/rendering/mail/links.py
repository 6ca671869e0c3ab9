"""The links of a mail's HTML with the block that each stands in, and where else they are to lead. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape, unescape
from typing import Final

# The template writes one before each block and an empty one behind the last; no reader gets them.
_MARK: Final = re.compile(r"<!--block ([^>]*)-->\n?")
_LINK: Final = re.compile(
    r'(?P<before><a\b[^>]*?\bhref=")(?P<url>https?://[^"]*)(?P<rest>"[^>]*>(?P<inside>.*?)</a>)', re.DOTALL
)
_PIECE: Final = re.compile(f"{_MARK.pattern}|{_LINK.pattern}", re.DOTALL)
_ALT: Final = re.compile(r'<img\b[^>]*\balt="([^"]*)"[^>]*>')
_TAG: Final = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class MailAnchor:
    """A link as it is read: `block` is the UUID of its block, empty at the head and the foot; `words` are plain."""

    url: str
    block: str
    words: str


LinkReplacer = Callable[[MailAnchor], str]


def remove_markers(html: str) -> str:
    """As it is sent where every link stays as it is."""
    return _MARK.sub("", html)


def replace_links(html: str, lead: LinkReplacer) -> str:
    """As it is sent where `lead` gives the address that a link gets."""
    block = ""

    def piece(found: re.Match[str]) -> str:
        nonlocal block
        if found["url"] is None:
            block = unescape(found[1])
            return ""
        anchor = MailAnchor(unescape(found["url"]), block, _words(found["inside"]))
        return f"{found['before']}{escape(lead(anchor))}{found['rest']}"

    return _PIECE.sub(piece, html)


def _words(inside: str) -> str:
    plain = _TAG.sub("", _ALT.sub(r"\1", inside))
    return " ".join(unescape(plain).split())
