"""The query API: Atom in the envelope since November 2025, or in the one before it."""

import hashlib
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lxml import etree

from tests.arxiv_simulator.archive import Announced, Archive
from tests.arxiv_simulator.days import feed_day
from tests.arxiv_simulator.faults import Answer, Fault
from tests.arxiv_simulator.formats.markup import add, written, zulu
from tests.arxiv_simulator.formats.search import BadQuery, read_query
from tests.arxiv_simulator.history import Event

ATOM: Final = "http://www.w3.org/2005/Atom"
ARXIV: Final = "http://arxiv.org/schemas/atom"
OPENSEARCH: Final = "http://a9.com/-/spec/opensearch/1.1/"
WINDOW: Final = 10_000
PAGE: Final = 2_000
_KIND: Final = "application/atom+xml; charset=utf-8"
_ID = re.compile(r"(?P<id>(?:[a-z-]+(?:\.[A-Z]{2})?/\d{7})|\d{4}\.\d{4,5})(?:v(?P<version>[1-9]\d{0,2}))?")
_SORTS: Final = {"relevance", "lastUpdatedDate", "submittedDate"}


@dataclass(frozen=True, slots=True)
class Question:
    """The parameters as they were sent, defaults filled in."""

    search_query: str
    id_list: str
    start: int
    max_results: int
    sort: str
    descending: bool


def answer(archive: Archive, params: Mapping[str, str], now: datetime, fault: Fault, old: bool) -> Answer:
    """`old` asks for the envelope before November 2025, whose errors came with HTTP 200."""
    try:
        question = _question(params)
        found = fault.hide(_sorted(_found(archive, question, now), question))
    except BadQuery as refusal:
        return Answer.of(200 if old else 400, _error(str(refusal), now), _KIND)
    page = fault.distort(found[question.start : question.start + question.max_results])
    feed = _feed(question, len(found), now)
    for item in page:
        (_old_entry if old else _entry)(feed, item)
    return Answer.of(200, written(feed), _KIND)


def _question(params: Mapping[str, str]) -> Question:
    question = Question(
        search_query=params.get("search_query", ""),
        id_list=params.get("id_list", ""),
        start=_number(params, "start", 0),
        max_results=_number(params, "max_results", 10),
        sort=params.get("sortBy", "relevance"),
        descending=params.get("sortOrder", "descending") != "ascending",
    )
    if question.start + question.max_results > WINDOW or question.max_results > PAGE:
        raise BadQuery(f"start + max_results must not exceed {WINDOW}, max_results not {PAGE}")
    if question.sort not in _SORTS:
        raise BadQuery(f"sortBy must be in: {', '.join(sorted(_SORTS))}")
    if not question.search_query and not question.id_list:
        raise BadQuery("search_query or id_list is needed")
    return question


def _number(params: Mapping[str, str], name: str, default: int) -> int:
    text = params.get(name, str(default))
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadQuery(f"{name} must be a non-negative integer")
    return int(text)


def _found(archive: Archive, question: Question, now: datetime) -> list[Announced]:
    today = feed_day(now)
    if question.id_list:
        asked = dict.fromkeys(filter(None, map(str.strip, question.id_list.split(","))))
        found = [item for one in asked if (item := _by_id(archive, one, now)) is not None]
    else:
        found = list(archive.standing(today))
    if question.search_query:
        test = read_query(question.search_query)
        found = [item for item in found if test(item)]
    return found


def _by_id(archive: Archive, written_id: str, now: datetime) -> Announced | None:
    """None where arXiv has no such paper or version: it is left out without a word."""
    match = _ID.fullmatch(written_id)
    if match is None:
        raise BadQuery(f"incorrect id format for {written_id}")
    paper = archive.papers.get(match["id"])
    event = paper.last(feed_day(now)) if paper else None
    if paper is None or event is None:
        return None
    if match["version"] is None:
        return Announced(paper, event)
    state = paper.versions(feed_day(now)).get(int(match["version"]))
    return Announced(paper, Event(event.day, event.kind, state)) if state else None


def _sorted(found: list[Announced], question: Question) -> list[Announced]:
    if question.sort == "submittedDate":
        found = sorted(found, key=lambda item: (item.paper.submitted, item.paper.id), reverse=question.descending)
    elif question.sort == "lastUpdatedDate":
        found = sorted(found, key=lambda item: (item.event.state.submitted, item.paper.id), reverse=question.descending)
    return found


def _new_feed() -> etree._Element:
    # The prefixes in arXiv's own order.
    return etree.Element(f"{{{ATOM}}}feed", nsmap={"opensearch": OPENSEARCH, "arxiv": ARXIV, None: ATOM})


def _feed(question: Question, total: int, now: datetime) -> etree._Element:
    feed = _new_feed()
    asked = (
        f"search_query={question.search_query}&id_list={question.id_list}"
        f"&start={question.start}&max_results={question.max_results}"
    )
    digest = hashlib.sha256(asked.encode()).hexdigest()[:27]
    _atom(feed, "id", f"https://arxiv.org/api/{digest}")
    _atom(feed, "title", f"arXiv Query: {asked}")
    _atom(feed, "updated", zulu(now))
    add(feed, f"{{{ATOM}}}link", href=f"https://arxiv.org/api/query?{asked}", type="application/atom+xml")
    _counts(feed, question.max_results, total, question.start)
    return feed


def _counts(feed: etree._Element, per_page: int, total: int, start: int) -> None:
    for name, count in (("itemsPerPage", per_page), ("totalResults", total), ("startIndex", start)):
        add(feed, f"{{{OPENSEARCH}}}{name}", str(count))


def _error(sentence: str, now: datetime) -> bytes:
    feed = _new_feed()
    address = f"https://arxiv.org/api/errors#{re.sub(r'[^a-z0-9]+', '_', sentence.lower())}"
    _atom(feed, "id", "https://arxiv.org/")
    _atom(feed, "title", "arXiv Search Results")
    _atom(feed, "updated", zulu(now))
    _counts(feed, 1, 1, 0)
    entry = _atom(feed, "entry", None)
    _atom(entry, "id", address)
    _atom(entry, "title", "Error")
    _atom(entry, "updated", zulu(now))
    add(entry, f"{{{ATOM}}}link", href=address, rel="alternate", type="text/html")
    _atom(entry, "summary", sentence)
    _atom(_atom(entry, "author", None), "name", "arXiv api core")
    return written(feed)


def _entry(feed: etree._Element, item: Announced) -> None:
    paper, state = item.paper, item.event.state
    entry = _atom(feed, "entry", None)
    versioned = f"{paper.id}v{state.version}"
    _atom(entry, "id", f"http://arxiv.org/abs/{versioned}")
    _atom(entry, "title", " ".join(state.title.split()))
    _atom(entry, "updated", zulu(state.submitted))
    _page_links(entry, versioned, "https")
    _atom(entry, "summary", _unwrapped(state.abstract))
    for category in state.categories:
        add(entry, f"{{{ATOM}}}category", term=category, scheme=ARXIV)
    _atom(entry, "published", zulu(paper.submitted))
    _arxiv(entry, "comment", state.comment)
    add(entry, f"{{{ARXIV}}}primary_category", term=state.categories[0])
    _arxiv(entry, "journal_ref", state.journal_ref)
    for author in state.authors:
        _atom(_atom(entry, "author", None), "name", author)
    _arxiv(entry, "doi", state.doi)
    if state.doi:
        add(entry, f"{{{ATOM}}}link", rel="related", href=f"https://doi.org/{state.doi}", title="doi")


def _old_entry(feed: etree._Element, item: Announced) -> None:
    """As the service before November 2025 wrote it: wrapped lines, and ACM and MSC codes among the categories."""
    paper, state = item.paper, item.event.state
    entry = _atom(feed, "entry", None)
    versioned = f"{paper.id}v{state.version}"
    _atom(entry, "id", f"http://arxiv.org/abs/{versioned}")
    _atom(entry, "updated", zulu(state.submitted))
    _atom(entry, "published", zulu(paper.submitted))
    _atom(entry, "title", _wrapped(state.title))
    _atom(entry, "summary", f"  {_wrapped(state.abstract)}\n")
    for author in state.authors:
        _atom(_atom(entry, "author", None), "name", author)
    _arxiv(entry, "doi", state.doi)
    _arxiv(entry, "comment", state.comment)
    _arxiv(entry, "journal_ref", state.journal_ref)
    _page_links(entry, versioned, "http")
    add(entry, f"{{{ARXIV}}}primary_category", term=state.categories[0], scheme=ARXIV)
    for category in (*state.categories, *state.classes):
        add(entry, f"{{{ATOM}}}category", term=category, scheme=ARXIV)


def _page_links(entry: etree._Element, versioned: str, scheme: str) -> None:
    add(entry, f"{{{ATOM}}}link", href=f"{scheme}://arxiv.org/abs/{versioned}", rel="alternate", type="text/html")
    pdf = f"{scheme}://arxiv.org/pdf/{versioned}"
    add(entry, f"{{{ATOM}}}link", href=pdf, rel="related", type="application/pdf", title="pdf")


def _unwrapped(abstract: str) -> str:
    """Lines joined; a break before white space begins a paragraph and stays."""
    return re.sub(r"\n(?!\s)", " ", abstract.strip())


def _wrapped(text: str) -> str:
    paragraphs = re.split(r"\n\s+", text.strip())
    return "\n  ".join(textwrap.fill(one, 79, break_long_words=False, break_on_hyphens=False) for one in paragraphs)


def _atom(parent: etree._Element, name: str, text: str | None) -> etree._Element:
    return add(parent, f"{{{ATOM}}}{name}", text)


def _arxiv(entry: etree._Element, name: str, text: str) -> None:
    if text:
        add(entry, f"{{{ARXIV}}}{name}", text)
