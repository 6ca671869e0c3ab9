"""Papers that an editor names by their ids become highlights that are still to be written."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from issues.composing.ledger import Ledger
from issues.composing.papers import known_papers, link_papers, put_papers
from issues.composing.reading import blocks_of
from issues.composing.writing import STEP
from issues.document import PaperRef, Part
from issues.lines import join_parts, split_lines
from issues.models import Highlight, Issue, Series


@transaction.atomic
def capture(issue: Issue, ids: Sequence[str]) -> list[str]:
    """Adds a highlight for each paper that the issue has not yet, at its end. Gives the ids that were not known here:
    they are stubs now, waiting to be pulled."""
    having = set(Highlight.objects.filter(parent=issue).values_list("papers__arxiv_id", flat=True))
    wanted = [PaperRef(title="", arxiv_id=key) for key in dict.fromkeys(ids) if key not in having]
    known = known_papers(wanted)
    papers = put_papers(wanted, Ledger())
    last = max((block.ordering for block in blocks_of(issue)), default=0)
    for position, wish in enumerate(wanted, start=1):
        highlight = Highlight.objects.create(
            parent=issue, ordering=last + position * STEP, text=first_text(issue.series)
        )
        link_papers(highlight, [papers[wish.key]])
    return [wish.arxiv_id for wish in wanted if wish.key not in known]


def first_text(series: Series | None) -> str:
    """What a new highlight begins with: the labels of the series."""
    labels = split_lines(series.part_labels) if series else ()
    return join_parts(Part(label=label, text="") for label in labels)
