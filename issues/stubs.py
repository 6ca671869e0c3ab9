"""A stub and the paper it stands for: what points at the one points at the other from then on."""

from __future__ import annotations

from django.db import transaction

from issues.models import Decision, Highlight
from papers.models import Paper, PaperLink


class NoSuchMatch(ValueError):
    """These two are not a stub and its paper; the message is a sentence that says why."""


@transaction.atomic
def merge(stub: Paper, paper: Paper) -> int:
    """Moves highlights, decisions, links and tags of the stub to the paper and deletes the stub.

    Gives the number of highlights that were moved; what is public stays as it was printed. Raises NoSuchMatch.
    """
    stub = Paper.objects.select_for_update().get(pk=stub.pk)
    if not stub.stub:
        raise NoSuchMatch(f"“{stub}” is no stub, so it stands for no other paper.")
    if stub.pk == paper.pk or paper.stub:
        raise NoSuchMatch(f"“{paper}” is a stub itself; choose the paper that is meant.")
    moved = _move_highlights(stub, paper)
    Decision.objects.filter(paper=stub).update(paper=paper)
    known = paper.links.values("url")
    PaperLink.objects.filter(paper=stub).exclude(url__in=known).update(paper=paper)
    paper.tags.add(*stub.tags.names())
    stub.delete()
    return moved


def _move_highlights(stub: Paper, paper: Paper) -> int:
    """The rows stay what they are, because their order is the order of a highlight's papers."""
    rows = Highlight.papers.through.objects.filter(paper=stub)
    having = Highlight.papers.through.objects.filter(paper=paper).values("highlight_id")
    return int(rows.exclude(highlight_id__in=having).update(paper=paper))
