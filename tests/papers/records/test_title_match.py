"""Titles as printed → papers: what is certain is matched, what is near is named, nothing is matched wrongly."""

import gzip
import json
from itertools import islice

import pytest

from papers.ingest.bulk_formats import parse_line
from papers.ingest.bulk_load import load_files
from papers.models import Paper
from papers.records.title_match import DoubtfulMatch, TitleMatch, match_title
from papers.records.upsert import upsert_records
from tests.builders import make_paper
from tests.data import data_path, needs_data
from tests.papers.paper_records import make_record

pytestmark = pytest.mark.django_db

LIMITS = "On the Theoretical Limitations of Embedding-Based Retrieval"
RECENT = "arxiv/corpus/recent_ai_2025-03_2026-02.jsonl.gz"


def matched(title: str) -> Paper | None:
    found = match_title(title)
    return found.paper if isinstance(found, TitleMatch) else None


def doubtful(title: str) -> list[str]:
    found = match_title(title)
    return [paper.title for paper in found.candidates] if isinstance(found, DoubtfulMatch) else []


@pytest.mark.parametrize(
    ("known", "printed"),
    [
        (LIMITS, LIMITS),
        (LIMITS, "ON THE THEORETICAL LIMITATIONS OF EMBEDDING BASED RETRIEVAL."),
        (LIMITS, "  On the Theoretical Limitations\n of Embedding–Based Retrieval "),
        ("Before you <think>, monitor: Flavell's framework", "Before You 'think', Monitor – Flavell’s Framework"),
        ("$D^2LoRA$: Data-Driven LoRA Initialization", "D²LoRA: Data-Driven LoRA Initialization"),
        ("$β$-VAE for Control", r"$\beta$-VAE for Control"),
        ("The Cerny Conjecture and Its Friends", "The Černý Conjecture and Its Friends"),
        ("0", "0"),
        ("Olmo 3", "OLMo 3"),
    ],
)
def test_what_printers_change_does_not_matter(known: str, printed: str) -> None:
    paper = make_paper(title=known)
    assert matched(printed) == paper


@pytest.mark.parametrize(
    "printed",
    [
        "On the Theoretical Limitatons of Embedding-Based Retrieval",
        "On the Theoretical Limitations of Embedding-Based Retreival",
        "On the Theroetical Limitations of Embedding-Based Retrieval",
    ],
)
def test_a_slip_of_the_pen_in_a_long_word_does_not_matter(printed: str) -> None:
    paper = make_paper(title=LIMITS)
    assert matched(printed) == paper


@pytest.mark.parametrize(
    ("known", "printed"),
    [
        ("OpenVision 2: A Family of Visual Encoders", "OpenVision: A Family of Visual Encoders"),
        ("OpenVision 2: A Family of Visual Encoders", "OpenVision 3: A Family of Visual Encoders"),
        ("LLaMA 2.1: Open Foundation Models", "LLaMA 21: Open Foundation Models"),
        ("Qwen2.5-Coder Technical Report", "Qwen3-Coder Technical Report"),
        ("CUNI System for the WMT17 Translation Task", "CUNI System for the WMT18 Translation Task"),
        ("A Survey on Agentic Large Language Models", "A Survey of Agentic Large Language Models"),
        ("Implicit Reasoning in Language Models: A Survey", "Explicit Reasoning in Language Models: A Survey"),
        ("Learning Structured Prediction from Text Alone", "Learning Unstructured Prediction from Text Alone"),
        ("Learned Optimizers for Large Language Models", "Learner Optimizers for Large Language Models"),
        ("The Greatest Fixpoint in Real-Time Systems", "The Greatest Fixpoints in Real-Time Systems"),
        ("A Proof that P = NP for Planar Graphs", "A Proof that P ≠ NP for Planar Graphs"),
        ("Compiling C Programs for Neural Machines", "Compiling C++ Programs for Neural Machines"),
    ],
)
def test_a_sibling_is_named_and_not_matched(known: str, printed: str) -> None:
    make_paper(title=known)
    assert matched(printed) is None
    assert doubtful(printed) == [known]


@pytest.mark.parametrize("printed", ["AgenTracer", "AgenTracer: Who Is Inducing Failure"])
def test_the_beginning_of_a_title_is_doubtful(printed: str) -> None:
    title = "AgenTracer: Who Is Inducing Failure in the LLM Agentic Systems?"
    make_paper(title=title)
    assert doubtful(printed) == [title]


@pytest.mark.parametrize("printed", ["", " … ", "Deep", "A wholly different title", "%", "_" * 8, "x" * 5_000])
def test_what_is_like_nothing_has_no_match(printed: str) -> None:
    make_paper(title=LIMITS)
    assert match_title(printed) is None


def test_two_papers_of_one_title_are_doubtful() -> None:
    make_paper("2501.00001", title="Attention, Please")
    make_paper("2501.00002", title="Attention please!")
    found = match_title("Attention Please")
    assert isinstance(found, DoubtfulMatch)
    assert {paper.arxiv_id for paper in found.candidates} == {"2501.00001", "2501.00002"}


def test_of_two_near_papers_the_equal_one_is_meant() -> None:
    make_paper(title=LIMITS.replace("Theoretical", "Theoretcal"))
    paper = make_paper(title=LIMITS)
    assert matched(LIMITS) == paper


def test_two_near_papers_are_doubtful() -> None:
    for slip in ("Limitatons", "Limittions"):
        make_paper(title=LIMITS.replace("Limitations", slip))
    assert len(doubtful(LIMITS)) == 2


def test_a_stub_is_no_match_and_a_paper_from_elsewhere_is() -> None:
    make_paper(title=LIMITS, stub=True)
    assert match_title(LIMITS) is None
    elsewhere = make_paper(slug="thinking", title="Claude's extended thinking")
    assert matched("Claude’s Extended Thinking") == elsewhere


def test_a_doubt_is_a_sentence_that_names_the_papers_and_the_mend() -> None:
    make_paper("2509.01644", title="OpenVision 2: A Family of Visual Encoders")
    assert str(match_title("OpenVision: A Family of Visual Encoders")) == (
        "it is not certain which paper this is; it may be “OpenVision 2: A Family of Visual Encoders” (2509.01644): "
        "give its arXiv id or its exact title."
    )


@needs_data
def test_all_nine_papers_of_the_seed_issue_are_found() -> None:
    load_files([data_path("seed/papers.jsonl")])
    known = dict(Paper.objects.values_list("title", "arxiv_id"))
    printed = data_path("seed/issue.txt").read_text().splitlines()
    headings = [line.rpartition(" (paper")[0] for line in printed if line.endswith((" (paper)", " (paper/code)"))]
    found = [matched(heading) for heading in headings]
    assert [paper.arxiv_id if paper else None for paper in found] == [known[heading] for heading in headings]
    assert len(found) == 9


@needs_data
@pytest.mark.parametrize("many", [500, pytest.param(2_000, marks=pytest.mark.soak)])
def test_no_real_title_is_matched_with_another_paper(many: int) -> None:
    known = many * 19 // 20
    with gzip.open(data_path(RECENT)) as lines:
        records = [parse_line(line) for line in islice(lines, many)]
    upsert_records(records[:known])
    for record in records[:known:40]:
        found = matched(record.title)
        assert found is not None
        assert found.arxiv_id == record.arxiv_id
        assert matched(record.title[: len(record.title) * 2 // 3]) is None
    assert [record.title for record in records[known:] if matched(record.title)] == []


@needs_data
@pytest.mark.soak
def test_no_title_of_a_year_is_matched_with_another_paper() -> None:
    load_files([data_path(RECENT)])
    with gzip.open(data_path(RECENT)) as lines:
        rows = [json.loads(line) for line in islice(lines, 0, None, 50)]
    for row in rows:
        found = match_title(row["title"])
        assert isinstance(found, DoubtfulMatch) or (isinstance(found, TitleMatch) and found.paper.arxiv_id == row["id"])
        assert matched(row["title"].partition(":")[0] + ": A Survey") is None


def test_a_title_that_was_replaced_still_finds_its_paper() -> None:
    upsert_records([make_record(title="Learning to trace agents with one pass")])
    upsert_records([make_record(version=2, title="AgenTracer")])
    assert matched("Learning to Trace Agents with One Pass") == matched("AgenTracer") == Paper.objects.get()


def test_of_one_title_whoever_carries_it_now_is_meant() -> None:
    title = "Learning to trace agents with one pass"
    upsert_records([make_record(title=title)])
    upsert_records([make_record(version=2, title="AgenTracer"), make_record("2509.00001", title=title)])
    assert matched(title) == Paper.objects.get(arxiv_id="2509.00001")
