"""Rows → document, with a constant number of queries however many blocks there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, QuerySet

from glossary.models import GlossaryTerm
from issues.document.structured_text import parse_labelled, split_lines, split_paragraphs, split_parts
from issues.document.values import (
    BlockKind,
    ChoiceTally,
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
from issues.models import (
    BLOCK_MODELS,
    Block,
    Choice,
    Figure,
    Glossary,
    Highlight,
    Issue,
    Paywall,
    PollBlock,
    PollResults,
    Sponsor,
    Teasers,
    Text,
    Themes,
)
from issues.storage.papers import papers_of, read_papers
from issues.storage.terms import known_terms, names_in, read_terms
from papers.models import Paper


@dataclass(frozen=True, slots=True)
class _Known:
    """What blocks refer to: papers by the highlight's row id, terms by their name in lower case."""

    papers: Mapping[int, Sequence[Paper]]
    terms: Mapping[str, GlossaryTerm]


def load_document(issue: Issue) -> Document:
    """The issue as its rows stand now; nothing in it is loaded later."""
    blocks = blocks_of(issue)
    known = _Known(
        papers=papers_of(block for block in blocks if isinstance(block, Highlight)),
        terms=known_terms(name for block in blocks if isinstance(block, Glossary) for name in names_in(block.entries)),
    )
    return Document(
        title=issue.title,
        slug=issue.slug,
        subtitle=issue.subtitle,
        number=issue.number,
        series=issue.series.slug if issue.series else "",
        series_name=issue.series.name if issue.series else "",
        authors=tuple(issue.authors),
        access=issue.access,
        cover=issue.cover.name or "",
        cover_alt=issue.cover_alt,
        cover_width=issue.cover_width,
        cover_height=issue.cover_height,
        mail_subject=issue.mail_subject,
        preheader=issue.preheader,
        blocks=tuple(_READERS[type(block)](block, known) for block in blocks),
    )


def blocks_of(issue: Issue) -> list[Block]:
    """The rows of all blocks in the order of the page."""
    rows = [row for model in BLOCK_MODELS for row in _rows(model, issue)]
    return sorted(rows, key=lambda row: row.ordering)


def _rows(model: type[Block], issue: Issue) -> QuerySet[Any]:
    rows: QuerySet[Any] = model._default_manager.filter(parent=issue)
    if issubclass(model, PollBlock | PollResults):
        return rows.select_related("poll").prefetch_related(Prefetch("poll__choices", Choice.objects.counted()))
    return rows


def _text(row: Text, known: _Known) -> TextBlock:
    return TextBlock(uuid=str(row.uuid), heading=row.heading, text=row.text)


def _teasers(row: Teasers, known: _Known) -> TeasersBlock:
    return TeasersBlock(uuid=str(row.uuid), lead_in=row.lead_in, items=split_lines(row.items), closing=row.closing)


def _themes(row: Themes, known: _Known) -> ThemesBlock:
    items = split_paragraphs(row.items)
    return ThemesBlock(uuid=str(row.uuid), heading=row.heading, lead_in=row.lead_in, items=items)


def _glossary(row: Glossary, known: _Known) -> GlossaryBlock:
    return GlossaryBlock(uuid=str(row.uuid), heading=row.heading, terms=read_terms(row.entries, known.terms))


def _highlight(row: Highlight, known: _Known) -> HighlightBlock:
    papers = read_papers(known.papers.get(row.pk, ()), row.printed_links)
    heading = row.heading or (papers[0].title if papers else "")
    return HighlightBlock(
        uuid=str(row.uuid), heading=heading, parts=split_parts(row.text), papers=papers, origin=row.origin
    )


def _figure(row: Figure, known: _Known) -> FigureBlock:
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


def _poll(row: PollBlock, known: _Known) -> PollValue:
    choices = tuple(choice.label for choice in row.poll.choices.all())
    return PollValue(uuid=str(row.uuid), poll=row.poll.slug, question=row.poll.question, choices=choices)


def _poll_results(row: PollResults, known: _Known) -> PollResultsBlock:
    results = tuple(ChoiceTally(label=choice.label, votes=choice.count) for choice in _counted(row))
    return PollResultsBlock(
        uuid=str(row.uuid), poll=row.poll.slug, question=row.poll.question, results=results, text=row.text
    )


def _counted(row: PollResults) -> list[Any]:
    return list(row.poll.choices.all())


def _sponsor(row: Sponsor, known: _Known) -> SponsorBlock:
    lines = tuple(parse_labelled(line) for line in split_lines(row.lines))
    return SponsorBlock(uuid=str(row.uuid), heading=row.heading, url=row.url, text=row.text, lines=lines)


def _paywall(row: Paywall, known: _Known) -> PaywallBlock:
    return PaywallBlock(uuid=str(row.uuid), text=row.text)


_READERS: Mapping[type[Block], Callable[[Any, _Known], BlockKind]] = {
    Text: _text,
    Teasers: _teasers,
    Themes: _themes,
    Glossary: _glossary,
    Highlight: _highlight,
    Figure: _figure,
    PollBlock: _poll,
    PollResults: _poll_results,
    Sponsor: _sponsor,
    Paywall: _paywall,
}
