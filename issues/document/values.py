"""An issue as a value: what an edition keeps, what every page, feed, file and mail is rendered from. Pure."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Final

# Names of fields that hold words: they count for the reading time, and a block is found by them.
WORDS: Final = frozenset(
    (
        "heading text lead_in items closing caption "  # of blocks
        "terms name definition parts label lines question choices"  # of their lists, and of polls
    ).split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLinkValue:
    """A link printed after a paper's title; without an address it is a promise that an editor still has to keep."""

    kind: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperRef:
    """A paper as printed. `submitted` is an ISO day or empty; once resolved, `arxiv_id` or `slug` is set."""

    title: str
    arxiv_id: str = ""
    slug: str = ""
    authors: tuple[str, ...] = ()
    primary_category: str = ""
    submitted: str = ""
    links: tuple[PaperLinkValue, ...] = ()

    @property
    def key(self) -> str:
        return self.arxiv_id or self.slug

    @property
    def missing_kinds(self) -> tuple[str, ...]:
        """The kinds of those links that are printed though nobody knows their address."""
        return tuple(link.kind for link in self.links if not link.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class HighlightPart:
    """A piece of a highlight; the only part of a one-paragraph highlight has no label."""

    text: str
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TermValue:
    name: str
    definition: str
    qualifier: str = ""
    slug: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return f"{self.name} ({self.qualifier})" if self.qualifier else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceTally:
    label: str
    votes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TextLine:
    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockValue:
    """What all blocks share. All texts are Markdown unless their name says otherwise."""

    kind: ClassVar[str] = ""
    uuid: str

    @property
    def is_unwritten(self) -> bool:
        """Whether an editor still has to write it: so a block of a new issue begins."""
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class TextBlock(BlockValue):
    kind: ClassVar[str] = "text"
    text: str
    heading: str = ""

    @property
    def is_unwritten(self) -> bool:
        return not self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class TeasersBlock(BlockValue):
    kind: ClassVar[str] = "teasers"
    items: tuple[str, ...]
    lead_in: str = ""
    closing: str = ""

    @property
    def is_unwritten(self) -> bool:
        return not self.items


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemesBlock(BlockValue):
    kind: ClassVar[str] = "themes"
    items: tuple[str, ...]
    heading: str = ""
    lead_in: str = ""

    @property
    def is_unwritten(self) -> bool:
        return not self.items


@dataclass(frozen=True, slots=True, kw_only=True)
class GlossaryBlock(BlockValue):
    kind: ClassVar[str] = "glossary"
    terms: tuple[TermValue, ...]
    heading: str = ""

    @property
    def is_unwritten(self) -> bool:
        return not self.terms


@dataclass(frozen=True, slots=True, kw_only=True)
class HighlightBlock(BlockValue):
    kind: ClassVar[str] = "highlight"
    heading: str
    parts: tuple[HighlightPart, ...]
    papers: tuple[PaperRef, ...] = ()
    origin: str = "person"

    @property
    def is_unwritten(self) -> bool:
        return not any(part.text for part in self.parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureBlock(BlockValue):
    """`src` is a path below MEDIA_URL or an https address; caption is Markdown, the rest plain text."""

    kind: ClassVar[str] = "figure"
    src: str
    alt: str
    caption: str = ""
    credit: str = ""
    licence: str = ""
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PollValue(BlockValue):
    kind: ClassVar[str] = "poll"
    poll: str
    question: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PollResultsBlock(BlockValue):
    kind: ClassVar[str] = "poll_results"
    poll: str
    question: str
    results: tuple[ChoiceTally, ...]
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SponsorBlock(BlockValue):
    kind: ClassVar[str] = "sponsor"
    heading: str
    text: str
    url: str = ""
    lines: tuple[TextLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaywallBlock(BlockValue):
    kind: ClassVar[str] = "paywall"
    text: str = ""


BlockKind = (
    TextBlock
    | TeasersBlock
    | ThemesBlock
    | GlossaryBlock
    | HighlightBlock
    | FigureBlock
    | PollValue
    | PollResultsBlock
    | SponsorBlock
    | PaywallBlock
)
BLOCK_KINDS: Mapping[str, type[BlockKind]] = {block.kind: block for block in typing.get_args(BlockKind)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A whole issue. `series` is the slug, `cover` a path as a figure's `src`; two documents are equal when every
    word, link and block id is."""

    title: str
    slug: str
    subtitle: str = ""
    number: int | None = None
    series: str = ""
    series_name: str = ""
    authors: tuple[str, ...] = ()
    access: str = "everyone"
    cover: str = ""
    cover_alt: str = ""
    cover_width: int | None = None
    cover_height: int | None = None
    mail_subject: str = ""
    preheader: str = ""
    blocks: tuple[BlockKind, ...] = field(default=())

    def highlights(self) -> Iterator[HighlightBlock]:
        return (block for block in self.blocks if isinstance(block, HighlightBlock))

    def papers(self) -> Iterator[PaperRef]:
        """The papers of all highlights, each once, in order."""
        seen: set[str] = set()
        for paper in (paper for highlight in self.highlights() for paper in highlight.papers):
            if (paper.key or paper.title) not in seen:
                seen.add(paper.key or paper.title)
                yield paper

    def terms(self) -> Iterator[TermValue]:
        return (term for block in self.blocks if isinstance(block, GlossaryBlock) for term in block.terms)

    def with_pages_for(self, slugs: Collection[str]) -> Document:
        """The same, where only the terms of these slugs have a page in the glossary."""
        return dataclasses.replace(self, blocks=tuple(_with_pages_for(slugs, block) for block in self.blocks))

    def for_everyone(self) -> Document:
        """What a reader who is no supporter may have: all of it, or what stands before the paywall, with its text."""
        for position, block in enumerate(self.blocks):
            if isinstance(block, PaywallBlock):
                return dataclasses.replace(self, blocks=self.blocks[: position + 1])
        if self.access == "everyone":
            return self
        before = next((i for i, block in enumerate(self.blocks) if isinstance(block, HighlightBlock)), 1)
        return dataclasses.replace(self, blocks=self.blocks[:before])


def _with_pages_for(slugs: Collection[str], block: BlockKind) -> BlockKind:
    if not isinstance(block, GlossaryBlock):
        return block
    terms = (term if term.slug in slugs else dataclasses.replace(term, slug="") for term in block.terms)
    return dataclasses.replace(block, terms=tuple(terms))
