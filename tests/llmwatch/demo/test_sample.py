"""The sample issue: every block, no problem, real papers, and the same again."""

import re
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from issues import storage
from issues.document.values import BLOCK_KINDS, Document
from issues.models import Edition, Issue, Vote
from llmwatch.demo import sample
from papers.models import Paper

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def pictures(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def loaded() -> Document:
    sample.load_files()
    return storage.load_document(Issue.objects.get(slug=sample.SAMPLE_SLUG))


def test_sample_uses_every_kind_of_block() -> None:
    assert {block.kind for block in loaded().blocks} == set(BLOCK_KINDS)


def test_sample_is_published_and_nobody_asked_to_mail_it() -> None:
    loaded()
    issue = Issue.objects.get()
    assert (issue.is_published, issue.mail_at) == (True, None)


def test_sample_is_loaded_without_a_problem() -> None:
    reports = sample.load_files()
    assert [report.problems for report in reports] == [(), ()]


def test_loading_it_again_changes_nothing() -> None:
    before = loaded()
    editions, votes = Edition.objects.count(), Vote.objects.count()
    assert loaded() == before
    assert (Edition.objects.count(), Vote.objects.count(), Issue.objects.count()) == (editions, votes, 1)


def test_every_highlight_is_about_papers_of_arxiv() -> None:
    papers = [paper for highlight in loaded().highlights() for paper in highlight.papers]
    assert all(re.fullmatch(r"\d{4}\.\d{4,5}", paper.arxiv_id) for paper in papers)
    assert {paper.arxiv_id for paper in papers} == set(sample.paper_ids()) == set(arxiv_ids())


def arxiv_ids() -> list[str]:
    return [str(arxiv_id) for arxiv_id in Paper.objects.values_list("arxiv_id", flat=True)]


def test_titles_are_those_of_the_papers() -> None:
    for paper in loaded().papers():
        assert paper.title == Paper.objects.get(arxiv_id=paper.arxiv_id).title


def test_sample_has_its_picture(pictures: Path) -> None:
    loaded()
    assert [path.name for path in pictures.rglob("*.png")] == ["positional-encoding.png"]


def test_votes_of_the_earlier_poll_are_counted() -> None:
    (results,) = (block for block in loaded().blocks if block.kind == "poll_results")
    assert {tally.label: tally.votes for tally in getattr(results, "results")} == sample.SAMPLE_VOTES  # noqa: B009


def test_sample_copies_no_sentence_of_an_abstract() -> None:
    assert all(not paper.abstract for paper in Paper.objects.all())
