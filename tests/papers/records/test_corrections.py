"""What editors correct stays, what arXiv says goes on being followed, and theirs can be taken back."""

from typing import Any

import pytest

from papers.models import Correction, Paper, PaperEvent, PaperVersion
from papers.records.corrections import correct_paper, judge_withdrawal, keep_ours, take_theirs
from papers.records.upsert import upsert_records
from tests.papers.paper_records import CODE, make_record

pytestmark = pytest.mark.django_db
REPLACED = "This paper is withdrawn and replaced by another"


def paper() -> Paper:
    return Paper.objects.get()


def corrected(field: str = "title", ours: Any = "AgenTracer, corrected", **said: Any) -> Correction:
    """arXiv said it and an editor corrected one field of it."""
    upsert_records([make_record(**said)])
    correct_paper(paper(), {field: ours}, None)
    return Correction.objects.get()


def test_a_correction_stands_and_arxivs_words_are_kept_beside_it() -> None:
    correction = corrected("authors", ["Guibin Zhang", "Junhao Wáng"])
    assert (paper().authors_text, paper().author_keys) == ("Guibin Zhang, Junhao Wáng", ["guibin-zhang", "junhao-wang"])
    assert (correction.theirs, correction.overtaken) == (["Guibin Zhang", "Junhao Wang"], False)


@pytest.mark.parametrize("source", ["rss", "raw", "oai", "atom"])
def test_a_correction_made_on_one_sources_text_stands_whatever_source_comes_next(source: str) -> None:
    corrected(source="rss")
    upsert_records([make_record(source=source, comment="9 pages")])
    assert (paper().title, Correction.objects.get().overtaken) == ("AgenTracer, corrected", False)


def test_a_new_version_goes_on_below_and_the_correction_is_marked_where_arxiv_changed_that_field() -> None:
    corrected()
    upsert_records([make_record(version=2, abstract="New words.", links=(CODE,))])
    assert (paper().version, paper().abstract, Correction.objects.overtaken().count()) == (2, "New words.", 0)
    upsert_records([make_record(version=3, title="AgenTracer, revised")])
    assert (paper().version, paper().title) == (3, "AgenTracer, corrected")
    assert Correction.objects.overtaken().get().theirs == "AgenTracer, revised"
    assert set(PaperEvent.objects.values_list("kind", "detail")) >= {("version", "v2"), ("version", "v3")}
    assert PaperVersion.objects.count() == 3


def test_the_same_again_writes_nothing_over_a_correction() -> None:
    corrected("abstract", "Our own words, mended.")
    assert upsert_records([make_record()]).unchanged == 1
    assert paper().abstract == "Our own words, mended."


def test_theirs_is_taken_back_as_arxiv_says_it_now() -> None:
    corrected()
    upsert_records([make_record(version=2, title="AgenTracer, revised")])
    take_theirs(Correction.objects.get())
    assert (paper().title, Correction.objects.count()) == ("AgenTracer, revised", 0)


def test_what_is_written_back_as_arxiv_has_it_is_no_correction() -> None:
    corrected()
    correct_paper(paper(), {"title": "AgenTracer"}, None)
    assert (paper().title, Correction.objects.count()) == ("AgenTracer", 0)


def test_whoever_keeps_theirs_is_not_asked_again() -> None:
    corrected()
    upsert_records([make_record(version=2, title="AgenTracer, revised")])
    keep_ours(Correction.objects.all())
    assert (paper().title, Correction.objects.overtaken().count()) == ("AgenTracer, corrected", 0)


@pytest.mark.parametrize("withdrawn", [True, False])
def test_a_person_judges_what_a_withdrawal_means_and_it_holds(withdrawn: bool) -> None:
    upsert_records([make_record(comment=REPLACED)])
    assert list(Paper.objects.in_doubt()) == [paper()]
    judge_withdrawal(paper(), withdrawn=withdrawn, by=None)
    upsert_records([make_record(comment=REPLACED, journal_ref="Nature 1")])
    assert (paper().withdrawn, Paper.objects.in_doubt().count()) == (withdrawn, 0)
    assert PaperEvent.objects.filter(kind="withdrawal").exists() == withdrawn


def test_a_judgement_falls_with_the_words_it_was_about() -> None:
    upsert_records([make_record(comment=REPLACED)])
    judge_withdrawal(paper(), withdrawn=False, by=None)
    upsert_records([make_record(version=2, comment="Withdrawn because of an error")])
    assert (paper().withdrawn, Correction.objects.count()) == (True, 0)


def test_a_replaced_title_is_kept() -> None:
    upsert_records([make_record()])
    upsert_records([make_record(version=2, title="AgenTracer, revised")])
    assert list(paper().former_titles.values_list("title", flat=True)) == ["AgenTracer"]
