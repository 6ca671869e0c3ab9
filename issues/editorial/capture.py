"""Papers that an editor names by their ids become highlights that are still to be written."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from issues.document.structured_text import join_parts, split_lines
from issues.document.values import HighlightPart, PaperRef
from issues.models import Block, Highlight, Issue, Series
from issues.storage.load import blocks_of
from issues.storage.papers import known_papers, link_papers, put_papers
from issues.storage.save import POSITION_STEP
from issues.storage.write_counts import WriteLedger


@transaction.atomic
def capture_papers(issue: Issue, ids: Sequence[str]) -> list[str]:
    """Adds a highlight for each paper that the issue has not yet: in place of those that its series planned, then after
    the last one. Gives the ids that were not known here: they are stubs now, waiting to be pulled."""
    having = set(Highlight.objects.filter(parent=issue).values_list("papers__arxiv_id", flat=True))
    wanted = [PaperRef(title="", arxiv_id=key) for key in dict.fromkeys(ids) if key not in having]
    known = known_papers(wanted)
    papers = put_papers(wanted, WriteLedger())
    for wish, highlight in zip(wanted, _places(issue, len(wanted)), strict=True):
        link_papers(highlight, [papers[wish.key]])
    return [wish.arxiv_id for wish in wanted if wish.key not in known]


def _places(issue: Issue, count: int) -> list[Highlight]:
    """So many highlights without a paper, new ones where there are not enough."""
    blocks, text = blocks_of(issue), first_text(issue.series)
    unwritten = Highlight.objects.filter(parent=issue, papers=None, heading="", text=text).order_by("ordering")
    waiting = list(unwritten[:count])
    after = max((at for at, block in enumerate(blocks, start=1) if isinstance(block, Highlight)), default=len(blocks))
    new = [Highlight(parent=issue, text=text) for _ in range(count - len(waiting))]
    if new:
        _put_in_order([*blocks[:after], *new, *blocks[after:]])
    return [*waiting, *new]


def _put_in_order(blocks: Sequence[Block]) -> None:
    for position, block in enumerate(blocks, start=1):
        if block.pk is None or block.ordering != position * POSITION_STEP:
            block.ordering = position * POSITION_STEP
            block.save()


def first_text(series: Series | None) -> str:
    """What a new highlight begins with: the labels of the series."""
    labels = split_lines(series.part_labels) if series else ()
    return join_parts(HighlightPart(label=label, text="") for label in labels)
