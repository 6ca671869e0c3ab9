"""arXiv's query API: the bytes of one Atom answer → records, in the envelopes before and since November 2025."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from lxml import etree

from papers import normalize
from papers.arxiv.records import PaperRecord
from papers.arxiv.strict_xml import NotArxivFeed, name_of, root_of, text_of
from papers.enrichment.extract_links import find_links
from papers.identifiers import ArxivId, BadIdentifier, parse_arxiv_id
from papers.taxonomy import keep_categories

_ATOM: Final = "{http://www.w3.org/2005/Atom}"
_ARXIV: Final = "{http://arxiv.org/schemas/atom}"
_OPENSEARCH: Final = "{http://a9.com/-/spec/opensearch/1.1/}"
_ERROR_ADDRESS = re.compile(r"https?://(?:export\.)?arxiv\.org/api/errors\b")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", re.ASCII)


class ArxivError(Exception):
    """arXiv refused the query and said why; the message is its own sentence. Asking again will not help."""


@dataclass(frozen=True, slots=True)
class EntryProblem:
    """An entry that could not be read: its id as sent (may be empty), and why."""

    id: str
    sentence: str


@dataclass(frozen=True, slots=True)
class QueryFeed:
    """One page of answers. `total_results` counts the whole result, not this page."""

    total_results: int
    start_index: int
    items_per_page: int
    records: tuple[PaperRecord, ...]
    problems: tuple[EntryProblem, ...]


class _EntryError(ValueError):
    pass


def parse_feed(body: bytes) -> QueryFeed:
    """Read one answer. Raises NotArxivFeed, or ArxivError for arXiv's error feed (sent with 200 or 400)."""
    root = _root(body)
    records: list[PaperRecord] = []
    problems: list[EntryProblem] = []
    for entry in root.iterchildren(f"{_ATOM}entry"):
        _raise_error_entry(entry)
        try:
            records.append(_record(entry))
        except (_EntryError, BadIdentifier) as error:
            problems.append(EntryProblem(_text(entry, f"{_ATOM}id"), str(error)))
    return QueryFeed(
        total_results=_count(root, "totalResults"),
        start_index=_count(root, "startIndex"),
        items_per_page=_count(root, "itemsPerPage"),
        records=tuple(records),
        problems=tuple(problems),
    )


def _root(body: bytes) -> etree._Element:
    root = root_of(body)
    if root.tag != f"{_ATOM}feed":
        raise NotArxivFeed(f"the answer is a <{name_of(root)}>, not an Atom feed")
    return root


def _raise_error_entry(entry: etree._Element) -> None:
    named_so = _text(entry, f"{_ATOM}title").strip() == "Error" and entry.find(f"{_ATOM}published") is None
    if named_so or _ERROR_ADDRESS.match(_text(entry, f"{_ATOM}id")):
        raise ArxivError(normalize.clean_line(_text(entry, f"{_ATOM}summary")) or "arXiv refused the query")


def _record(entry: etree._Element) -> PaperRecord:
    identifier = _identifier(entry)
    abstract = normalize.clean_abstract(_text(entry, f"{_ATOM}summary"))
    comment = normalize.clean_line(_text(entry, f"{_ARXIV}comment"))
    title = normalize.clean_line(_text(entry, f"{_ATOM}title"))
    if title == "":
        raise _EntryError(f"{identifier} has no title")
    return PaperRecord(
        arxiv_id=identifier.archive_id,
        version=identifier.version,
        title=title,
        abstract=abstract,
        authors=normalize.clean_authors(
            _text(author, f"{_ATOM}name") for author in entry.iterchildren(f"{_ATOM}author")
        ),
        categories=_categories(entry),
        source="atom",
        comment=comment,
        journal_ref=normalize.clean_line(_text(entry, f"{_ARXIV}journal_ref")),
        dois=normalize.clean_dois(_text(entry, f"{_ARXIV}doi")),
        submitted=_time(entry, "published"),
        updated=_time(entry, "updated"),
        links=find_links(abstract, comment),
    )


def _identifier(entry: etree._Element) -> ArxivId:
    identifier = parse_arxiv_id(_text(entry, f"{_ATOM}id"))
    if identifier.version is None:
        raise _EntryError(f"{identifier} came without its version")
    return identifier


def _categories(entry: etree._Element) -> tuple[str, ...]:
    primary = [element.get("term", "") for element in entry.iterchildren(f"{_ARXIV}primary_category")]
    every = [element.get("term", "") for element in entry.iterchildren(f"{_ATOM}category")]
    return keep_categories([*primary, *every])


def _time(entry: etree._Element, name: str) -> datetime:
    written = _text(entry, f"{_ATOM}{name}").strip()
    try:
        if _TIME.fullmatch(written):
            return datetime.fromisoformat(written).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise _EntryError(f"its <{name}> is not a date and time: “{normalize.clean_line(written)[:40]}”")


def _text(parent: etree._Element, tag: str) -> str:
    return text_of(parent.find(tag))


def _count(root: etree._Element, name: str) -> int:
    written = _text(root, f"{_OPENSEARCH}{name}").strip()
    if not (written.isascii() and written.isdigit() and len(written) < 10):
        raise NotArxivFeed(f"the feed has no <{name}>, so it is not an answer of arXiv's query API")
    return int(written)
