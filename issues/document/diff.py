"""What differs between two documents of one issue, in sentences. Pure.

What follows other rows is no difference of the issue: a paper's title and links, a term's wording in the glossary
(where the issue has none of its own), a poll's question and votes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from issues.document.values import (
    BlockKind,
    ChoiceTally,
    Document,
    FigureBlock,
    GlossaryBlock,
    HighlightBlock,
    HighlightPart,
    PaperLinkValue,
    PaperRef,
    PollResultsBlock,
    PollValue,
    TermValue,
    TextLine,
)

MAX_SHOWN = 60  # characters of a wording
_BEFORE = 20  # of them, whole words, stand before the first one that differs


def make_comparable(block: BlockKind, following: frozenset[str] = frozenset()) -> BlockKind:
    """The block without what follows other rows; `following` are the terms (in lower case) worded by the glossary."""
    if isinstance(block, HighlightBlock):
        title = block.papers[0].title if block.papers else ""
        heading = "" if block.heading == title else block.heading
        return dataclasses.replace(block, heading=heading, papers=tuple(map(_paper, block.papers)))
    if isinstance(block, GlossaryBlock):
        return dataclasses.replace(block, terms=tuple(_term(term, following) for term in block.terms))
    if isinstance(block, PollValue):
        return dataclasses.replace(block, question="", choices=())
    if isinstance(block, PollResultsBlock):
        return dataclasses.replace(block, question="", results=())
    if isinstance(block, FigureBlock):
        return dataclasses.replace(block, width=None, height=None)
    return block


def describe_differences(old: Document, new: Document, following: frozenset[str] = frozenset()) -> list[str]:
    """One sentence for each difference: which part of the issue, then the old and the new wording, shortened."""
    return [*_of_heads(old, new), *_of_blocks(old, new, following)]


def name_of(block: BlockKind) -> str:
    """The block as a person knows it: its kind and what it begins with."""
    values = (getattr(block, name, "") for name in ("heading", "lead_in", "question", "text", "caption", "src"))
    face = next(filter(None, values), "")
    kind = block.kind.replace("_", " ")
    return f"{kind} “{_shortened(face)}”" if face else kind


def _of_heads(old: Document, new: Document) -> Iterator[str]:
    for field in dataclasses.fields(Document):
        if field.name not in {"blocks", "series_name", "cover_width", "cover_height"}:
            yield from _of_values(field.name.replace("_", " "), getattr(old, field.name), getattr(new, field.name))


def _of_blocks(old: Document, new: Document, following: frozenset[str]) -> Iterator[str]:
    before = {block.uuid: block for block in old.blocks}
    after = {block.uuid: block for block in new.blocks}
    for uuid, block in before.items():
        if uuid not in after:
            yield _("%s: is gone") % name_of(block)
        else:
            yield from _of_one_block(block, after[uuid], following)
    yield from (_("%s: is new") % name_of(block) for uuid, block in after.items() if uuid not in before)
    if [uuid for uuid in before if uuid in after] != [uuid for uuid in after if uuid in before]:
        yield _("the order of the blocks is another")


def _of_one_block(old: BlockKind, new: BlockKind, following: frozenset[str]) -> Iterator[str]:
    if old.kind != new.kind:
        yield _("%(block)s: is now a %(kind)s") % {"block": name_of(old), "kind": new.kind.replace("_", " ")}
        return
    one, other = make_comparable(old, following), make_comparable(new, following)
    for field in dataclasses.fields(one):
        place = f"{name_of(old)}, {field.name.replace('_', ' ')}"
        yield from _of_values(place, getattr(one, field.name), getattr(other, field.name))


def _of_values(place: str, old: Any, new: Any) -> Iterator[str]:
    if old != new:
        one, other = _window(_wording(old), _wording(new))
        yield f"{place}: “{one}” → “{other}”"


def _paper(paper: PaperRef) -> PaperRef:
    links = tuple(PaperLinkValue(kind=link.kind) for link in paper.links)
    return PaperRef(title="", arxiv_id=paper.arxiv_id, slug=paper.slug, links=links)


def _term(term: TermValue, following: frozenset[str]) -> TermValue:
    if term.name.lower() in following:
        return TermValue(name=term.name, definition="")
    return TermValue(name=term.name, qualifier=term.qualifier, definition=term.definition)


def _wording(value: Any) -> str:
    match value:
        case tuple():
            return "; ".join(map(_wording, value))
        case PaperRef():
            return f"{value.key} ({'/'.join(link.kind for link in value.links)})"
        case TermValue():
            return f"{value.label}: {value.definition}" if value.definition else value.label
        case HighlightPart() | TextLine():
            return f"{value.label}: {value.text}" if value.label else value.text
        case ChoiceTally():
            return value.label
        case _:
            return "" if value is None else str(value)


def _window(old: str, new: str) -> tuple[str, str]:
    """Both wordings from shortly before the first character that differs."""
    old, new = " ".join(old.split()), " ".join(new.split())
    same = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    start = max(0, same - _BEFORE)
    start = max(start, old.find(" ", start, same) + 1) if start else 0
    lead = "…" if start else ""
    return lead + _shortened(old[start:]), lead + _shortened(new[start:])


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= MAX_SHOWN else f"{line[:MAX_SHOWN].rstrip()}…"
