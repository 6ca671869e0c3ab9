"""Links that an issue names and nobody has found yet: “(paper/code)” of a paper whose code is not known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from issues.document.values import PaperRef
from issues.models import Highlight, Issue
from issues.storage.papers import papers_of, read_papers
from papers.models import Paper


@dataclass(frozen=True, slots=True)
class MissingLink:
    issue: Issue
    paper: Paper
    kind: str


def load_missing_links(issues: Sequence[Issue]) -> list[MissingLink]:
    """The links that are missing in these issues, in three queries."""
    rows = Highlight.objects.filter(parent__in=issues).exclude(printed_links="").order_by("parent", "ordering")
    highlights = list(rows.select_related("parent"))
    papers = papers_of(highlights)
    return [
        MissingLink(highlight.parent, paper, kind)
        for highlight in highlights
        for paper, printed in zip(
            papers.get(highlight.pk, ()),
            read_papers(papers.get(highlight.pk, ()), highlight.printed_links),
            strict=True,
        )
        for kind in missing_kinds(printed)
    ]


def missing_kinds(paper: PaperRef) -> tuple[str, ...]:
    """The kinds of those links that are printed though nobody knows their address."""
    return tuple(link.kind for link in paper.links if not link.url)
