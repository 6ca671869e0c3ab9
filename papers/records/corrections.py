"""What editors correct of a paper: it says ours from then on, and what arXiv says is followed beside it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from papers.models import Correction, Paper, PaperEvent
from papers.models.correction import WITHDRAWAL_FIELD
from papers.records.merge import LONGEST_DETAIL, PaperState

if TYPE_CHECKING:
    from django.contrib.auth.models import User

OurWords = Mapping[str, Any]  # a field of a correction → its value


@transaction.atomic
def correct_paper(paper: Paper, ours: OurWords, by: User | None) -> None:
    """The paper says this from now on; where that is what arXiv says, the field is arXiv's again."""
    row = Paper.objects.select_for_update().get(pk=paper.pk)
    known = {one.field: one for one in row.corrections.all()}
    changed = {field: value for field, value in ours.items() if value_of(row, field) != value}
    for field, value in changed.items():
        theirs = known[field].theirs if field in known else value_of(row, field)
        if value == theirs:
            row.corrections.filter(field=field).delete()
        else:
            made = {"theirs": theirs, "overtaken": False, "by": by, "at": timezone.now()}
            row.corrections.update_or_create(field=field, defaults=made)
    was_withdrawn = row.withdrawn
    _write(row, changed)
    if row.withdrawn and not was_withdrawn:
        _tell_of_withdrawal(row)


@transaction.atomic
def take_theirs(correction: Correction) -> None:
    """The field is arXiv's again, as arXiv says it now."""
    row = Paper.objects.select_for_update().get(pk=correction.paper_id)
    for standing in row.corrections.filter(pk=correction.pk):
        _write(row, {standing.field: standing.theirs})
        standing.delete()


def keep_ours(corrections: Iterable[Correction]) -> None:
    """Whoever corrected has seen what arXiv says by now, and thinks the same as before."""
    Correction.objects.filter(pk__in=[one.pk for one in corrections]).update(overtaken=False)


def judge_withdrawal(paper: Paper, *, withdrawn: bool, by: User | None) -> None:
    """What a person says of a paper whose words leave it open; it holds until arXiv's words change."""
    said = {"withdrawn": withdrawn, "withdrawal": paper.withdrawal if withdrawn else ""}
    correct_paper(paper, {WITHDRAWAL_FIELD: said}, by)


def corrections_of(papers: Iterable[int]) -> dict[int, list[Correction]]:
    """The corrections of these papers, in one query, or in none where there are no papers."""
    keys = list(papers)
    found: dict[int, list[Correction]] = {}
    for correction in Correction.objects.filter(paper__in=keys).order_by("pk") if keys else ():
        found.setdefault(correction.paper_id, []).append(correction)
    return found


def as_arxiv_says(state: PaperState, corrections: Sequence[Correction]) -> PaperState:
    """The state without its corrections: what is merged with what arXiv says next."""
    return _with(state, {one.field: one.theirs for one in corrections})


def with_ours(theirs: PaperState, ours: PaperState, corrections: Sequence[Correction]) -> PaperState:
    """What the paper says where arXiv says theirs; a judgement on a withdrawal falls with the words it was about."""
    standing = [
        one for one in corrections if one.field != WITHDRAWAL_FIELD or value_of(theirs, one.field) == one.theirs
    ]
    return _with(theirs, {one.field: value_of(ours, one.field) for one in standing})


def update_corrections(after: Mapping[int, PaperState], corrections: Mapping[int, Sequence[Correction]]) -> None:
    """Keeps what arXiv says by now beside the corrections, and marks those it overtook."""
    changed = [
        (one, value_of(state, one.field))
        for paper, state in after.items()
        for one in corrections.get(paper, ())
        if value_of(state, one.field) != one.theirs
    ]
    for correction, theirs in changed:
        if correction.field == WITHDRAWAL_FIELD:
            correction.delete()
        else:
            correction.theirs, correction.overtaken = theirs, True
            correction.save(update_fields=["theirs", "overtaken"])


def value_of(one: Paper | PaperState, field: str) -> Any:
    """The value of a correction's field, as JSON has it."""
    if field == WITHDRAWAL_FIELD:
        return {"withdrawn": one.withdrawn, "withdrawal": one.withdrawal}
    value = getattr(one, field)
    return list(value) if field == Correction.Field.AUTHORS else value


def _columns(values: OurWords) -> dict[str, Any]:
    flat = {field: value for field, value in values.items() if field != WITHDRAWAL_FIELD}
    return {**flat, **values.get(WITHDRAWAL_FIELD, {})}


def _with(state: PaperState, values: OurWords) -> PaperState:
    if not values:
        return state
    columns = _columns(values)
    if "authors" in columns:
        columns["authors"] = tuple(columns["authors"])
    return dataclasses.replace(state, **columns)


def _write(row: Paper, values: OurWords) -> None:
    """Only these columns: a pull may be writing the others."""
    columns = _columns(values)
    for name, value in columns.items():
        setattr(row, name, value)
    if columns:
        row.save(update_fields=[*columns, "authors_text", "author_keys"])


def _tell_of_withdrawal(row: Paper) -> None:
    happened = {"happened": row.updated or timezone.now()}
    detail = row.withdrawal[:LONGEST_DETAIL]
    PaperEvent.objects.get_or_create(paper=row, kind=PaperEvent.Kind.WITHDRAWAL, detail=detail, defaults=happened)
