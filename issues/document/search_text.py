"""Document → the words that it can be found by. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from functools import singledispatch

from core.text.plaintext import to_words
from issues.document.values import (
    WORDS,
    BlockKind,
    Document,
    FigureBlock,
    GlossaryBlock,
    HighlightBlock,
    PaperRef,
    PaywallBlock,
    PollResultsBlock,
    SponsorBlock,
    TeasersBlock,
    TextBlock,
    ThemesBlock,
)

MAX_LENGTH = 100_000  # characters; more than PostgreSQL takes of one text would be no issue

_Words = Iterable[str]


def extract_search_text(document: Document) -> str:
    """What the issue says in its own words, a block a line: no advertisement, no paywall, and no address.

    As far as the document goes: `for_everyone()` is the caller's choice.
    """
    blocks = map(_words, document.blocks)
    lines = [[document.subtitle, document.series_name], *blocks]
    return "\n".join(filter(None, (" ".join(filter(None, map(to_words, line))) for line in lines)))[:MAX_LENGTH]


@singledispatch
def _words(block: BlockKind) -> _Words:
    """What its fields say, in their order; a kind that says it otherwise, or is not to be found, is named below."""
    values = (getattr(block, field.name) for field in dataclasses.fields(block) if field.name in WORDS)
    return [word for value in values for word in ((value,) if isinstance(value, str) else value)]


@_words.register
def _nothing(block: SponsorBlock | PaywallBlock) -> _Words:
    return ()


@_words.register
def _text(block: TextBlock) -> _Words:
    return block.heading, block.text


@_words.register
def _teasers(block: TeasersBlock) -> _Words:
    return block.lead_in, *block.items, block.closing


@_words.register
def _themes(block: ThemesBlock) -> _Words:
    return block.heading, block.lead_in, *block.items


@_words.register
def _glossary(block: GlossaryBlock) -> _Words:
    return block.heading, *(f"{term.label}: {term.definition}" for term in block.terms)


@_words.register
def _highlight(block: HighlightBlock) -> _Words:
    papers = (word for paper in block.papers for word in _paper(paper) if word != block.heading)
    return block.heading, *papers, *(part.text for part in block.parts)


def _paper(paper: PaperRef) -> _Words:
    return paper.title, ", ".join(paper.authors)


@_words.register
def _figure(block: FigureBlock) -> _Words:
    return block.alt, block.caption


@_words.register
def _poll_results(block: PollResultsBlock) -> _Words:
    return block.question, block.text
