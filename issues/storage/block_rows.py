"""A block's row ⇄ its value, kind by kind.

Where each field of the value has a column of its name, nothing is said here: a CharField holds one line, a TextField a
text, a list an item a line, and a URLField an address. Other kinds say how they are read and how they are written.
"""

from __future__ import annotations

import dataclasses
import re
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, singledispatch
from typing import Any

from django.db import models

from glossary.models import GlossaryTerm
from issues.document.structured_text import (
    format_labelled,
    join_lines,
    join_parts,
    one_line,
    parse_labelled,
    split_lines,
    split_paragraphs,
    split_parts,
    tidy_text,
)
from issues.document.values import (
    BLOCK_KINDS,
    BlockKind,
    ChoiceTally,
    FigureBlock,
    GlossaryBlock,
    HighlightBlock,
    PollResultsBlock,
    PollValue,
    TextLine,
    ThemesBlock,
)
from issues.models import BLOCK_MODELS, Block, Figure, Glossary, Highlight, PollBlock, PollResults, Themes
from issues.storage.images import image_name, no_image
from issues.storage.papers import printed_links, read_papers
from issues.storage.polls import put_poll, put_results
from issues.storage.terms import put_terms, read_terms
from issues.storage.write_counts import WriteLedger
from papers.enrichment.extract_links import canonical_url
from papers.models import Paper

Fields = dict[str, Any]
MODELS: Mapping[type[BlockKind], type[Block]] = {model.value_class: model for model in BLOCK_MODELS}
_EMPTY_LINES = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Known:
    """What rows refer to: papers by the highlight's row id, terms by their name in lower case."""

    papers: Mapping[int, Sequence[Paper]]
    terms: Mapping[str, GlossaryTerm]


@dataclass(frozen=True, slots=True)
class ColumnContext:
    """What values refer to: the papers by their key; the ledger counts what is made on the way."""

    ledger: WriteLedger
    papers: Mapping[str, Paper]


@singledispatch
def value_of(row: Block, known: Known) -> BlockKind:
    """What the row says: each field of the value from the column of its name."""
    fields = {name: read(getattr(row, name)) for name, read in _readers(row.value_class.kind).items()}
    return row.value_class(uuid=str(row.uuid), **fields)


@singledispatch
def fields_of(block: BlockKind, context: ColumnContext) -> Fields | None:
    """The columns of the block's row; None where it cannot be, which is then a problem in the ledger.

    Raises DoesNotFit.
    """
    columns = MODELS[type(block)]._meta
    names = [field.name for field in dataclasses.fields(block) if field.name != "uuid"]
    return {name: _column(columns.get_field(name), block, name, context.ledger) for name in names}


def _column(column: object, block: BlockKind, name: str, ledger: WriteLedger) -> Any:
    """What the column holds of this field of the block."""
    value = getattr(block, name)
    if isinstance(value, tuple):
        return join_lines(format_labelled(item) if isinstance(item, TextLine) else item for item in value)
    if not isinstance(value, str):
        return value
    if isinstance(column, models.URLField):
        return _address(value, getattr(block, "heading", "") or block.kind, ledger)
    return one_line(value) if isinstance(column, models.CharField) else tidy_text(value)


def _address(url: str, where: str, ledger: WriteLedger) -> str:
    if url and canonical_url(url) is None:
        ledger.problem(where, f"“{url[:200]}” is no address of a web page; it is left out.")
    return url if canonical_url(url) else ""


@cache
def _readers(kind: str) -> Mapping[str, Callable[[Any], Any]]:
    """How each field of the value is read from its column."""
    shapes = typing.get_type_hints(BLOCK_KINDS[kind])
    names = [field.name for field in dataclasses.fields(BLOCK_KINDS[kind]) if field.name != "uuid"]
    return {name: _LISTS.get(shapes[name], _as_it_is) for name in names}


def _as_it_is(value: Any) -> Any:
    return value


def _labelled_lines(text: str) -> tuple[TextLine, ...]:
    return tuple(map(parse_labelled, split_lines(text)))


_LISTS: Mapping[Any, Callable[[str], Any]] = {tuple[str, ...]: split_lines, tuple[TextLine, ...]: _labelled_lines}


@value_of.register
def _read_themes(row: Themes, known: Known) -> ThemesBlock:
    items = split_paragraphs(row.items)
    return ThemesBlock(uuid=str(row.uuid), heading=row.heading, lead_in=row.lead_in, items=items)


@fields_of.register
def _write_themes(block: ThemesBlock, context: ColumnContext) -> Fields:
    items = filter(None, (_EMPTY_LINES.sub("\n", tidy_text(item)) for item in block.items))
    return {"heading": one_line(block.heading), "lead_in": tidy_text(block.lead_in), "items": "\n\n".join(items)}


@value_of.register
def _read_glossary(row: Glossary, known: Known) -> GlossaryBlock:
    return GlossaryBlock(uuid=str(row.uuid), heading=row.heading, terms=read_terms(row.entries, known.terms))


@fields_of.register
def _write_glossary(block: GlossaryBlock, context: ColumnContext) -> Fields:
    return {"heading": one_line(block.heading), "entries": put_terms(block.terms, context.ledger)}


@value_of.register
def _read_highlight(row: Highlight, known: Known) -> HighlightBlock:
    papers = read_papers(known.papers.get(row.pk, ()), row.printed_links)
    heading = row.heading or (papers[0].title if papers else "")
    return HighlightBlock(
        uuid=str(row.uuid), heading=heading, parts=split_parts(row.text), papers=papers, origin=row.origin
    )


@fields_of.register
def _write_highlight(block: HighlightBlock, context: ColumnContext) -> Fields:
    title = context.papers[block.papers[0].key].title if block.papers else ""
    return {
        "heading": "" if block.heading == title else one_line(block.heading),
        "printed_links": printed_links(block),
        "text": tidy_text(join_parts(block.parts)),
        "origin": block.origin,
    }


@value_of.register
def _read_figure(row: Figure, known: Known) -> FigureBlock:
    return FigureBlock(
        uuid=str(row.uuid),
        src=row.image.name or "",
        alt=row.alt,
        caption=row.caption,
        credit=row.credit,
        licence=row.licence,
        width=row.width,
        height=row.height,
    )


@fields_of.register
def _write_figure(block: FigureBlock, context: ColumnContext) -> Fields | None:
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


@value_of.register
def _read_poll(row: PollBlock, known: Known) -> PollValue:
    choices = tuple(choice.label for choice in row.poll.choices.all())
    return PollValue(uuid=str(row.uuid), poll=row.poll.slug, question=row.poll.question, choices=choices)


@fields_of.register
def _write_poll(block: PollValue, context: ColumnContext) -> Fields:
    return {"poll_id": put_poll(block.poll, one_line(block.question), block.choices).pk}


@value_of.register
def _read_poll_results(row: PollResults, known: Known) -> PollResultsBlock:
    counted: list[Any] = list(row.poll.choices.all())
    results = tuple(ChoiceTally(label=choice.label, votes=choice.count) for choice in counted)
    return PollResultsBlock(
        uuid=str(row.uuid), poll=row.poll.slug, question=row.poll.question, results=results, text=row.text
    )


@fields_of.register
def _write_poll_results(block: PollResultsBlock, context: ColumnContext) -> Fields:
    return {
        "poll_id": put_results(block.poll, one_line(block.question), block.results).pk,
        "text": tidy_text(block.text),
    }
