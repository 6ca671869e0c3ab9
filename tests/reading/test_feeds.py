"""Feeds as bytes. Pure."""

import json
from dataclasses import replace
from datetime import UTC, datetime

from lxml import etree

from reading.feeds import (
    ATOM_NAMESPACE,
    CONTENT_NAMESPACE,
    FeedDocument,
    FeedEntry,
    absolute_addresses,
    to_atom,
    to_json_feed,
    to_rss,
)

ENTRY = FeedEntry(
    title="Maths & <tags>",
    url="https://news.example.org/p/one/",
    html='<p>Hello &amp; <a href="https://news.example.org/">home</a></p>',
    summary="Hello",
    authors=("LLM Watch", "Editor"),
    published=datetime(2025, 9, 7, 12, tzinfo=UTC),
    updated=datetime(2025, 9, 8, 12, tzinfo=UTC),
    series="Weekly",
)
FEED = FeedDocument(
    title="LLM Watch",
    subtitle="Papers",
    url="https://news.example.org/",
    own_url="https://news.example.org/feeds/issues.atom",
    entries=[ENTRY],
    updated=ENTRY.updated,
)
NAMES = {"a": ATOM_NAMESPACE, "content": CONTENT_NAMESPACE}


def read(text: bytes, path: str) -> str | None:
    return etree.fromstring(text).findtext(path, namespaces=NAMES)


def test_atom_holds_the_whole_text_under_an_id_that_stays() -> None:
    feed = to_atom(FEED)
    assert read(feed, "a:entry/a:id") == ENTRY.url
    assert read(feed, "a:entry/a:content") == ENTRY.html
    assert read(feed, "a:entry/a:title") == ENTRY.title


def test_a_correction_changes_updated_and_not_published() -> None:
    later = replace(ENTRY, updated=datetime(2025, 10, 1, tzinfo=UTC))
    feed = to_atom(replace(FEED, entries=[later]))
    assert read(feed, "a:entry/a:published") == "2025-09-07T12:00:00+00:00"
    assert read(feed, "a:entry/a:updated") == "2025-10-01T00:00:00+00:00"


def test_rss_says_the_same() -> None:
    feed = to_rss(FEED)
    assert read(feed, "channel/item/guid") == ENTRY.url
    assert read(feed, "channel/item/content:encoded") == ENTRY.html
    assert read(feed, "channel/item/pubDate") == "Sun, 07 Sep 2025 12:00:00 +0000"


def test_the_json_feed_says_the_same() -> None:
    (item,) = json.loads(to_json_feed(FEED))["items"]
    assert (item["id"], item["content_html"], item["tags"]) == (ENTRY.url, ENTRY.html, ["Weekly"])


def test_an_empty_feed_is_a_feed() -> None:
    empty = replace(FEED, entries=[])
    assert read(to_atom(empty), "a:updated") == "2025-09-08T12:00:00+00:00"
    assert json.loads(to_json_feed(empty))["items"] == []


def test_characters_that_xml_cannot_hold_are_left_out() -> None:
    odd = replace(ENTRY, title="A\x0bB\ud800C\uffff")
    assert read(to_atom(replace(FEED, entries=[odd])), "a:entry/a:title") == "ABC"


def test_addresses_of_the_site_and_of_the_page_become_full() -> None:
    html = '<a class="x" href="/glossary/">g</a><a href="#a">a</a><img src="/m/a.png" alt="/b"><a href="https://x.org/">x</a>'
    assert absolute_addresses(html, "https://n.org", "https://n.org/p/one/") == (
        '<a class="x" href="https://n.org/glossary/">g</a><a href="https://n.org/p/one/#a">a</a>'
        '<img src="https://n.org/m/a.png" alt="/b"><a href="https://x.org/">x</a>'
    )


def test_an_address_without_a_scheme_is_of_another_site() -> None:
    assert absolute_addresses('<a href="//x.org/">x</a>', "https://n.org", "p") == '<a href="//x.org/">x</a>'
