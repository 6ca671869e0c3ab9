"""A file → an issue: read, its papers found, its blocks written. The same file again changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.db import connection, transaction
from django.utils import timezone

from core.command_reports import Refused, Report
from issues import storage
from issues.coverage.missing_links import missing_kinds
from issues.document.values import Document
from issues.editorial.publish import NotPublishable, correct, publish, save_edition
from issues.imports.align_blocks import align_blocks
from issues.imports.draft_file import DraftHead, apply_head, read_draft, refuse_taken_number
from issues.imports.parsers import Draft
from issues.imports.previous_state import PreviousState, load_previous_state
from issues.imports.resolve_papers import ResolvedDocument, resolve_papers
from issues.models import Edition, Issue
from issues.rendering.page.render import to_page
from papers.models import Paper

_LOCK = 0x15505  # of imports: two at once would make the same stubs and terms
MAX_SHOWN = 40  # edits of an issue, in the refusal


def import_issue(
    path: Path,
    *,
    title: str = "",
    slug: str = "",
    number: int | None = None,
    series: str = "",
    overwrite: bool = False,
    publish: bool = False,
    say: Callable[[str], None] = lambda sentence: None,
) -> Report:
    """Brings in one file, in one transaction; `say` is told what is no problem but worth knowing.

    Raises Refused where the file or the head is unusable, and where the issue was edited since its last import.
    """
    draft = read_draft(path)
    head = DraftHead(title=title, slug=slug, number=number, series=series)
    try:
        with transaction.atomic():
            _one_at_a_time()
            issue, report = _bring_in(draft, head, overwrite=overwrite)
            if publish:
                _publish(issue)
    except (storage.DoesNotFit, NotPublishable) as error:
        raise Refused(str(error)) from None
    document = storage.load_document(issue)
    for sentence in (*describe_missing_links(document), *to_page(document, link_terms=False).problems):
        say(sentence)
    return report


def describe_missing_links(document: Document) -> list[str]:
    """A sentence for each link that is printed though nobody knows its address."""
    return [
        f"“{paper.title}”: “{kind}” is printed after the title, but no such link is known."
        for paper in document.papers()
        for kind in missing_kinds(paper)
    ]


def _bring_in(draft: Draft, head: DraftHead, *, overwrite: bool) -> tuple[Issue, Report]:
    issue, document = apply_head(draft, head)
    before = load_previous_state(issue)
    document = before.completed(document, overwrite=overwrite)
    refuse_taken_number(issue, document.number)
    resolved = resolve_papers(document, before.imported)
    document = align_blocks(resolved.document, before.blocks)
    if not overwrite:
        _refuse_edited(issue, before, document)
    counts = storage.save_document(issue, before.kept_in_step(document))
    _drop_orphans(issue, before)
    composed = storage.load_document(issue)
    save_edition(issue, Edition.Kind.IMPORTED, document=composed)
    return issue, _report(draft, resolved, counts, len(describe_missing_links(composed)))


def _report(draft: Draft, resolved: ResolvedDocument, counts: storage.WriteCounts, promised: int) -> Report:
    return Report(
        {
            "created": counts.created,
            "updated": counts.updated,
            "unchanged": counts.unchanged,
            "deleted": counts.deleted,
            "unmatched": resolved.unmatched,
            "promised": promised,
        },
        (*draft.problems, *resolved.problems, *counts.problems),
    )


def _drop_orphans(issue: Issue, before: PreviousState) -> None:
    """Stubs that the real papers have replaced and that nobody else uses; what is public keeps its addresses."""
    if issue.public_edition is None:
        slugs = [paper.slug for paper in before.now.papers() if paper.slug]
        Paper.objects.stubs().filter(slug__in=slugs, highlights=None, decisions=None, tags=None).delete()


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def _refuse_edited(issue: Issue, before: PreviousState, document: Document) -> None:
    edits = before.edits(document)
    if not edits:
        return
    since = "was edited since its last import" if before.imported else "was written here and not imported"
    shown = "".join(f"\n  {edit}" for edit in edits[:MAX_SHOWN])
    more = f"\n  and {len(edits) - MAX_SHOWN} more" if len(edits) > MAX_SHOWN else ""
    raise Refused(f"“{issue}” {since}; nothing is changed. --overwrite puts the file in place of:{shown}{more}")


def _publish(issue: Issue) -> None:
    """On the web only. A scheduled issue has its hour, and perhaps a mailing, which an import must not drop."""
    if issue.is_scheduled:
        raise Refused(f"“{issue}” is scheduled; import it without --publish, or take it from the schedule first.")
    if issue.is_published:
        correct(issue)
    else:
        publish(issue, now=timezone.now(), mail=False)
