"""A highlight's heading with the links printed after it: `Title (paper/code)`, in Markdown with addresses."""

from __future__ import annotations

import re

from issues.document import Link
from papers.links import KINDS

_KIND = rf"(?:{'|'.join(sorted(KINDS))})"
_LINK = rf"(?:\[{_KIND}\]\((?:<[^<>\s]*>|[^\s()<>]*)\)|{_KIND})"
_PRINTED = re.compile(rf"\s\({_LINK}(?:\s*[/,|]\s*{_LINK})*\)")
_ONE = re.compile(rf"\[(?P<named>{_KIND})\]\((?P<url><[^<>\s]*>|[^\s()<>]*)\)|(?P<promised>{_KIND})")
_BARE_URL = re.compile(r"[^\s()<>]+")
_WATCHING = re.compile(r"Watching:\s+(?=\S)")


def split_links(heading: str) -> tuple[str, tuple[Link, ...]]:
    """The title, and the kinds printed in brackets after it; a kind without an address is a promise."""
    title = heading.strip()
    found = next((match for match in _PRINTED.finditer(title) if match.end() == len(title)), None)
    if found is None or not title[: found.start()].strip():
        return title, ()
    return title[: found.start()].strip(), tuple(map(_link, _ONE.finditer(found[0])))


def format_links(links: tuple[Link, ...]) -> str:
    """The links in Markdown as `split_links` reads them, with the blank and the brackets; nothing for no links."""
    return f" ({'/'.join(map(_format_link, links))})" if links else ""


def split_watching(line: str) -> tuple[str, tuple[Link, ...]] | None:
    """The paper that a line `Watching: Title (paper/code)` names; None for another line."""
    begins = _WATCHING.match(line)
    return split_links(line[begins.end() :]) if begins else None


def _link(match: re.Match[str]) -> Link:
    if match["promised"]:
        return Link(kind=match["promised"])
    return Link(kind=match["named"], url=match["url"].removeprefix("<").removesuffix(">"))


def _format_link(link: Link) -> str:
    if not link.url:
        return link.kind
    return f"[{link.kind}]({link.url if _BARE_URL.fullmatch(link.url) else f'<{link.url}>'})"
