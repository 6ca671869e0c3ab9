"""Withdrawals, told by the sentence that says so and by nothing else."""

import gzip
import json

import pytest

from papers.text import clean_abstract, clean_line
from papers.withdrawals import mentions_withdrawal, withdrawal_sentence
from tests.data import data_path, needs_data

REPLACED = ("alg-geom/9505016", "alg-geom/9608005", "dg-ga/9702006")


@pytest.mark.parametrize(
    ("comment", "abstract", "sentence"),
    [
        ("Withdrawn", "", "Withdrawn"),
        ("12 pages. This paper has been withdrawn by the author due to a crucial sign error in equation 1", "",
         "This paper has been withdrawn by the author due to a crucial sign error in equation 1"),
        ("", "This submission has been withdrawn at the request of the author. We prove a bound.",
         "This submission has been withdrawn at the request of the author."),
        ("arXiv admin note: submission has been withdrawn by arXiv administrators", "",
         "arXiv admin note: submission has been withdrawn by arXiv administrators"),
        ("The paper is withdrawn from arXiv", "", "The paper is withdrawn from arXiv"),
    ],
)  # fmt: skip
def test_the_sentence_that_says_so_is_found(comment: str, abstract: str, sentence: str) -> None:
    assert withdrawal_sentence(comment, abstract) == sentence


@pytest.mark.parametrize(
    "comment",
    [
        "This paper has been withdrawn and replaced by arXiv:1612.03339",
        "This preprint is withdrawn. It is superseded by a forthcoming paper",
        "Paper withdrawn: merged with another one",
        "Previously submitted to a non-academic conference (ICGARSA 2025) and formally withdrawn",
        "Accepted but withdrawn from AIAA Scitech 2017",
        "Submission withdrawn from the International Journal of Digital Curation",
        "The author's preceding paper was withdrawn because of a fatal error. This is the second try",
        "38 pages. Withdrawn following a review process lasting 3 years",
        "",
    ],
)
def test_what_only_a_person_can_decide_is_left_alone(comment: str) -> None:
    assert withdrawal_sentence(comment, "") == ""


def test_an_abstract_about_withdrawals_says_nothing_of_its_paper() -> None:
    abstract = "We study why a retracted paper, withdrawn years ago, is still cited."
    assert withdrawal_sentence("", abstract) == ""
    assert mentions_withdrawal(abstract)


@needs_data
def test_recorded_withdrawals_are_found_and_replaced_papers_left_to_a_person() -> None:
    found = {}
    for line in data_path("arxiv/corpus/edge_cases.jsonl").read_text().splitlines():
        case = json.loads(line)
        if case["case"] == "archive_withdrawn":
            row = case["record"]
            comment, abstract = clean_line(row.get("comments") or ""), clean_abstract(row["abstract"])
            found[row["arxiv_id"]] = withdrawal_sentence(comment, abstract)
    assert [arxiv_id for arxiv_id, sentence in found.items() if not sentence] == list(REPLACED)


@needs_data
def test_no_version_that_arxiv_itself_holds_is_taken_for_withdrawn() -> None:
    with gzip.open(data_path("arxiv/corpus/arxiv_browse_testdb_versions.jsonl.gz")) as lines:
        rows = [json.loads(line) for line in lines]
    said = {
        (row["paper_id"], row["version"])
        for row in rows
        if withdrawal_sentence(clean_line(row["comments"] or ""), clean_abstract(row["abstract"]))
    }
    truth = {(row["paper_id"], row["version"]) for row in rows if row["is_withdrawn"]}
    assert said <= truth
    assert len(truth - said) <= 2
