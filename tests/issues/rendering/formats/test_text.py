"""Plain text: what it looks like, block by block."""

import pytest

from issues.document.values import BlockKind, HighlightPart, PaperLinkValue, PaperRef
from issues.rendering.formats.text import to_text
from tests.documents import EVERYTHING, make_document, make_highlight, make_text
from tests.issues.long_documents import LIMITS, REPORT


def body(*blocks: BlockKind) -> str:
    """Without the title and the line below it."""
    return to_text(make_document(*blocks)).split("\n\n", 1)[1].rstrip("\n")


def of_kind(kind: str) -> BlockKind:
    return next(block for block in EVERYTHING if block.kind == kind)


def test_the_head_has_what_there_is_of_it() -> None:
    value = make_document(subtitle="A subtitle", series_name="Deep Dives", number=7, authors=("A", "B"))
    assert to_text(value) == "Three papers\n============\n\nA subtitle\n\nDeep Dives 7 · A · B\n"
    assert to_text(make_document()) == "Three papers\n============\n"
    assert to_text(make_document(number=7)) == "Three papers\n============\n\nIssue 7\n"


def test_a_paragraph_is_a_line_however_long() -> None:
    long = "word " * 100 + "end"
    assert body(make_text(f"{long}\n\nNext.", heading="Wrap-Up")) == f"Wrap-Up\n-------\n\n{long}\n\nNext."


def test_a_highlight_has_the_addresses_of_its_links_on_lines_of_their_own() -> None:
    assert body(make_highlight("One paragraph.", LIMITS)) == (
        "On the Theoretical Limitations of Embedding-Based Retrieval (paper/code)\n"
        "------------------------------------------------------------------------\n"
        "paper: https://arxiv.org/abs/2508.21038\n"
        "code: https://github.com/google-deepmind/limit\n\n"
        "One paragraph."
    )


def test_a_promised_link_is_printed_without_address() -> None:
    promise = PaperRef(title="A title", links=(PaperLinkValue(kind="code"),))
    assert body(make_highlight("One paragraph.", promise)) == "A title (code)\n--------------\n\nOne paragraph."


def test_papers_that_the_heading_does_not_name_stand_below_it() -> None:
    assert body(make_highlight("One paragraph.", LIMITS, REPORT, heading="Two *at* once", parts=())) == (
        "Two at once\n-----------\n\n"
        "Watching: On the Theoretical Limitations of Embedding-Based Retrieval (paper/code)\n"
        "paper: https://arxiv.org/abs/2508.21038\n"
        "code: https://github.com/google-deepmind/limit\n\n"
        "Watching: A report from elsewhere (paper/code)\n"
        "paper: https://example.org/report"
    )


def test_labels_of_parts_stand_above_their_text() -> None:
    parts = (HighlightPart(label="Why?", text="So."), HighlightPart(label="How?", text="Thus."))
    assert body(make_highlight("One paragraph.", parts=parts)).endswith("Why?\n\nSo.\n\nHow?\n\nThus.")


def test_marks_are_gone_and_formulas_and_addresses_are_there() -> None:
    assert body(make_text("A *star* of $d$ and [here](https://example.org/x), `code`.")) == (
        "A star of $d$ and here (https://example.org/x), code."
    )


def test_footnotes_are_counted_through_the_issue() -> None:
    first, second = make_text("One.[^a]\n\n[^a]: Note."), make_text("Two.[^a]\n\n[^a]: Other.")
    assert body(first, second) == "One.[1]\n\n[1] Note.\n\nTwo.[2]\n\n[2] Other."


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("teasers", "The highlights:\n\n- One\n- Two\n\nAnd more."),
        ("themes", "In short\n--------\n\nFirst. See this."),
        (
            "glossary",
            """\
Glossary
--------

Agent: Something that acts.

TIR (Tool-Integrated Reasoning): Reasoning with tools.""",
        ),
        ("figure", "[Figure: A plot]\n\nCap\n\nCredit: The authors\n\nLicence: CC0"),
        ("poll", "Which form?\n\n- Long\n- Short"),
        ("poll_results", "Last week\n\n- Yes: 3\n- No: 1\n\nSo."),
        ("sponsor", "[Sponsor]\n\nA course\n--------\nhttps://example.org/\n\nLearn.\n\n- Cost: none"),
        ("paywall", "* * *\n\nThe rest is for supporters."),
    ],
)
def test_a_block_has_its_form(kind: str, expected: str) -> None:
    assert body(of_kind(kind)) == expected


def test_what_is_for_supporters_is_the_callers_choice() -> None:
    value = make_document(of_kind("paywall"), make_text("Only for supporters."))
    assert "Only for supporters." in to_text(value)
    assert "Only for supporters." not in to_text(value.for_everyone())
