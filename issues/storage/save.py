"""Document → rows: blocks are matched by their UUID, equal rows are not written, the rest is made or deleted."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterable, Iterator

from django.db import transaction
from django.db.models import Q

from issues.document.structured_text import one_line
from issues.document.values import BlockKind, Document, HighlightBlock
from issues.models import BLOCK_MODELS, Block, Glossary, Highlight, Issue, Series
from issues.storage.block_rows import MODELS, ColumnContext, fields_of
from issues.storage.images import image_name, no_image
from issues.storage.load import blocks_of
from issues.storage.papers import link_papers, put_papers
from issues.storage.slugs import free_slug
from issues.storage.terms import link_terms
from issues.storage.write_counts import DoesNotFit, WriteCounts, WriteLedger, check_fits

POSITION_STEP = 10  # between two blocks, so that an editor can put one between


@transaction.atomic
def save_document(issue: Issue, document: Document) -> WriteCounts:
    """Makes the rows (of an issue that may be new) say what the document says. Raises DoesNotFit, nothing changed.

    Terms and papers that are known stay as they are; what the document says otherwise of a term is the issue's own.
    """
    ledger = WriteLedger()
    _put_head(issue, document, ledger)
    papers = put_papers((paper for block in document.highlights() for paper in block.papers), ledger)
    context = ColumnContext(ledger, papers)
    before = blocks_of(issue)
    kept = [_put_block(issue, block, before, position, context) for position, block in _numbered(issue, document)]
    for row in before:
        if row not in kept:
            row.delete()
            ledger.deleted(1)
    return ledger.counts()


def _put_head(issue: Issue, document: Document, ledger: WriteLedger) -> None:
    if not document.title:
        raise DoesNotFit("The issue has no title.")
    series = _put_series(document)
    values = {
        "title": document.title,
        "subtitle": document.subtitle,
        "slug": document.slug,
        "number": document.number,
        "series_id": series.pk if series else None,
        "authors": list(document.authors),
        "access": document.access,
        **_cover(document, ledger),
        "mail_subject": document.mail_subject,
        "preheader": document.preheader,
    }
    ledger.put(issue, values, name="The issue")


def _cover(document: Document, ledger: WriteLedger) -> dict[str, str]:
    """Its size follows from the file."""
    name = image_name(document.cover) if document.cover else ""
    if name is None:
        ledger.problem("cover", no_image(document.cover))
    return {"cover": name or "", "cover_alt": one_line(document.cover_alt) if name else ""}


def _put_series(document: Document) -> Series | None:
    """The series by its slug or its name; one that is unknown is made."""
    name = document.series_name or document.series
    if not name:
        return None
    known = Series.objects.filter(slug=document.series).first() or Series.objects.filter(name__iexact=name).first()
    if known:
        return known
    slug = free_slug(document.series or name, Series.objects.values_list("slug", flat=True), default="series")
    series = Series(name=name, slug=slug)
    check_fits(series, "The series")
    series.save()
    return series


def _put_block(
    issue: Issue, block: BlockKind, before: Iterable[Block], position: int, context: ColumnContext
) -> Block | None:
    fields = fields_of(block, context)
    if fields is None:
        return None
    model = MODELS[type(block)]
    row = next((row for row in before if isinstance(row, model) and str(row.uuid) == block.uuid), None)
    row = row or model(parent=issue, uuid=uuid.UUID(block.uuid))
    name = f"Block {position // POSITION_STEP} ({row._meta.verbose_name})"
    context.ledger.put(row, {"ordering": position, "region": "main", **fields}, name=name)
    if _link(row, block, context):
        context.ledger.touched(row)
    return row


def _link(row: Block, block: BlockKind, context: ColumnContext) -> bool:
    """Brings the relations of a row in step; True where they had not been."""
    if isinstance(row, Glossary):
        return link_terms(row)
    if isinstance(row, Highlight) and isinstance(block, HighlightBlock):
        return link_papers(row, [context.papers[paper.key] for paper in block.papers])
    return False


def _numbered(issue: Issue, document: Document) -> Iterator[tuple[int, BlockKind]]:
    """The blocks with their place; a UUID that is none, or that another block has, is replaced."""
    taken = _uuids_of_others(issue, document)
    for position, block in enumerate(document.blocks, start=1):
        own = _canonical(block.uuid)
        if own is None or own in taken:
            own = str(uuid.uuid4())
        taken.add(own)
        yield position * POSITION_STEP, dataclasses.replace(block, uuid=own)


def _uuids_of_others(issue: Issue, document: Document) -> set[str]:
    wanted = [own for block in document.blocks if (own := _canonical(block.uuid))]
    others = (model._default_manager.filter(~Q(parent=issue), uuid__in=wanted) for model in BLOCK_MODELS)
    return {str(own) for rows in others for own in rows.values_list("uuid", flat=True)}


def _canonical(text: str) -> str | None:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return None
