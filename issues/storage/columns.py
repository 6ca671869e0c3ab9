"""The columns of a block's row, from its value."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from issues.document.structured_text import format_labelled, join_lines, join_parts, one_line, tidy_text
from issues.document.values import (
    BlockKind,
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
from issues.storage.images import image_name, no_image
from issues.storage.papers import printed_links
from issues.storage.polls import put_poll, put_results
from issues.storage.terms import put_terms
from issues.storage.write_counts import WriteLedger
from papers.enrichment.extract_links import canonical_url
from papers.models import Paper

_Fields = dict[str, Any]
_EMPTY_LINES = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class ColumnContext:
    """What the rows refer to: the papers by their key; the ledger counts what is made on the way."""

    ledger: WriteLedger
    papers: Mapping[str, Paper]


def fields_of(block: BlockKind, context: ColumnContext) -> _Fields | None:
    """None where the block cannot be, which is then a problem in the ledger. Raises DoesNotFit."""
    return _FIELDS[type(block)](block, context)


def _text(block: TextBlock, context: ColumnContext) -> _Fields:
    return {"heading": one_line(block.heading), "text": tidy_text(block.text)}


def _teasers(block: TeasersBlock, context: ColumnContext) -> _Fields:
    return {"lead_in": tidy_text(block.lead_in), "items": join_lines(block.items), "closing": tidy_text(block.closing)}


def _themes(block: ThemesBlock, context: ColumnContext) -> _Fields:
    items = filter(None, (_EMPTY_LINES.sub("\n", tidy_text(item)) for item in block.items))
    return {"heading": one_line(block.heading), "lead_in": tidy_text(block.lead_in), "items": "\n\n".join(items)}


def _glossary(block: GlossaryBlock, context: ColumnContext) -> _Fields:
    return {"heading": one_line(block.heading), "entries": put_terms(block.terms, context.ledger)}


def _highlight(block: HighlightBlock, context: ColumnContext) -> _Fields:
    title = context.papers[block.papers[0].key].title if block.papers else ""
    return {
        "heading": "" if block.heading == title else one_line(block.heading),
        "printed_links": printed_links(block),
        "text": tidy_text(join_parts(block.parts)),
        "origin": block.origin,
    }


def _figure(block: FigureBlock, context: ColumnContext) -> _Fields | None:
    name = image_name(block.src)
    if name is None:
        context.ledger.problem("figure", no_image(block.src))
        return None
    return {
        "image": name,
        "alt": one_line(block.alt),
        "caption": tidy_text(block.caption),
        "credit": one_line(block.credit),
        "licence": one_line(block.licence),
    }


def _poll(block: PollValue, context: ColumnContext) -> _Fields:
    return {"poll_id": put_poll(block.poll, one_line(block.question), block.choices).pk}


def _poll_results(block: PollResultsBlock, context: ColumnContext) -> _Fields:
    return {
        "poll_id": put_results(block.poll, one_line(block.question), block.results).pk,
        "text": tidy_text(block.text),
    }


def _sponsor(block: SponsorBlock, context: ColumnContext) -> _Fields:
    if block.url and canonical_url(block.url) is None:
        context.ledger.problem(block.heading, f"“{block.url[:200]}” is no address of a web page; it is left out.")
    return {
        "heading": one_line(block.heading),
        "url": block.url if canonical_url(block.url) else "",
        "text": tidy_text(block.text),
        "lines": join_lines(map(format_labelled, block.lines)),
    }


def _paywall(block: PaywallBlock, context: ColumnContext) -> _Fields:
    return {"text": tidy_text(block.text)}


_FIELDS: Mapping[type[BlockKind], Callable[[Any, ColumnContext], _Fields | None]] = {
    TextBlock: _text,
    TeasersBlock: _teasers,
    ThemesBlock: _themes,
    GlossaryBlock: _glossary,
    HighlightBlock: _highlight,
    FigureBlock: _figure,
    PollValue: _poll,
    PollResultsBlock: _poll_results,
    SponsorBlock: _sponsor,
    PaywallBlock: _paywall,
}
