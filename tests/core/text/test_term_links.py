from collections.abc import Sequence

import pytest

from core.text.commonmark import parse_markdown
from core.text.term_links import TermMention, link_mentions


def find_all(text: str) -> Sequence[TermMention]:
    """Every `LLM` of a text."""
    starts = [position for position in range(len(text)) if text.startswith("LLM", position)]
    return [TermMention(start, start + 3, "/glossary/llm/", "LLM", "A model.") for start in starts]


def linked(text: str) -> list[str]:
    """The words that became terms, in order."""
    tokens, _ = parse_markdown(text)
    link_mentions(tokens, find_all)
    return [child.content for token in tokens for child in token.children or [] if child.type == "term"]


def test_each_mention_becomes_a_term() -> None:
    assert linked("An LLM and *another LLM*.") == ["LLM", "LLM"]


@pytest.mark.parametrize(
    "text",
    ["# LLM", "[LLM](https://a.example)", "`LLM`", "$LLM$", "```\nLLM\n```", "![LLM](/x.png)", "LLM\n===", "L*LM*"],
)
def test_headings_links_code_and_maths_are_left_alone(text: str) -> None:
    assert linked(text) == []


def test_text_after_a_link_is_linked_again() -> None:
    assert linked("[LLM](/x/) and LLM") == ["LLM"]


def test_no_word_is_lost_or_doubled() -> None:
    tokens, _ = parse_markdown("LLM, two LLMs; LLM")
    link_mentions(tokens, find_all)
    assert "".join(child.content for child in tokens[1].children or []) == "LLM, two LLMs; LLM"


def test_of_two_overlapping_mentions_the_first_is_taken() -> None:
    def overlapping(text: str) -> Sequence[TermMention]:
        return [TermMention(4, 9, "/b/", "b", ""), TermMention(0, 5, "/a/", "a", "")]

    tokens, _ = parse_markdown("small model")
    link_mentions(tokens, overlapping)
    children = tokens[1].children or []
    assert [child.content for child in children if child.type == "term"] == ["small"]
    assert "".join(child.content for child in children) == "small model"
