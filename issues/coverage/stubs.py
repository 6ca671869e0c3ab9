"""A stub and the paper it stands for: what points at the one points at the other from then on."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils.translation import gettext as _

from issues.models import Decision, Highlight
from papers.models import Paper, PaperLink
from papers.records.title_match import DoubtfulMatch, TitleMatch, match_title

_CANDIDATES = 10
_LIKENESS = 0.4  # of titles (pg_trgm; of 1); below it the search takes seconds over 275,000 papers


class NoSuchMatch(ValueError):
    """These two are not a stub and its paper; the message is a sentence that says why."""


@transaction.atomic
def merge_stub(stub: Paper, paper: Paper) -> int:
    """Moves highlights, decisions, links and tags of the stub to the paper and deletes the stub.

    Gives the number of highlights that were moved; what is public stays as it was printed. Raises NoSuchMatch.
    """
    stub = Paper.objects.select_for_update().get(pk=stub.pk)
    if not stub.stub:
        raise NoSuchMatch(_("“%s” is no stub, so it stands for no other paper.") % stub)
    if stub.pk == paper.pk or paper.stub:
        raise NoSuchMatch(_("“%s” is a stub itself; choose the paper that is meant.") % paper)
    moved = _move_highlights(stub, paper)
    Decision.objects.filter(paper=stub).update(paper=paper)
    known = paper.links.values("url")
    PaperLink.objects.filter(paper=stub).exclude(url__in=known).update(paper=paper)
    paper.tags.add(*stub.tags.names())
    stub.delete()
    return moved


@transaction.atomic
def find_candidates(stub: Paper) -> list[Paper]:
    """The papers that the stub may stand for: first whom its title names, then those with a title like it."""
    match match_title(stub.title):
        case TitleMatch(paper=paper):
            named: tuple[Paper, ...] = (paper,)
        case DoubtfulMatch(candidates=doubtful):
            named = doubtful
        case _:
            named = ()
    with connection.cursor() as cursor:  # a person chooses, so less likeness will do than for a match
        cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(_LIKENESS)])
    like = Paper.objects.all().resembling(stub.title)[:_CANDIDATES]
    return list(dict.fromkeys([*named, *like]))[:_CANDIDATES]


def merge_named(limit: int) -> int:
    """Merges the stubs whose title names exactly one paper, among the newest `limit`; the others wait for a person."""
    merged = 0
    for stub in Paper.objects.stubs().order_by("-pk")[:limit]:
        match match_title(stub.title):
            case TitleMatch(paper=paper):
                merge_stub(stub, paper)
                merged += 1
    return merged


def _move_highlights(stub: Paper, paper: Paper) -> int:
    """The rows stay what they are, because their order is the order of a highlight's papers."""
    rows = Highlight.papers.through.objects.filter(paper=stub)
    having = Highlight.papers.through.objects.filter(paper=paper).values("highlight_id")
    return int(rows.exclude(highlight_id__in=having).update(paper=paper))
