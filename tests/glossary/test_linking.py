"""Terms in running text: found whatever their form, once a text, and never inside another word."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glossary.linking import TermFinder, TermWording, is_expansion


def wording(name: str, **fields: object) -> TermWording:
    return TermWording(name=name, definition=f"What {name} is.", url=f"/glossary/{name}/", **fields)  # type: ignore[arg-type]


def found(text: str, *wordings: TermWording) -> list[str]:
    return [text[one.start : one.end] for one in TermFinder(wordings).linker()(text)]


@pytest.mark.parametrize(
    ("name", "text", "mention"),
    [
        ("Void turn", "it removes void turns from", "void turns"),
        ("Void turn", "a VOID-TURN filter", "VOID-TURN"),
        ("Embedding-based retrieval", "for embedding based retrieval.", "embedding based retrieval"),
        ("Pretraining optimizer", "ten pre-training optimizers", "pre-training optimizers"),
        ("Pre-training", "after pretraining ends", "pretraining"),
        ("Policy", "two policies differ", "policies"),
        ("Optimizers", "one optimizer", "optimizer"),
        ("Top-k set", "the number of top‑k sets", "top‑k sets"),
        ("C++", "written in C++.", "C++"),
        ("TIR", "two TIRs and", "TIRs"),
    ],
)
def test_a_term_is_found_in_another_case_with_other_hyphens_and_in_the_plural(
    name: str, text: str, mention: str
) -> None:
    assert found(text, wording(name)) == [mention]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Void turn", "avoid turning"),
        ("TIR", "SimpleTIR"),
        ("RAG", "a rag doll"),
        ("BLEU", "bleu"),
        ("Agent", "reagent"),
    ],
)
def test_no_term_is_found_inside_another_word_and_an_acronym_keeps_its_case(name: str, text: str) -> None:
    assert found(text, wording(name)) == []


def test_only_the_first_mention_in_a_text_is_linked_though_it_comes_in_pieces() -> None:
    linker = TermFinder([wording("Agent")]).linker()
    assert [len(linker(piece)) for piece in ("an agent, an agent", "agents")] == [1, 0]


def test_another_text_has_its_own_first_mention() -> None:
    finder = TermFinder([wording("Agent")])
    assert [len(finder.linker()("agent")) for _ in range(2)] == [1, 1]


def test_the_longest_of_two_terms_wins() -> None:
    text = "a multi-agent system and an agent"
    assert found(text, wording("Agent"), wording("Multi-agent system")) == ["multi-agent system", "agent"]


def test_aliases_and_expansions_lead_to_the_same_term_once() -> None:
    term = wording("TIR", qualifier="Tool-Integrated Reasoning", aliases=("tool use",))
    assert found("Tool integrated reasoning, TIR, tool use", term) == ["Tool integrated reasoning"]
    assert found("tool-use first", term) == ["tool-use"]


def test_a_qualifier_that_is_a_context_is_no_name() -> None:
    assert found("SimpleTIR filters", wording("Void turn", qualifier="SimpleTIR")) == []


@pytest.mark.parametrize(
    ("name", "qualifier", "expected"),
    [
        ("TIR", "Tool-Integrated Reasoning", True),
        ("Reinforcement Learning", "RL", True),
        ("Failure attribution", "in agents", False),
        ("Word", "", False),
    ],
)
def test_an_expansion_is_told_by_its_initials(name: str, qualifier: str, expected: bool) -> None:
    assert is_expansion(name, qualifier) is expected


def test_no_terms_find_nothing() -> None:
    assert found("anything") == []


NAMES = st.text(string.ascii_letters + string.digits + " -+.()é‑", min_size=1, max_size=30).map(str.strip).filter(bool)


@given(NAMES)
def test_every_term_that_begins_and_ends_with_a_letter_is_found_as_it_is_written(name: str) -> None:
    name = f"a{name}b"
    assert found(f"«{name}»", wording(name)) == [name]


@given(st.lists(NAMES, max_size=6), st.text(max_size=200))
def test_mentions_lie_in_the_text_and_do_not_overlap(names: list[str], text: str) -> None:
    mentions = TermFinder(map(wording, names)).linker()(text)
    ends = [0, *(mention.end for mention in mentions)]
    assert all(end <= mention.start < mention.end <= len(text) for end, mention in zip(ends, mentions, strict=False))
    assert len({mention.name for mention in mentions}) == len(mentions)
