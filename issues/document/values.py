"""An issue as a value: what an edition keeps, what every page, feed, file and mail is rendered from. Pure."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

# Of the JSON below; a change that old editions cannot be read with raises it and brings a reader for the old.
FORMAT_NUMBER = 1


class BadDocument(ValueError):
    """JSON that is no document: names the first thing that does not fit."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class TextBlock(BlockValue):
    kind: ClassVar[str] = "text"
    text: str
    heading: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TeasersBlock(BlockValue):
    kind: ClassVar[str] = "teasers"
    items: tuple[str, ...]
    lead_in: str = ""
    closing: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThemesBlock(BlockValue):
    kind: ClassVar[str] = "themes"
    items: tuple[str, ...]
    heading: str = ""
    lead_in: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GlossaryBlock(BlockValue):
    kind: ClassVar[str] = "glossary"
    terms: tuple[TermValue, ...]
    heading: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HighlightBlock(BlockValue):
    kind: ClassVar[str] = "highlight"
    heading: str
    parts: tuple[HighlightPart, ...]
    papers: tuple[PaperRef, ...] = ()
    origin: str = "person"


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


def to_json(document: Document) -> dict[str, Any]:
    """The form that editions keep; `from_json(to_json(document)) == document`."""
    return {"format": FORMAT_NUMBER, **_plain(document)}


def from_json(data: Mapping[str, Any]) -> Document:
    """Raises BadDocument where the JSON is not what `to_json` wrote."""
    if data.get("format") != FORMAT_NUMBER:
        raise BadDocument(
            f"This document has format {data.get('format')!r}; this version reads format {FORMAT_NUMBER}."
        )
    return typing.cast(
        "Document", _read(Document, {key: value for key, value in data.items() if key != "format"}, "issue")
    )


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if not dataclasses.is_dataclass(value):
        return value
    fields = {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    return {"kind": value.kind, **fields} if isinstance(value, BlockValue) else fields


def _read(shape: Any, value: Any, where: str) -> Any:
    if shape == BlockKind:
        shape, value = _block_shape(value, where)
    if dataclasses.is_dataclass(shape):
        return _read_fields(typing.cast("type[Any]", shape), value, where)
    if typing.get_origin(shape) is tuple:
        if not isinstance(value, list):
            raise BadDocument(f"{where} is no list.")
        return tuple(_read(typing.get_args(shape)[0], item, f"{where}[{i}]") for i, item in enumerate(value))
    allowed = typing.get_args(shape) if isinstance(shape, types.UnionType) else (shape,)
    if type(value) not in allowed:
        raise BadDocument(f"{where} is {value!r}, which is not of the expected type.")
    return value


def _block_shape(value: Any, where: str) -> tuple[type[BlockKind], dict[str, Any]]:
    if not isinstance(value, dict) or value.get("kind") not in BLOCK_KINDS:
        raise BadDocument(f"{where} is no block of a known kind.")
    return BLOCK_KINDS[value["kind"]], {key: item for key, item in value.items() if key != "kind"}


def _read_fields(shape: type[Any], value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise BadDocument(f"{where} is no object.")
    shapes = typing.get_type_hints(shape)
    known = {f.name for f in dataclasses.fields(shape)}
    if unknown := value.keys() - known:
        raise BadDocument(f"{where} has the unknown field {min(unknown)!r}.")
    try:
        return shape(**{name: _read(shapes[name], item, f"{where}.{name}") for name, item in value.items()})
    except TypeError as error:
        raise BadDocument(f"{where} lacks a field: {error}.") from None
