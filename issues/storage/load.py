"""Rows → document, with a constant number of queries however many blocks there are."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet

from issues.document.values import Document
from issues.models import BLOCK_MODELS, Block, Choice, Glossary, Highlight, Issue, PollBlock, PollResults
from issues.storage.block_rows import Known, value_of
from issues.storage.papers import papers_of
from issues.storage.terms import known_terms, names_in


def load_document(issue: Issue) -> Document:
    """The issue as its rows stand now; nothing in it is loaded later."""
    blocks = blocks_of(issue)
    known = Known(
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
        blocks=tuple(value_of(block, known) for block in blocks),
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
