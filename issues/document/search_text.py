"""Document → the words that it can be found by. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from core.text.plaintext import to_words
from issues.document.values import (
    BlockKind,
    Document,
    FigureBlock,
    GlossaryBlock,
    HighlightBlock,
    PaperRef,
    PollResultsBlock,
    PollValue,
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
    blocks = (_WORDS[type(block)](block) for block in document.blocks if type(block) in _WORDS)
    lines = [[document.subtitle, document.series_name], *blocks]
    return "\n".join(filter(None, (" ".join(filter(None, map(to_words, line))) for line in lines)))[:MAX_LENGTH]


def _highlight(block: HighlightBlock) -> Iterator[str]:
    yield block.heading
    yield from (word for paper in block.papers for word in _paper(paper) if word != block.heading)
    yield from (part.text for part in block.parts)


def _paper(paper: PaperRef) -> _Words:
    return paper.title, ", ".join(paper.authors)


def _glossary(block: GlossaryBlock) -> _Words:
    return block.heading, *(f"{term.label}: {term.definition}" for term in block.terms)


_WORDS: Mapping[type[BlockKind], Callable[[Any], _Words]] = {
    TextBlock: lambda block: (block.heading, block.text),
    TeasersBlock: lambda block: (block.lead_in, *block.items, block.closing),
    ThemesBlock: lambda block: (block.heading, block.lead_in, *block.items),
    GlossaryBlock: _glossary,
    HighlightBlock: _highlight,
    FigureBlock: lambda block: (block.alt, block.caption),
    PollValue: lambda block: (block.question, *block.choices),
    PollResultsBlock: lambda block: (block.question, block.text),
}
