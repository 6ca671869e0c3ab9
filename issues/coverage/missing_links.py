"""Links that an issue names and nobody has found yet: “(paper/code)” of a paper whose code is not known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
        for kind in printed.missing_kinds
    ]
