"""The natural Markdown of each kind of block. Pure."""

import json
import re
from collections.abc import Iterable
from functools import singledispatch

from issues.document.json_form import to_json
from issues.document.structured_text import format_labelled, format_term, join_parts
from issues.document.values import (
    BlockKind,
    Document,
    FigureBlock,
    GlossaryBlock,
    HighlightBlock,
    PaywallBlock,
    PollResultsBlock,
    PollValue,
    SponsorBlock,
    TeasersBlock,
    TextBlock,
    ThemesBlock,
)
from issues.imports.parsers.labels import format_links
from issues.imports.parsers.marked import MEDIA_TYPES


def same_title(one: str, other: str) -> bool:
    """Whether two titles differ in nothing but case, spaces and punctuation."""
    return _letters(one) == _letters(other)


def prints_in_heading(block: HighlightBlock) -> bool:
    """Whether the links of a highlight stand after its heading, which is then its only paper's title."""
    return len(block.papers) == 1 and same_title(block.heading, block.papers[0].title)


def picture_address(src: str) -> str:
    """Where the picture of a figure is: on this site, or at the https address that it has."""
    return src if src.startswith("https://") else f"{MEDIA_TYPES}{src}"


@singledispatch
def body_of(block: BlockKind) -> str:
    """The block in Markdown; each kind is registered below."""
    raise NotImplementedError(f"{block.kind}: say in {__name__} how it is written as Markdown")


@singledispatch
def argument_of(block: BlockKind) -> str:
    """What stands after the kind in the marker of the block: nothing, where nothing is registered."""
    return ""


def raw_body(block: BlockKind) -> str:
    data = to_json(Document(title="", slug="", blocks=(block,)))["blocks"][0]
    return f"```json\n{json.dumps(data, ensure_ascii=False)}\n```"


def _letters(title: str) -> str:
    return re.sub(r"[\W_]+", "", title.casefold())


def _paragraphs(*texts: str) -> str:
    return "\n\n".join(text for text in texts if text)


def _heading(text: str) -> str:
    return f"## {text}" if text else ""


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


@body_of.register
def _text(block: TextBlock) -> str:
    return _paragraphs(_heading(block.heading), block.text)


@body_of.register
def _teasers(block: TeasersBlock) -> str:
    return _paragraphs(block.lead_in, _list(block.items), block.closing)


@body_of.register
def _themes(block: ThemesBlock) -> str:
    return _paragraphs(_heading(block.heading), block.lead_in, *block.items)


@body_of.register
def _glossary(block: GlossaryBlock) -> str:
    return _paragraphs(_heading(block.heading), _list(map(format_term, block.terms)))


@body_of.register
def _highlight(block: HighlightBlock) -> str:
    if prints_in_heading(block) and block.papers[0].links:
        return _paragraphs(_heading(block.heading + format_links(block.papers[0].links)), join_parts(block.parts))
    watched = (f"Watching: {paper.title}{format_links(paper.links)}" for paper in block.papers)
    return _paragraphs(_heading(block.heading), *watched, join_parts(block.parts))


@body_of.register
def _figure(block: FigureBlock) -> str:
    alt = re.sub(r"([\\\[\]])", r"\\\1", block.alt)
    src = picture_address(block.src)
    address = f"<{src}>" if re.search(r"[()\s]", src) else src
    credit = f"Credit: {block.credit}" if block.credit else ""
    licence = f"Licence: {block.licence}" if block.licence else ""
    return _paragraphs(f"![{alt}]({address})", block.caption, credit, licence)


@body_of.register
def _poll(block: PollValue) -> str:
    return _paragraphs(block.question, _list(block.choices))


@body_of.register
def _poll_results(block: PollResultsBlock) -> str:
    results = _list(f"{tally.label}: {tally.votes}" for tally in block.results)
    return _paragraphs(block.question, results, block.text)


@body_of.register
def _sponsor(block: SponsorBlock) -> str:
    heading = f"[{block.heading}]({block.url})" if block.url else block.heading
    return _paragraphs(_heading(heading), block.text, _list(map(format_labelled, block.lines)))


@body_of.register
def _paywall(block: PaywallBlock) -> str:
    return block.text


@argument_of.register
def _figure_size(block: FigureBlock) -> str:
    return f"{block.width}x{block.height}" if block.width is not None and block.height is not None else ""


@argument_of.register
def _themes_lead(block: ThemesBlock) -> str:
    return "lead" if block.lead_in else ""


@argument_of.register
def _poll_name(block: PollValue | PollResultsBlock) -> str:
    return block.poll


@argument_of.register
def _origin(block: HighlightBlock) -> str:
    return "machine" if block.origin == "machine" else ""
