"""What is typed into a search box, and the question that it is."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.search.grammar import parse_expression
from papers.search.query import MAX_LENGTH, QueryTerm, SearchQuery, parse_query
from tests.data import data_path, needs_data


def test_words_are_words() -> None:
    assert parse_query("Sparse  attention").terms == (QueryTerm("Sparse"), QueryTerm("attention"))


@pytest.mark.parametrize(
    "text", ['"sparse attention"', "“sparse attention”", '"sparse attention', '" sparse attention "']
)
def test_quotes_make_a_phrase_and_need_not_be_closed(text: str) -> None:
    assert parse_query(text).terms == (QueryTerm("sparse attention"),)


def test_a_star_makes_a_beginning_and_a_minus_leaves_out() -> None:
    assert parse_query('transf* -vision -"large model"').terms == (
        QueryTerm("transf", prefix=True),
        QueryTerm("vision", excluded=True),
        QueryTerm("large model", excluded=True),
    )


def test_a_hyphen_inside_a_word_leaves_nothing_out() -> None:
    assert parse_query("pre-training").terms == (QueryTerm("pre-training"),)


def test_too_short_a_beginning_is_a_word_and_said_to_be_too_short() -> None:
    query = parse_query("co* model")
    assert query.terms == (QueryTerm("co"), QueryTerm("model"))
    assert query.problems == ("“co*” is too short a beginning: write at least 3 letters before the *.",)


@pytest.mark.parametrize("text", ['author:"Kaiming He"', 'AUTHOR: "Kaiming He"'])
def test_an_author_is_sought_among_the_names(text: str) -> None:
    assert parse_query(text).terms == (QueryTerm("Kaiming He", author=True),)


def test_categories_are_known_in_any_case_and_archives_stand_for_all_of_theirs() -> None:
    query = parse_query("cat:CS.cl cat:stat -cat:cs.CV")
    assert (query.categories, query.without, query.problems) == (("cs.CL", "stat"), ("cs.CV",), ())


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("year:2025", (2025, 2025)),
        ("year:2023-2025", (2023, 2025)),
        ("year:2025-2023", (2023, 2025)),
        ("year:2024-", (2024, 2999)),
        ("year:-2019", (1900, 2019)),
        ("year:9999", (2999, 2999)),
    ],
)
def test_years_are_a_span(text: str, years: tuple[int, int]) -> None:
    assert parse_query(text).years == years


@pytest.mark.parametrize(
    "text",
    [
        "id:2501.01234",
        "2501.01234v2",
        "arXiv: 2501.01234",
        "https://arxiv.org/pdf/2501.01234v1.pdf",
        "id:https://doi.org/10.48550/arXiv.2501.01234",
        "https://huggingface.co/papers/2501.01234",
    ],
)
def test_an_identifier_in_any_form_names_its_paper(text: str) -> None:
    query = parse_query(text)
    assert (query.keys, query.terms, query.problems) == (("2501.01234",), (), ())


@pytest.mark.parametrize("text", ["id:a-thesis", "https://example.org/papers/a-thesis/"])
def test_a_paper_from_elsewhere_is_named_by_the_end_of_its_address(text: str) -> None:
    assert parse_query(text).keys == ("a-thesis",)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("cat:cs.xx", "“cs.xx” is no category of arXiv; write one like cat:cs.CL, or cat:cs for all of its kind."),
        ("year:25", "“25” is no year to look for; write year:2025, year:2023-2025 or year:2024-."),
        ("-year:2025", "“2025” is no year to look for; write year:2025, year:2023-2025 or year:2024-."),
        ("id:!", "“!” is no identifier; write one like id:2501.01234."),
        ("-vision", "Say what to look for, too, not only what to leave out."),
    ],
)
def test_what_is_not_understood_is_explained_and_finds_nothing(text: str, sentence: str) -> None:
    query = parse_query(text)
    assert query.problems == (sentence,)
    assert query.is_empty


def test_what_is_too_long_is_cut_and_said_to_be() -> None:
    query = parse_query("word " * MAX_LENGTH)
    assert len(query.text) <= MAX_LENGTH
    assert query.problems == ("Only the first 300 characters were searched.",)


def test_a_word_that_is_still_typed_may_be_the_beginning_of_one() -> None:
    assert parse_query("sparse atten").open_ended().terms == (QueryTerm("sparse"), QueryTerm("atten", prefix=True))
    assert parse_query("sparse a").open_ended().terms == (QueryTerm("sparse"), QueryTerm("a"))


@given(st.text(max_size=400))
def test_no_text_is_an_error(text: str) -> None:
    assert isinstance(parse_query(text), SearchQuery)


@given(st.lists(st.sampled_from(["a1", "OR", "AND", "NOT", "(", ")", "-", "title:", "cat:cs.CL", '"', "tran*", " "])))
def test_no_row_of_operators_is_an_error(parts: list[str]) -> None:
    assert isinstance(parse_query(" ".join(parts)), SearchQuery)


@pytest.mark.parametrize("text", ["Attention and memory (or not)", "a1 OR", "a1 AND (b2", "X-(Y) and Z", "(a1)"])
def test_what_cannot_be_read_as_grammar_is_words(text: str) -> None:
    assert parse_query(text).words is None
    assert parse_query(text).terms


def test_filters_hold_for_the_whole_of_a_row_of_words_and_for_their_part_of_an_expression() -> None:
    row, parts = parse_query("a1 cat:cs.CL year:2025 b2"), parse_query("a1 OR (-title:b2 cat:cs.CL)")
    assert (row.categories, row.years, row.words) == (("cs.CL",), (2025, 2025), None)
    assert (parts.categories, parts.words) == ((), parse_expression("a1 OR (-title:b2 cat:cs.CL)"))


def test_a_filter_that_cannot_be_read_makes_words_of_the_rest_and_is_named() -> None:
    query = parse_query("a1 OR cat:nothing")
    assert query.words is None
    assert query.problems == (
        "“nothing” is no category of arXiv; write one like cat:cs.CL, or cat:cs for all of its kind.",
    )


@needs_data
def test_whole_titles_are_rows_of_words_even_with_and_or_not() -> None:
    lines = data_path("arxiv/corpus/sample_2000.jsonl").read_text().splitlines()
    titles = [json.loads(line)["title"] for line in lines]
    assert len(titles) == 2_000
    assert [title for title in titles if parse_query(title).words] == []
