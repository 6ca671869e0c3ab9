"""Plain text → blocks: what each paragraph is, and that none is lost."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.text.commonmark import MAX_LENGTH, remove_invisible
from issues.document.values import (
    BlockKind,
    GlossaryBlock,
    HighlightBlock,
    HighlightPart,
    PaperLinkValue,
    TeasersBlock,
    TermValue,
    TextBlock,
    ThemesBlock,
)
from issues.imports.parsers import BadIssue, parse_text
from issues.rendering.formats.text import to_text
from tests.data import data_path, needs_data

A = "AgenTracer: Who Is Inducing Failure? (paper/code)"
B = "On the Limits of Retrieval (paper)"


def blocks(*lines: str) -> tuple[BlockKind, ...]:
    return parse_text("\n".join(lines)).document.blocks


def kinds(*lines: str) -> list[str]:
    return [block.kind for block in blocks(*lines)]


def words(text: str) -> str:
    return " ".join(text.split())


def test_the_opening_is_a_welcome_and_teasers_with_their_lines() -> None:
    found = blocks("Welcome! We will learn. The highlights include:", "One thing", "Another", "And many more!", A)
    assert found[:2] == (
        TextBlock(uuid="", text="Welcome! We will learn."),
        TeasersBlock(
            uuid="", lead_in="The highlights include:", items=("One thing", "Another"), closing="And many more!"
        ),
    )


def test_bullets_of_teasers_are_no_words() -> None:
    found = blocks("This week:", "• One thing.", "- Another.", "Go on.", "And on.", A)
    assert found[0] == TeasersBlock(uuid="", lead_in="This week:", items=("One thing.", "Another."), closing="Go on.")
    assert found[1] == TextBlock(uuid="", text="And on.")


def test_an_opening_without_a_list_is_text() -> None:
    assert blocks("Welcome.", "Second.", A)[0] == TextBlock(uuid="", text="Welcome.\n\nSecond.")


def test_a_glossary_has_terms_with_what_stands_in_brackets() -> None:
    (found, _) = blocks("Quick Glossary (for all)", "RL: It acts - always.", "TIR (tool use): Tools: many.", A)
    assert found == GlossaryBlock(
        uuid="",
        heading="Quick Glossary (for all)",
        terms=(
            TermValue(name="RL", definition="It acts - always."),
            TermValue(name="TIR", qualifier="tool use", definition="Tools: many."),
        ),
    )


def test_what_follows_the_terms_is_text() -> None:
    assert kinds("Glossary", "RL: It acts.", "That was all of it.", A) == ["glossary", "text", "highlight"]


def test_a_title_with_kinds_of_links_begins_a_highlight() -> None:
    (found,) = blocks(A, "First.", "Second.")
    assert isinstance(found, HighlightBlock)
    assert found.heading == found.papers[0].title == "AgenTracer: Who Is Inducing Failure?"
    assert found.papers[0].links == (PaperLinkValue(kind="paper"), PaperLinkValue(kind="code"))
    assert found.parts == (HighlightPart(text="First.\n\nSecond."),)


def test_questions_are_labels_of_parts() -> None:
    (found,) = blocks(A, "What problem does it solve?", "This.", "Why does it matter?", "So.", "So too.")
    assert isinstance(found, HighlightBlock)
    assert found.parts == (
        HighlightPart(label="What problem does it solve?", text="This."),
        HighlightPart(label="Why does it matter?", text="So.\n\nSo too."),
    )


def test_watched_papers_stand_below_their_heading() -> None:
    (found,) = blocks("Agents of the week", "Watching: One (paper)", "Watching: Two (paper/code)", "Text.")
    assert isinstance(found, HighlightBlock)
    assert found.heading == "Agents of the week"
    assert [(paper.title, len(paper.links)) for paper in found.papers] == [("One", 1), ("Two", 2)]
    assert found.parts == (HighlightPart(text="Text."),)


@pytest.mark.parametrize("note", ["Quick explanation: With “previous” I mean.", "Editor’s note: So.", "P.S.: Bye."])
def test_a_note_between_highlights_is_no_part_of_them(note: str) -> None:
    assert blocks(A, "Text.", note, B, "Text.")[1] == TextBlock(uuid="", text=note)


def test_a_wrap_up_keeps_its_heading_and_its_bottom_line() -> None:
    assert blocks(A, "Text.", "Wrap-Up", "One.", "The bottom line? Two.")[1] == TextBlock(
        uuid="", heading="Wrap-Up", text="One.\n\nThe bottom line? Two."
    )


def test_an_executive_summary_has_a_statement_a_paragraph() -> None:
    assert blocks("Executive Summary:", "One.", "Two.", A)[0] == ThemesBlock(
        uuid="", heading="Executive Summary:", items=("One.", "Two.")
    )


def test_marks_of_markdown_are_words_and_formulas_are_formulas() -> None:
    assert blocks("A *star*, a_b, [x](y), <b>, # and a $d$-dimensional one.") == (
        TextBlock(uuid="", text=r"A \*star\*, a\_b, \[x\](y), \<b\>, # and a $d$-dimensional one."),
    )


def test_a_long_paragraph_that_ends_like_a_title_is_none() -> None:
    assert kinds(f"{'So we read on. ' * 30}(paper)") == ["text"]


WRAPPED = """\
Welcome to an issue whose lines were broken
by a mail program at forty-four characters -
as they often are.

The highlights include:
- a first thing that is long enough to need
  a second line
- a second thing

AgenTracer: Who Is Inducing Failure, again?
(paper/code)

It says which agent failed, and it also says
2. nothing else of any interest whatsoever.
"""


def test_hard_wrapped_lines_are_joined_to_paragraphs() -> None:
    welcome, teasers, highlight = parse_text(WRAPPED).document.blocks
    assert isinstance(welcome, TextBlock)
    assert welcome.text.endswith(
        "whose lines were broken by a mail program at forty-four characters - as they often are."
    )
    assert isinstance(teasers, TeasersBlock)
    assert teasers.items == ("a first thing that is long enough to need a second line", "a second thing")
    assert isinstance(highlight, HighlightBlock)
    assert highlight.heading == "AgenTracer: Who Is Inducing Failure, again?"
    assert [words(part.text) for part in highlight.parts] == [
        "It says which agent failed, and it also says 2. nothing else of any interest whatsoever."
    ]


def test_short_lines_stay_paragraphs_where_the_next_word_had_room() -> None:
    long = "A line that is as long as those that a program wraps."
    assert blocks(long, "", "Another.", "A third.") == (TextBlock(uuid="", text=f"{long}\n\nAnother.\n\nA third."),)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The file is empty."),
        (" \n\t\ufeff\n", "The file is empty."),
        ("a\x00b", "NUL"),
        ("x" * (MAX_LENGTH + 1), "has 500,001 characters, so it is no issue; the limit is 500,000"),
    ],
)
def test_what_is_no_issue_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(BadIssue, match=sentence):
        parse_text(text)


LOOKS = f"""{A}
{B}
Quick Glossary
Wrap-Up
TL;DR
The highlights include:
- an item
• another
1. first
RL: It acts.
Watching: One (paper)
What problem does it solve?
Note: mind this.
(paper)
# heading
***
$x$ (paper)
```
<!-- text -->"""
LINES = st.one_of(
    st.sampled_from(LOOKS.split("\n")),
    st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=60),
)


@given(st.lists(LINES, min_size=1, max_size=14).filter(lambda lines: "".join(lines).strip()))
def test_no_paragraph_is_lost_or_moved_whatever_the_lines(lines: list[str]) -> None:
    shown = words(to_text(parse_text("\n\n".join(lines)).document))
    position = 0
    for line in lines:
        paragraph = words(re.sub(r"^\s*[-•*–]\s+(?=\S)", "", remove_invisible(line)))
        bare = re.sub(r"\s+\([a-z/]+\)$", "", paragraph).removesuffix(":")
        assert bare in shown[position:]
        position = shown.index(bare, position) + len(bare)


@needs_data
def test_the_seed_issue_has_the_blocks_of_its_kind_in_order() -> None:
    found = parse_text(data_path("seed/issue.txt").read_text()).document.blocks
    assert [block.kind for block in found] == [
        "text", "teasers", "glossary", *["highlight"] * 3, "text", *["highlight"] * 6, "text",
    ]  # fmt: skip
    assert isinstance(found[1], TeasersBlock)
    assert (found[1].lead_in, len(found[1].items)) == ("The highlights include:", 4)
    assert found[1].closing.startswith("And many more!")
    assert isinstance(found[2], GlossaryBlock)
    assert [(term.name, term.qualifier) for term in found[2].terms][1:3] == [
        ("Failure attribution", "in agents"),
        ("TIR", "Tool-Integrated Reasoning"),
    ]
    assert isinstance(found[6], TextBlock)
    assert found[6].text.startswith("Quick explanation: With “previous” format")
    assert isinstance(found[-1], TextBlock)
    assert (found[-1].heading, len(found[-1].text.split("\n\n"))) == ("Wrap-Up", 3)


@needs_data
def test_every_word_of_the_seed_issue_is_in_its_text_in_order() -> None:
    source = data_path("seed/issue.txt").read_text()
    shown = words(to_text(parse_text(source).document))
    position = 0
    for line in map(words, source.split("\n")):
        position = shown.index(line, position) + len(line)
