"""What the templates of an issue's page are given: one frozen value a block kind, its texts as finished HTML."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from django.utils.safestring import SafeString

from issues.rendering.page.cover import CoverImage


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownLink:
    """A link behind a title; without an address the word alone is printed."""

    kind: str
    url: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPaper:
    title: SafeString
    anchor: str
    url: str
    arxiv_id: str
    byline: str
    category: str
    submitted: date | None
    links: tuple[ShownLink, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPart:
    label: str
    html: SafeString


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTerm:
    anchor: str
    url: str
    name: str
    qualifier: str
    definition: SafeString


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTally:
    label: str
    votes: int
    percent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownBlock:
    """`anchor` is the id of the block's element."""

    template: ClassVar[str]
    anchor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownText(ShownBlock):
    template: ClassVar[str] = "issues/blocks/_text.html"
    heading: SafeString
    html: SafeString


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTeasers(ShownBlock):
    template: ClassVar[str] = "issues/blocks/_teasers.html"
    lead_in: SafeString
    items: tuple[SafeString, ...]
    closing: SafeString


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownThemes(ShownBlock):
    template: ClassVar[str] = "issues/blocks/_themes.html"
    heading: SafeString
    lead_in: SafeString
    items: tuple[SafeString, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownGlossary(ShownBlock):
    template: ClassVar[str] = "issues/blocks/_glossary.html"
    heading: SafeString
    terms: tuple[ShownTerm, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownHighlight(ShownBlock):
    """`in_heading` is the paper that the heading names; `watched` are those that are named below it."""

    template: ClassVar[str] = "issues/blocks/_highlight.html"
    number: int
    heading: SafeString
    heading_anchor: str
    in_heading: ShownPaper | None
    watched: tuple[ShownPaper, ...]
    parts: tuple[ShownPart, ...]
    is_machine_draft: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFigure(ShownBlock):
    template: ClassVar[str] = "issues/blocks/_figure.html"
    src: str
    alt: str
    caption: SafeString
    credit: str
    licence: str
    width: int | None
    height: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPoll(ShownBlock):
    template: ClassVar[str] = "issues/blocks/_poll.html"
    question: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPollResults(ShownBlock):
    template: ClassVar[str] = "issues/blocks/_poll_results.html"
    question: str
    results: tuple[ShownTally, ...]
    votes: int
    html: SafeString


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSponsor(ShownBlock):
    template: ClassVar[str] = "issues/blocks/_sponsor.html"
    heading: str
    url: str
    html: SafeString
    lines: tuple[ShownPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPaywall(ShownBlock):
    """`is_closed` where the rest of the issue is kept from this reader."""

    template: ClassVar[str] = "issues/blocks/_paywall.html"
    html: SafeString
    is_closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentsEntry:
    """A line of the contents; highlights are numbered."""

    anchor: str
    label: SafeString
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContext:
    """An issue as the page of the site shows it; problems are sentences for its editor."""

    title: str
    subtitle: str
    slug: str
    number: int | None
    series: str
    series_name: str
    authors: tuple[str, ...]
    cover: CoverImage | None
    for_supporters: bool
    minutes: int
    description: str
    contents: tuple[ContentsEntry, ...]
    blocks: tuple[ShownBlock, ...]
    problems: tuple[str, ...] = ()
