"""Papers found by what somebody asks for."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from papers.models import Paper
from papers.search.query import parse_query
from papers.search.search import filter_papers, find_spellings, search_papers, suggest_spelling
from papers.taxonomy import keep_categories
from tests.builders import make_paper

pytestmark = pytest.mark.django_db
NEAR = "Attention is all you need."


def titles(text: str) -> list[str]:
    return [hit.paper.title for hit in search_papers(parse_query(text)).hits]


def test_a_word_is_found_in_title_authors_and_abstract_in_this_order() -> None:
    make_paper(title="In the abstract", abstract="We study sparrows.")
    make_paper(title="By the name", authors=["Jack Sparrow"])
    make_paper(title="Sparrows in the title")
    make_paper(title="Elsewhere")
    assert titles("sparrow") == ["Sparrows in the title", "By the name", "In the abstract"]


def test_all_words_must_stand_in_it_and_what_is_left_out_must_not() -> None:
    make_paper(title="Sparse attention for vision")
    make_paper(title="Sparse attention for language")
    make_paper(title="Sparse coding")
    assert titles("sparse attention -vision") == ["Sparse attention for language"]


def test_the_words_of_a_phrase_stand_side_by_side() -> None:
    make_paper(title="Chains of thought")
    make_paper(title="Thought of chains")
    assert titles('"chain of thought"') == ["Chains of thought"]


def test_a_beginning_is_enough_with_a_star_only() -> None:
    make_paper(title="Multimodality")
    assert titles("multi*") == ["Multimodality"]
    assert titles("multi") == []


def test_words_too_common_to_count_hinder_nothing() -> None:
    make_paper(title="Attention Is All You Need")
    assert titles("the attention is all you need") == ["Attention Is All You Need"]


def test_accents_do_not_count() -> None:
    make_paper(title="A naïve model", authors=["Hinrich Schütze"])
    assert titles("naive schutze") == titles("naïve Schütze") == ["A naïve model"]


def test_an_author_is_found_by_name_even_if_it_is_a_common_word() -> None:
    make_paper(title="Residuals", authors=["Kaiming He"])
    make_paper(title="He said Kaiming")
    assert titles('author:"kaiming he"') == ["Residuals"]
    assert titles("author:he -author:xiangyu") == ["Residuals"]


def test_a_title_that_begins_with_what_is_asked_comes_first() -> None:
    make_paper(title="Attention Is All You Need")
    make_paper(title="Need attention? Attention is what all need", abstract=NEAR * 3)
    assert titles("attention is all you need")[0] == "Attention Is All You Need"


def test_categories_are_those_of_cross_lists_too() -> None:
    make_paper(title="One", categories=["cs.LG", "cs.CL"])
    make_paper(title="Two", categories=["stat.ML", "math.ST"])
    assert (titles("cat:cs.CL"), titles("cat:stat"), titles("cat:cs -cat:cs.CL")) == (["One"], ["Two"], [])


def test_the_year_is_that_of_the_submission_else_of_the_announcement() -> None:
    make_paper(title="Late", submitted=datetime(2024, 12, 31, 23, 59, tzinfo=UTC), announced=date(2025, 1, 2))
    make_paper(title="Announced", announced=date(2025, 1, 2))
    assert (titles("year:2024"), titles("year:2025-")) == (["Late"], ["Announced"])


@pytest.mark.parametrize("text", ["2509.03312", "id:arXiv:2509.03312v2", "https://arxiv.org/abs/2509.03312"])
def test_an_identifier_in_any_form_finds_its_paper(text: str) -> None:
    make_paper("2509.03312", title="This one")
    make_paper("2509.03313")
    assert titles(text) == ["This one"]


def test_a_paper_from_elsewhere_is_found_by_the_end_of_its_address() -> None:
    make_paper(slug="attention-again", title="Again")
    assert titles("https://example.org/papers/attention-again/") == titles("id:attention-again") == ["Again"]


def test_only_the_papers_that_were_named_are_searched() -> None:
    make_paper("2509.00001", title="Sparse one")
    make_paper("2509.00002", title="Sparse two")
    among = Paper.objects.filter(arxiv_id="2509.00001")
    assert [hit.paper.title for hit in search_papers(parse_query("sparse"), among).hits] == ["Sparse one"]
    assert filter_papers(parse_query("sparse"), among).count() == 1


def test_the_snippet_marks_what_was_found_and_is_safe() -> None:
    make_paper(title="One", abstract="We <script>alert(1)</script> use sparse & dense models.")
    snippet = search_papers(parse_query("sparse")).hits[0].snippet
    assert "<mark>sparse</mark> &amp; dense" in snippet
    assert "<script" not in snippet


@pytest.mark.parametrize("asked", ["sparse", '"sparse models"', "spar* model*"])
def test_pages_follow_each_other_without_a_gap_or_a_repetition(asked: str) -> None:
    made = [make_paper(title=f"Sparse models {'models ' * (number % 3)}").key for number in range(7)]
    seen, after = [], ""
    for _ in range(3):
        page = search_papers(parse_query(asked), after=after, size=3)
        seen += [hit.paper.key for hit in page.hits]
        after = page.after
    assert sorted(seen) == sorted(made)
    assert after == ""


def test_a_new_paper_moves_nothing_to_another_page() -> None:
    first, second = make_paper(title="Sparse"), make_paper(title="Sparse")
    page = search_papers(parse_query("sparse"), size=1)
    make_paper(title="Sparse")
    assert [hit.paper for hit in page.hits] == [second]
    assert [hit.paper for hit in search_papers(parse_query("sparse"), after=page.after, size=1).hits] == [first]


@pytest.mark.parametrize("after", ["x", "1-", "-1", "99999999999-2509.00001", "1-\x00", "'; DROP TABLE papers_paper"])
def test_a_place_to_go_on_from_that_is_none_begins_anew(after: str) -> None:
    make_paper(title="Sparse")
    assert len(search_papers(parse_query("sparse"), after=after).hits) == 1


def test_a_search_is_one_query_however_many_are_found(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(3):
        make_paper(title="Sparse", abstract="Sparse.")
    with django_assert_num_queries(1):
        assert len(search_papers(parse_query("sparse cat:cs.CL year:2000-")).hits) == 0
    with django_assert_num_queries(1):
        assert len(search_papers(parse_query("sparse cat:cs.CL")).hits) == 3


def test_nothing_asked_is_nothing_found(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    make_paper()
    with django_assert_num_queries(0):
        assert search_papers(parse_query("")).hits == ()
        assert suggest_spelling(parse_query("")) == ""


@pytest.mark.parametrize(
    "text",
    ["' OR 1=1 --", "a & | ! <-> :*", "\\'", "foo:*B", "((", "%s %(x)s", "a\x00b", "'''", "<2>", "\ue000mark\ue001"],
)
def test_what_is_typed_is_no_operator_of_the_database(text: str) -> None:
    make_paper(title="Something else")
    assert titles(text) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([*"abз'\"\\:*&|!()<>-% ", "author:", "cat:cs ", "year:2025 ", "id:"])).map("".join))
def test_no_text_fails_in_the_database(text: str) -> None:
    assert len(search_papers(parse_query(text)).hits) == 0
    assert isinstance(suggest_spelling(parse_query(text)), str)


def test_what_would_find_nothing_is_not_offered() -> None:
    make_paper(title="Attention")
    make_paper(title="Mechanism")
    assert suggest_spelling(parse_query("atention mechansim")) == ""


def test_misspelt_words_are_offered_as_titles_spell_them() -> None:
    make_paper(title="An Attention Mechanism")
    make_paper(title="Mechanistic views")
    assert suggest_spelling(parse_query("atention mechansim cat:cs.CL")) == "attention mechanism cat:cs.CL"


def test_words_that_are_right_and_words_like_no_other_are_left_alone() -> None:
    make_paper(title="An Attention Mechanism")
    assert suggest_spelling(parse_query("attention zebra")) == ""


def test_a_slip_that_a_title_has_too_is_still_a_slip() -> None:
    assert find_spellings(["netwroks"], ["Netwroks", *["Networks"] * 60]) == {"netwroks": "networks"}
    assert find_spellings(["modes"], ["Modes", *["Models"] * 40]) == {}


def test_the_parts_of_a_word_with_hyphens_are_words_too() -> None:
    assert find_spellings(["agnet"], ["Multi-agent debate"]) == {"agnet": "agent"}


def test_of_equally_like_words_the_commonest_is_taken() -> None:
    assert find_spellings(["modek"], ["Model one", "Models", "Modes", "Model two"]) == {"modek": "model"}


def test_a_category_of_two_names_is_found_by_both() -> None:
    make_paper(title="On codes", categories=keep_categories(["math.IT", "cs.IT"]))
    assert titles("cat:math.IT") == titles("cat:cs.it") == titles("cat:math") == titles("cat:cs") == ["On codes"]
    assert titles("cat:cs -cat:math.IT") == []


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("sparrow OR finch", {"Sparrow", "Finch", "Sparrow and finch", "Eagle"}),
        ("sparrow or finch", {"Sparrow and finch"}),
        ("sparrow AND NOT finch", {"Sparrow"}),
        ("(sparrow OR finch) -(sparrow finch) cat:cs", {"Sparrow", "Finch", "Eagle"}),
        ("title:finch", {"Finch", "Sparrow and finch"}),
        ("abstract:finch", {"Eagle"}),
        ("sparrow AND (finch", {"Sparrow and finch"}),
    ],
)
def test_the_search_box_knows_the_grammar_of_watches(asked: str, found: set[str]) -> None:
    for title in ("Sparrow", "Finch", "Sparrow and finch"):
        make_paper(title=title, abstract="Birds.")
    make_paper(title="Eagle", abstract="It hunts a finch.")
    assert set(titles(asked)) == found
