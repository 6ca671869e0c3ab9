"""Atom, RSS and JSON feeds with the whole text. Pure: entries in, bytes out."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Final

from lxml import etree

ATOM_NAMESPACE: Final = "http://www.w3.org/2005/Atom"
CONTENT_NAMESPACE: Final = "http://purl.org/rss/1.0/modules/content/"
DUBLIN_CORE: Final = "http://purl.org/dc/elements/1.1/"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OWN_ADDRESS = re.compile(r'(<(?:a|img)\b[^>]*?\s(?:href|src)=")(/(?!/)|#)')


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedEntry:
    """An issue; `html` has full addresses only, `url` is its id for ever."""

    title: str
    url: str
    html: str
    summary: str
    authors: tuple[str, ...]
    published: datetime
    updated: datetime
    series: str = ""
    image: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDocument:
    title: str
    subtitle: str
    url: str
    own_url: str
    entries: Sequence[FeedEntry]
    updated: datetime


def absolute_addresses(html: str, site: str, page: str) -> str:
    """The same HTML with the addresses of this site and of this page (`#…`) in full."""
    return _OWN_ADDRESS.sub(lambda found: f"{found[1]}{page}#" if found[2] == "#" else f"{found[1]}{site}/", html)


def to_atom(feed: FeedDocument) -> bytes:
    root = etree.Element(f"{{{ATOM_NAMESPACE}}}feed", nsmap={None: ATOM_NAMESPACE})
    _add(root, f"{{{ATOM_NAMESPACE}}}title", feed.title)
    _add(root, f"{{{ATOM_NAMESPACE}}}subtitle", feed.subtitle)
    _add(root, f"{{{ATOM_NAMESPACE}}}id", feed.own_url)
    _add(root, f"{{{ATOM_NAMESPACE}}}link", rel="self", type="application/atom+xml", href=feed.own_url)
    _add(root, f"{{{ATOM_NAMESPACE}}}link", rel="alternate", type="text/html", href=feed.url)
    _add(root, f"{{{ATOM_NAMESPACE}}}updated", feed.updated.isoformat())
    for entry in feed.entries:
        _add_atom_entry(root, entry, feed)
    return _bytes(root)


def to_rss(feed: FeedDocument) -> bytes:
    root = etree.Element(
        "rss", version="2.0", nsmap={"atom": ATOM_NAMESPACE, "content": CONTENT_NAMESPACE, "dc": DUBLIN_CORE}
    )
    channel = etree.SubElement(root, "channel")
    _add(channel, "title", feed.title)
    _add(channel, "link", feed.url)
    _add(channel, "description", feed.subtitle)
    _add(channel, "language", "en")
    _add(channel, "lastBuildDate", format_datetime(feed.updated))
    _add(channel, f"{{{ATOM_NAMESPACE}}}link", rel="self", type="application/rss+xml", href=feed.own_url)
    for entry in feed.entries:
        item = etree.SubElement(channel, "item")
        _add(item, "title", entry.title)
        _add(item, "link", entry.url)
        _add(item, "guid", entry.url, isPermaLink="true")
        _add(item, "pubDate", format_datetime(entry.published))
        _add(item, f"{{{DUBLIN_CORE}}}creator", ", ".join(entry.authors))
        _add(item, "description", entry.summary)
        _add(item, f"{{{CONTENT_NAMESPACE}}}encoded", entry.html)
    return _bytes(root)


def to_json_feed(feed: FeedDocument) -> bytes:
    data = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "description": feed.subtitle,
        "home_page_url": feed.url,
        "feed_url": feed.own_url,
        "language": "en",
        "items": [
            {
                "id": entry.url,
                "url": entry.url,
                "title": entry.title,
                "content_html": entry.html,
                "summary": entry.summary,
                "date_published": entry.published.isoformat(),
                "date_modified": entry.updated.isoformat(),
                "authors": [{"name": name} for name in entry.authors],
                **({"image": entry.image} if entry.image else {}),
                **({"tags": [entry.series]} if entry.series else {}),
            }
            for entry in feed.entries
        ],
    }
    return json.dumps(data, ensure_ascii=False, indent=1).encode()


def _add_atom_entry(root: etree._Element, entry: FeedEntry, feed: FeedDocument) -> None:
    element = etree.SubElement(root, f"{{{ATOM_NAMESPACE}}}entry")
    _add(element, f"{{{ATOM_NAMESPACE}}}title", entry.title)
    _add(element, f"{{{ATOM_NAMESPACE}}}id", entry.url)
    _add(element, f"{{{ATOM_NAMESPACE}}}link", rel="alternate", type="text/html", href=entry.url)
    _add(element, f"{{{ATOM_NAMESPACE}}}published", entry.published.isoformat())
    _add(element, f"{{{ATOM_NAMESPACE}}}updated", entry.updated.isoformat())
    for name in entry.authors:
        _add(etree.SubElement(element, f"{{{ATOM_NAMESPACE}}}author"), f"{{{ATOM_NAMESPACE}}}name", name)
    if entry.series:
        _add(element, f"{{{ATOM_NAMESPACE}}}category", term=entry.series)
    _add(element, f"{{{ATOM_NAMESPACE}}}summary", entry.summary)
    _add(element, f"{{{ATOM_NAMESPACE}}}content", entry.html, type="html")


def _add(parent: etree._Element, tag: str, text: str = "", **attributes: str) -> None:
    """Characters that XML cannot hold are left out."""
    element = etree.SubElement(parent, tag, {name: _NOT_XML.sub("", value) for name, value in attributes.items()})
    element.text = _NOT_XML.sub("", text) or None


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)
