"""Withdrawals, told by the sentence that says so and by nothing else."""

import gzip
import json

import pytest

from papers.normalize import clean_abstract, clean_line
from papers.records.withdrawals import NO_WITHDRAWAL, WithdrawalSentence, mentions_withdrawal, read_withdrawal
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
        ("We decided to withdraw this paper because of an error in its main theorem.", "",
         "We decided to withdraw this paper because of an error in its main theorem."),
        ("Under revision: withdrawn after a gap was found in Lemma 3", "",
         "Under revision: withdrawn after a gap was found in Lemma 3"),
        ("This article has been withdrawed due to some errors", "",
         "This article has been withdrawed due to some errors"),
    ],
)  # fmt: skip
def test_the_sentence_that_says_so_is_found(comment: str, abstract: str, sentence: str) -> None:
    assert read_withdrawal(comment, abstract) == WithdrawalSentence(sentence, certain=True)


@pytest.mark.parametrize(
    "comment",
    [
        "This paper has been withdrawn and replaced by arXiv:1612.03339",
        "This preprint is withdrawn. It is superseded by a forthcoming paper",
        "Paper withdrawn: merged with another one",
        "Accepted at a workshop; withdrawn due to unforeseen costs",
        "We withdraw this paper, which a journal has rejected",
    ],
)
def test_what_only_a_person_can_decide_is_found_and_not_decided(comment: str) -> None:
    found = read_withdrawal(comment, "")
    assert found.sentence
    assert not found.certain


@pytest.mark.parametrize(
    "comment",
    [
        "Previously submitted to a non-academic conference (ICGARSA 2025) and formally withdrawn",
        "Accepted but withdrawn from AIAA Scitech 2017",
        "Submission withdrawn from the International Journal of Digital Curation",
        "The author's preceding paper was withdrawn because of a fatal error. This is the second try",
        "38 pages. Withdrawn following a review process lasting 3 years",
        "10 pages, 3 figures, withdraw experimental results on one of the data sets",
        "",
    ],
)
def test_what_does_not_speak_of_the_paper_itself_is_left_alone(comment: str) -> None:
    assert read_withdrawal(comment, "") == NO_WITHDRAWAL


def test_an_abstract_about_withdrawals_says_nothing_of_its_paper() -> None:
    abstract = (
        "We study why a retracted paper, withdrawn years ago, is still cited, and why we withdraw the paper at all."
    )
    assert read_withdrawal("", abstract) == NO_WITHDRAWAL
    assert mentions_withdrawal(abstract)


@needs_data
def test_recorded_withdrawals_are_found_and_replaced_papers_left_to_a_person() -> None:
    found = {}
    for line in data_path("arxiv/corpus/edge_cases.jsonl").read_text().splitlines():
        case = json.loads(line)
        if case["case"] == "archive_withdrawn":
            row = case["record"]
            comment, abstract = clean_line(row.get("comments") or ""), clean_abstract(row["abstract"])
            found[row["arxiv_id"]] = read_withdrawal(comment, abstract)
    assert all(one.sentence for one in found.values())
    assert tuple(arxiv_id for arxiv_id, one in found.items() if not one.certain) == REPLACED


@needs_data
def test_precision_and_recall_over_the_versions_that_arxiv_itself_holds() -> None:
    """The one that is missed says no more than that it is under revision."""
    with gzip.open(data_path("arxiv/corpus/arxiv_browse_testdb_versions.jsonl.gz")) as lines:
        rows = [json.loads(line) for line in lines]
    said = {
        (row["paper_id"], row["version"])
        for row in rows
        if read_withdrawal(clean_line(row["comments"] or ""), clean_abstract(row["abstract"])).certain
    }
    truth = {(row["paper_id"], row["version"]) for row in rows if row["is_withdrawn"]}
    assert (len(rows), len(truth)) == (1042, 11)
    assert len(said & truth) / len(said) == 1.0
    assert len(said & truth) / len(truth) >= 0.9
