"""Markdown that reads back equal: natural where it can be, marked or fenced where it must."""

import pytest
from hypothesis import given

from issues.document.values import BlockKind, Document, GlossaryBlock, PaperRef, PaywallBlock, TermValue
from issues.imports.parsers import parse_markdown
from issues.rendering.formats.markdown import to_markdown
from tests.documents import EVERYTHING, make_document, make_highlight, make_text
from tests.issues.long_documents import DOCUMENTS, LIMITS


def body(*blocks: BlockKind) -> str:
    return to_markdown(make_document(*blocks)).partition("\n---\n")[2].strip()


def test_a_highlight_is_a_heading_with_its_links_and_its_text() -> None:
    assert body(make_highlight("One paragraph.", LIMITS)) == (
        "## On the Theoretical Limitations of Embedding-Based Retrieval "
        "([paper](https://arxiv.org/abs/2508.21038)/[code](https://github.com/google-deepmind/limit))\n\nOne paragraph."
    )


@pytest.mark.parametrize("block", EVERYTHING, ids=lambda block: block.kind)
def test_a_block_reads_back_equal(block: BlockKind) -> None:
    value = make_document(block)
    assert parse_markdown(to_markdown(value)).document == value


def test_a_paper_without_links_is_named_below_its_heading() -> None:
    bare = make_highlight("So.", PaperRef(title="A report", slug="a-report"))
    assert body(bare) == "<!-- highlight -->\n## A report\n\nWatching: A report\n\nSo."
    assert parse_markdown(to_markdown(make_document(bare))).document.blocks == (bare,)


@pytest.mark.parametrize("block", EVERYTHING, ids=lambda block: block.kind)
def test_no_ordinary_block_needs_a_fence(block: BlockKind) -> None:
    assert "#1 -->" not in body(block)


def test_a_whole_issue_reads_back_equal() -> None:
    value = make_document(
        *EVERYTHING,
        subtitle="A subtitle: with a colon",
        number=7,
        series="deep-dives",
        series_name="Deep Dives",
        authors=("LLM Watch",),
        access="supporters",
        mail_subject="A subject",
        preheader="yes",
    )
    assert parse_markdown(to_markdown(value)).document == value


@pytest.mark.parametrize(
    "words",
    [
        "## A heading that is none\n\nText.",
        "<!-- paywall -->",
        "<!-- text #1 -->\nx\n<!-- /text #1 -->",
        "```\n## in code",
        "---\ntitle: x\n---",
        "Lead:\n\n- one\n- two",
    ],
)
def test_a_text_that_looks_like_another_block_stays_itself(words: str) -> None:
    value = make_document(make_text(words), make_text("After."), PaywallBlock(uuid="", text=words))
    assert parse_markdown(to_markdown(value)).document == value


def test_a_term_that_no_line_can_say_stands_as_json() -> None:
    odd = GlossaryBlock(uuid="", terms=(TermValue(name="A: b", definition="c"),))
    assert '"name": "A: b"' in body(odd)
    assert parse_markdown(to_markdown(make_document(odd))).document.blocks == (odd,)


@given(DOCUMENTS)
def test_any_document_reads_back_equal(value: Document) -> None:
    draft = parse_markdown(to_markdown(value))
    assert draft.document == value
    assert draft.problems == ()
