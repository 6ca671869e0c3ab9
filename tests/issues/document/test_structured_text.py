"""Lists kept as lines: what is written reads back, whatever is in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issues.document.structured_text import (
    format_labelled,
    format_printed_links,
    format_term,
    join_lines,
    join_parts,
    one_line,
    outside_code,
    parse_labelled,
    parse_printed_links,
    parse_term,
    split_lines,
    split_paragraphs,
    split_parts,
    tidy_text,
)
from issues.document.values import HighlightPart, TermValue, TextLine

WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=30)
PLAIN = st.text(st.characters(categories=["L"]), min_size=1, max_size=10)


def test_tidy_text_has_plain_line_ends_and_no_blanks_at_them() -> None:
    assert tidy_text("\r\n a \t\r\n\r b\n\n") == "a\n\n b"


def test_one_line_has_one_space_between_words() -> None:
    assert one_line(" a\n\tb ") == "a b"


def test_lines_lose_their_bullets_and_empty_ones_are_dropped() -> None:
    assert split_lines("- one\n\n•  two\nthree - four\n*no bullet*") == ("one", "two", "three - four", "*no bullet*")


@given(st.lists(WORDS))
def test_items_read_back(items: list[str]) -> None:
    assert split_lines(join_lines(items)) == tuple(filter(None, map(one_line, items)))


def test_paragraphs_are_parted_by_empty_lines_but_not_inside_code() -> None:
    assert split_paragraphs("a\nb\n\n\nc\n\n```\nd\n\ne\n```\nf") == ("a\nb", "c", "```\nd\n\ne\n```\nf")


@pytest.mark.parametrize(
    ("text", "in_code"),
    [
        ("```\na\n```\nb", [True, True, True, False]),
        ("~~~\n```\n~~~\nb", [True, True, True, False]),
        ("````\n```\n````", [True, True, True]),
        ("```a`b\nc", [False, False]),
        ("```\nnever closed", [True, True]),
    ],
)
def test_a_fence_holds_what_stands_between_it_and_its_like(text: str, in_code: list[bool]) -> None:
    assert [code for _, code in outside_code(text)] == in_code


def test_a_heading_begins_a_part_and_code_begins_none() -> None:
    assert split_parts("Before.\n\n### Why?\n\nSo.\n\n```\n### code\n```\n### How?") == (
        HighlightPart(text="Before."),
        HighlightPart(label="Why?", text="So.\n\n```\n### code\n```"),
        HighlightPart(label="How?", text=""),
    )


@given(st.lists(st.builds(HighlightPart, text=PLAIN, label=PLAIN), max_size=4), st.booleans())
def test_parts_read_back(parts: list[HighlightPart], unlabelled: bool) -> None:
    parts = [HighlightPart(text="First."), *parts] if unlabelled else parts
    assert split_parts(join_parts(parts)) == tuple(parts)


@pytest.mark.parametrize(
    ("line", "term"),
    [
        ("Agentic RL: It acts.", TermValue(name="Agentic RL", definition="It acts.")),
        ("TIR (tool use): Tools: many.", TermValue(name="TIR", qualifier="tool use", definition="Tools: many.")),
        ("Void turn", TermValue(name="Void turn", definition="")),
        (
            "Top-k (as in: k best): The best.",
            TermValue(name="Top-k", qualifier="as in: k best", definition="The best."),
        ),
        ("f(x): A value.", TermValue(name="f(x)", definition="A value.")),
        ("C (a (b)): D.", TermValue(name="C", qualifier="a (b)", definition="D.")),
        ("Odd (bracket: it never closes", TermValue(name="Odd (bracket", definition="it never closes")),
        ("std::vector: A list.", TermValue(name="std::vector", definition="A list.")),
        (": no name", TermValue(name=": no name", definition="")),
    ],
)  # fmt: skip
def test_a_line_names_a_term(line: str, term: TermValue) -> None:
    assert parse_term(line) == term


@given(WORDS)
def test_no_word_of_a_term_is_lost(line: str) -> None:
    again = format_term(parse_term(line))
    assert "".join(again.split()).removesuffix(":") == "".join(line.split()).removesuffix(":")


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("Runs on: one server: small", TextLine(label="Runs on", text="one server: small")),
        ("No label", TextLine(label="", text="No label")),
        ("https://example.org", TextLine(label="", text="https://example.org")),
        (": x", TextLine(label="", text=": x")),
        ("Label:", TextLine(label="Label", text="")),
    ],
)
def test_a_line_may_have_a_label(line: str, value: TextLine) -> None:
    assert parse_labelled(line) == value
    assert format_labelled(value) == line


@pytest.mark.parametrize(
    ("label", "kinds"),
    [
        ("paper/code", (("paper", "code"),)),
        ("Paper / code, paper", (("paper", "code"), ("paper",))),
        ("-", ((),)),
        ("paper, -", (("paper",), ())),
        ("", ()),
        (" , ", ()),
    ],
)
def test_the_label_of_links_names_the_kinds_of_each_paper(label: str, kinds: tuple[tuple[str, ...], ...]) -> None:
    assert parse_printed_links(label) == kinds


@pytest.mark.parametrize("kinds", [(("paper", "code"), ()), ((),), (("code", "code"), ("paper",))])
def test_the_kinds_of_links_read_back(kinds: tuple[tuple[str, ...], ...]) -> None:
    assert parse_printed_links(format_printed_links(kinds)) == kinds
