import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.text.commonmark import remove_invisible
from core.text.plaintext import escape_markdown, inline_to_text, to_text, to_words


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("one\ntwo\n\nthree", "one\ntwo\n\nthree"),
        ("*a* **b** ~~c~~ `d`", "a b c d"),
        ("## Heading\n\ntext", "Heading\n\ntext"),
        ("[label](https://a.example)", "label (https://a.example)"),
        ("<https://a.example>", "https://a.example"),
        ("<a@b.example>", "a@b.example"),
        ("[label](#below)", "label"),
        ("![words](/x.png)", "words"),
        ("$d$ and $$e$$", "$d$ and $$e$$"),
        ("$$\nx^2\n$$", "$$x^2$$"),
        ("```py\nx = 1\n\ny\n```", "x = 1\n\ny"),
        ("- a\n- b", "- a\n- b"),
        ("3. a\n4. b", "3. a\n4. b"),
        ("- a\n  - b\n\n    c", "- a\n  - b\n\n    c"),
        ("> a\n> b", "> a\n> b"),
        ("a[^1]\n\n[^1]: note", "a[1]\n\n[1] note"),
        ("|a|b|\n|-|-|\n|1|2|", "a | b\n1 | 2"),
        (r"\*a\* &amp; 5 < 6", "*a* & 5 < 6"),
        ("***", "* * *"),
        ("", ""),
    ],
)
def test_plain_text_keeps_the_words(markdown: str, text: str) -> None:
    assert to_text(markdown) == text


@pytest.mark.parametrize(
    "text", ["Plain words, 5 % of them.", "snake_case and 2*3", "costs $5 (and $6)", "$d$-dimensional", "C# & D"]
)
def test_what_is_safe_already_is_left_as_it_is(text: str) -> None:
    assert escape_markdown(text) == text


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("*stars*", r"\*stars\*"),
        ("# no heading", r"\# no heading"),
        ("- no list", r"\- no list"),
        ("1. no list", r"1\. no list"),
        ("[a](b)", r"\[a\](b)"),
        ("<b>", "<b>"),
        ("&amp;", r"\&amp;"),
        ("*x* and $y_1$", r"\*x\* and $y_1$"),
    ],
)
def test_what_would_read_as_a_mark_is_escaped(text: str, markdown: str) -> None:
    assert escape_markdown(text) == markdown


def test_footnotes_are_numbered_on_from_another_text() -> None:
    assert to_text("a[^x] b[^y]\n\n[^x]: one\n[^y]: two", footnote_start=4) == "a[4] b[5]\n\n[4] one\n\n[5] two"


@pytest.mark.parametrize(
    ("markdown", "text"),
    [("1. *one*", "1. one"), ("# a `b`", "# a b"), ("[x](https://a.example)", "x (https://a.example)")],
)
def test_inline_content_begins_no_block(markdown: str, text: str) -> None:
    assert inline_to_text(markdown) == text


def normalised(text: str) -> str:
    """As `escape` promises to keep it: blanks at the ends of lines and further empty lines aside."""
    lines = "\n".join(line.strip() for line in remove_invisible(text).split("\n")).strip()
    return re.sub(r"\n{3,}", "\n\n", lines)


marks = st.lists(
    st.sampled_from([*"*_`[]()<>#&$|~^!\\-+=:.1a\n", " ", "\n\n", "1. ", "$x$", "&amp;", "[^1]"]), max_size=14
)


@given(st.one_of(st.text(max_size=60), marks.map("".join)))
@example("a\n===")
@example("[^1]: x")
@example("[r]: https://a.example")
@example("|a|\n|-|")
@example("$$\nx\n$$")
def test_escaped_text_reads_as_the_same_words(text: str) -> None:
    assert to_text(escape_markdown(text)) == normalised(text)


def test_the_words_of_a_text_are_without_marks_addresses_and_notes() -> None:
    text = "## Head\n\nSome *soft*\nwords, a [link](https://a.example/x) and $x^2$.[^1]\n\n[^1]: A note."
    assert to_words(text) == "Head Some soft words, a link and x^2. A note."
    assert to_words("- `code`\n\n```\nblock\n```") == "code block"
