"""The natural Markdown of each kind of block. Pure."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

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
    to_json,
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


def _text(block: TextBlock) -> str:
    return _paragraphs(_heading(block.heading), block.text)


def _teasers(block: TeasersBlock) -> str:
    return _paragraphs(block.lead_in, _list(block.items), block.closing)


def _themes(block: ThemesBlock) -> str:
    return _paragraphs(_heading(block.heading), block.lead_in, *block.items)


def _glossary(block: GlossaryBlock) -> str:
    return _paragraphs(_heading(block.heading), _list(map(format_term, block.terms)))


def _highlight(block: HighlightBlock) -> str:
    if prints_in_heading(block) and block.papers[0].links:
        return _paragraphs(_heading(block.heading + format_links(block.papers[0].links)), join_parts(block.parts))
    watched = (f"Watching: {paper.title}{format_links(paper.links)}" for paper in block.papers)
    return _paragraphs(_heading(block.heading), *watched, join_parts(block.parts))


def _figure(block: FigureBlock) -> str:
    alt = re.sub(r"([\\\[\]])", r"\\\1", block.alt)
    src = picture_address(block.src)
    address = f"<{src}>" if re.search(r"[()\s]", src) else src
    credit = f"Credit: {block.credit}" if block.credit else ""
    licence = f"Licence: {block.licence}" if block.licence else ""
    return _paragraphs(f"![{alt}]({address})", block.caption, credit, licence)


def _poll(block: PollValue) -> str:
    return _paragraphs(block.question, _list(block.choices))


def _poll_results(block: PollResultsBlock) -> str:
    results = _list(f"{tally.label}: {tally.votes}" for tally in block.results)
    return _paragraphs(block.question, results, block.text)


def _sponsor(block: SponsorBlock) -> str:
    heading = f"[{block.heading}]({block.url})" if block.url else block.heading
    return _paragraphs(_heading(heading), block.text, _list(map(format_labelled, block.lines)))


def _paywall(block: PaywallBlock) -> str:
    return block.text


def _figure_size(block: FigureBlock) -> str:
    return f"{block.width}x{block.height}" if block.width is not None and block.height is not None else ""


def _themes_lead(block: ThemesBlock) -> str:
    return "lead" if block.lead_in else ""


def _poll_name(block: PollValue | PollResultsBlock) -> str:
    return block.poll


def _origin(block: HighlightBlock) -> str:
    return "machine" if block.origin == "machine" else ""


BLOCK_BODIES: Mapping[str, Callable[[Any], str]] = {
    "text": _text,
    "teasers": _teasers,
    "themes": _themes,
    "glossary": _glossary,
    "highlight": _highlight,
    "figure": _figure,
    "poll": _poll,
    "poll_results": _poll_results,
    "sponsor": _sponsor,
    "paywall": _paywall,
}
MARKER_ARGUMENTS: Mapping[str, Callable[[Any], str]] = {
    "figure": _figure_size,
    "themes": _themes_lead,
    "poll": _poll_name,
    "poll_results": _poll_name,
    "highlight": _origin,
}
