"""Differences of two documents in sentences; what follows papers, terms and votes is none."""

import dataclasses

import pytest

from issues.document.diff import describe_differences
from issues.document.values import (
    BlockKind,
    ChoiceTally,
    Document,
    FigureBlock,
    GlossaryBlock,
    HighlightBlock,
    HighlightPart,
    PaperLinkValue,
    PaperRef,
    PollResultsBlock,
    PollValue,
    SponsorBlock,
    TeasersBlock,
    TermValue,
    TextBlock,
    TextLine,
)


def document(*blocks: BlockKind, title: str = "An issue") -> Document:
    return Document(title=title, slug="an-issue", blocks=blocks)


def paper(title: str = "A title", key: str = "2508.21038", *links: PaperLinkValue) -> PaperRef:
    return PaperRef(title=title, arxiv_id=key, links=links)


def highlight(ref: PaperRef, heading: str, text: str = "Words.") -> HighlightBlock:
    return HighlightBlock(uuid="h", heading=heading, parts=(HighlightPart(text=text),), papers=(ref,))


RAG = TermValue(name="RAG", definition="Old.")


def test_equal_documents_have_no_difference() -> None:
    assert describe_differences(document(TextBlock(uuid="t", text="A")), document(TextBlock(uuid="t", text="A"))) == []


def test_a_changed_head_is_named() -> None:
    assert describe_differences(document(), document(title="Another")) == ["title: “An issue” → “Another”"]


def test_a_long_wording_is_shown_around_the_first_character_that_differs() -> None:
    old, new = "x" * 500 + "old" + "y" * 500, "x" * 500 + "new" + "y" * 500
    (found,) = describe_differences(document(TextBlock(uuid="t", text=old)), document(TextBlock(uuid="t", text=new)))
    assert "…" + "x" * 20 + "old" in found
    assert "…" + "x" * 20 + "new" in found
    assert len(found) < 300


def test_blocks_that_are_new_or_gone_are_named() -> None:
    one, two = TextBlock(uuid="1", heading="First", text="A"), TeasersBlock(uuid="2", lead_in="This week:", items=())
    assert describe_differences(document(one), document(two)) == [
        "text “First”: is gone",
        "teasers “This week:”: is new",
    ]


def test_another_order_is_one_difference() -> None:
    one, two = TextBlock(uuid="1", text="A"), TextBlock(uuid="2", text="B")
    assert describe_differences(document(one, two), document(two, one)) == ["the order of the blocks is another"]


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (highlight(paper(), "H"), highlight(paper(), "H", "Other."), "highlight “H”, parts: “Words.” → “Other.”"),
        (
            highlight(paper(), "H"),
            highlight(paper("A title", "2508.21038", PaperLinkValue(kind="code")), "H"),
            "highlight “H”, papers: “2508.21038 ()” → “2508.21038 (code)”",
        ),
        (
            GlossaryBlock(uuid="g", terms=(RAG,)),
            GlossaryBlock(uuid="g", terms=(dataclasses.replace(RAG, definition="New."),)),
            "glossary, terms: “RAG: Old.” → “RAG: New.”",
        ),
        (
            SponsorBlock(uuid="s", heading="S", text="", lines=(TextLine(label="Runs on", text="one"),)),
            SponsorBlock(uuid="s", heading="S", text="", lines=(TextLine(label="Runs on", text="two"),)),
            "sponsor “S”, lines: “Runs on: one” → “Runs on: two”",
        ),
        (TextBlock(uuid="x", text="A"), TeasersBlock(uuid="x", items=()), "text “A”: is now a teasers"),
    ],
)
def test_each_difference_names_the_block_and_both_wordings(old: BlockKind, new: BlockKind, sentence: str) -> None:
    assert describe_differences(document(old), document(new)) == [sentence]


POLL = PollValue(uuid="p", poll="shape", question="Which?", choices=("A",))
RESULTS = PollResultsBlock(uuid="r", poll="shape", question="Which?", results=(ChoiceTally(label="A", votes=1),))
FIGURE = FigureBlock(uuid="f", src="figures/a.png", alt="A")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (highlight(paper("Old"), "Old"), highlight(paper("New"), "New")),
        (
            highlight(paper("T", "1", PaperLinkValue(kind="code")), "T"),
            highlight(paper("T", "1", PaperLinkValue(kind="code", url="https://github.com/a/b")), "T"),
        ),
        (POLL, dataclasses.replace(POLL, question="What?", choices=("A", "B"))),
        (RESULTS, dataclasses.replace(RESULTS, results=(ChoiceTally(label="A", votes=2),))),
        (FIGURE, dataclasses.replace(FIGURE, width=4, height=3)),
    ],
    ids=["title", "link", "poll", "votes", "size"],
)
def test_what_follows_other_rows_is_no_difference(old: BlockKind, new: BlockKind) -> None:
    assert describe_differences(document(old), document(new)) == []


def test_the_wording_of_a_term_that_follows_the_glossary_is_no_difference() -> None:
    old = document(GlossaryBlock(uuid="g", terms=(RAG,)))
    new = document(GlossaryBlock(uuid="g", terms=(dataclasses.replace(RAG, definition="New."),)))
    assert describe_differences(old, new, frozenset({"rag"})) == []
