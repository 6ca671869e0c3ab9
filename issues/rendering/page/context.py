"""What the templates of an issue's page are given: frozen values, their texts as finished HTML."""

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

    kind: ClassVar[str]
    anchor: str

    @property
    def template(self) -> str:
        return f"issues/blocks/_{self.kind}.html"

    @property
    def mail_template(self) -> str:
        return f"mail/_{self.kind}.html"


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
