"""arXiv's announcement feeds, RSS 2.0 and Atom: the bytes of one day's feed → what was announced, and how."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from lxml import etree

from papers import normalize
from papers.arxiv.records import PaperRecord
from papers.arxiv.strict_xml import NotArxivFeed, mail_time, name_of, root_of, text_of
from papers.enrichment.extract_links import find_links
from papers.identifiers import BadIdentifier, parse_arxiv_id
from papers.taxonomy import keep_categories

NEW_YORK: Final = ZoneInfo("America/New_York")
_TYPES: Final = ("new", "cross", "replace", "replace-cross")
# arXiv cuts longer feeds, and it is the new papers that it leaves out.
MOST_ITEMS: Final = 2_000
_ATOM: Final = "{http://www.w3.org/2005/Atom}"
_DC: Final = "{http://purl.org/dc/elements/1.1/}"
_ARXIV: Final = "{http://arxiv.org/schemas/atom}"
_ERROR: Final = "Feed error for query"
_LEAD = re.compile(r"\s*arXiv:\S{1,40} Announce Type: (?P<type>\S{1,20})\s*?\n\s*Abstract:", re.ASCII)
_LICENCE = re.compile(r"https?://[!-~]{1,190}", re.ASCII)


class FeedError(Exception):
    """arXiv refused the query (an unknown category), and the message says why. Asking again will not help."""


@dataclass(frozen=True, slots=True)
class _Announcement:
    """A paper in a day's feed; `kind` is new, cross, replace or replace-cross."""

    paper: PaperRecord
    kind: str


@dataclass(frozen=True, slots=True)
class ItemProblem:
    """An item that could not be read: its identifier as sent (may be empty), and why."""

    id: str
    sentence: str


@dataclass(frozen=True, slots=True)
class FeedDay:
    """One feed. `day` is the day of the mailing in New York, `built` (UTC) when arXiv made the feed."""

    day: date | None
    built: datetime
    items: tuple[_Announcement, ...]
    problems: tuple[ItemProblem, ...]

    @property
    def may_be_cut(self) -> bool:
        return len(self.items) + len(self.problems) >= MOST_ITEMS


@dataclass(frozen=True, slots=True)
class _Item:
    """What RSS and Atom both tell of a paper, in different places. `announced` is None where it is no time."""

    guid: str
    title: str
    description: str
    categories: tuple[str, ...]
    announced: datetime | None


@dataclass(frozen=True, slots=True)
class _Feed:
    title: str
    reason: str
    built: datetime | None
    announced: datetime | None
    items: tuple[tuple[_Item, etree._Element], ...]


class _ItemError(ValueError):
    pass


def parse_announcements(body: bytes) -> FeedDay:
    """Read one feed; a holiday's has no items. Raises NotArxivFeed, or FeedError for arXiv's error feed (HTTP 400)."""
    feed = _feed(root_of(body))
    if feed.title.strip().startswith(_ERROR):
        raise FeedError(normalize.clean_line(feed.reason) or "arXiv refused the query")
    if feed.built is None:
        raise NotArxivFeed("the feed does not say when it was made, so it is none of arXiv's")
    found: list[_Announcement] = []
    problems: list[ItemProblem] = []
    for item, element in feed.items:
        try:
            found.append(_announcement(item, element))
        except (_ItemError, BadIdentifier) as error:
            problems.append(ItemProblem(normalize.clean_line(item.guid)[:100], str(error)))
    announced = feed.announced or next((item.announced for item, _ in feed.items if item.announced), None)
    return FeedDay(_day(announced), feed.built, tuple(found), tuple(problems))


def _feed(root: etree._Element) -> _Feed:
    channel = root.find("channel")
    if root.tag == "rss" and channel is not None:
        return _rss(channel)
    if root.tag == f"{_ATOM}feed":
        return _atom(root)
    raise NotArxivFeed(f"the answer is a <{name_of(root)}>, not a feed of announcements")


def _rss(channel: etree._Element) -> _Feed:
    return _Feed(
        title=text_of(channel.find("title")),
        reason=text_of(channel.find("description")),
        built=mail_time(text_of(channel.find("lastBuildDate"))),
        announced=mail_time(text_of(channel.find("pubDate"))),
        items=tuple((_rss_item(element), element) for element in channel.iterchildren("item")),
    )


def _rss_item(element: etree._Element) -> _Item:
    return _Item(
        guid=text_of(element.find("guid")),
        title=text_of(element.find("title")),
        description=text_of(element.find("description")),
        categories=tuple(map(text_of, element.iterchildren("category"))),
        announced=mail_time(text_of(element.find("pubDate"))),
    )


def _atom(root: etree._Element) -> _Feed:
    return _Feed(
        title=text_of(root.find(f"{_ATOM}title")),
        reason=text_of(root.find(f"{_ATOM}subtitle")),
        built=_time(text_of(root.find(f"{_ATOM}updated"))),
        announced=None,
        items=tuple((_atom_item(element), element) for element in root.iterchildren(f"{_ATOM}entry")),
    )


def _atom_item(element: etree._Element) -> _Item:
    return _Item(
        guid=text_of(element.find(f"{_ATOM}id")),
        title=text_of(element.find(f"{_ATOM}title")),
        description=text_of(element.find(f"{_ATOM}summary")),
        categories=tuple(one.get("term", "") for one in element.iterchildren(f"{_ATOM}category")),
        announced=_time(text_of(element.find(f"{_ATOM}published"))),
    )


def _announcement(item: _Item, element: etree._Element) -> _Announcement:
    """The paper as announced. A cross-list or replacement may be years old: only a new paper tells its first day."""
    identifier = parse_arxiv_id(item.guid)
    lead = _LEAD.match(item.description)
    title = normalize.clean_line(item.title)
    if identifier.version is None:
        raise _ItemError(f"{identifier} came without its version")
    if title == "" or lead is None:
        raise _ItemError(f"{identifier} has no {'abstract' if title else 'title'}")
    kind = _kind(element, lead["type"])
    abstract = normalize.clean_abstract(item.description[lead.end() :])
    paper = PaperRecord(
        arxiv_id=identifier.archive_id,
        version=identifier.version,
        title=title,
        abstract=abstract,
        authors=normalize.split_authors(text_of(element.find(f"{_DC}creator"))),
        categories=keep_categories(item.categories),
        source="rss",
        journal_ref=normalize.clean_line(text_of(element.find(f"{_ARXIV}journal_reference"))),
        dois=normalize.clean_dois(text_of(element.find(f"{_ARXIV}DOI"))),
        announced=_day(item.announced) if kind == "new" else None,
        licence=_licence(text_of(element.find(f"{_DC}rights")).strip()),
        links=find_links(abstract, ""),
    )
    return _Announcement(paper, kind)


def _kind(element: etree._Element, in_words: str) -> str:
    kind = text_of(element.find(f"{_ARXIV}announce_type")).strip() or in_words
    if kind not in _TYPES:
        raise _ItemError(
            f"it is announced as “{normalize.clean_line(kind)[:20]}”, which is none of {', '.join(_TYPES)}"
        )
    return kind


def _time(written: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(written.strip())
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _day(time: datetime | None) -> date | None:
    return time.astimezone(NEW_YORK).date() if time else None


def _licence(written: str) -> str:
    return written if _LICENCE.fullmatch(written) else ""
