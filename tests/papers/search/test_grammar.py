"""The grammar of words that are looked for."""

import re
from contextlib import suppress

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from papers.search.grammar import (
    MAX_DEPTH,
    MAX_LENGTH,
    AllOf,
    AnyOf,
    BadExpression,
    Expression,
    ExpressionTerm,
    NotExpression,
    join_all,
    join_any,
    negate,
    parse_expression,
)
from papers.search.tsquery import as_tsquery

A, B, C = ExpressionTerm("a1"), ExpressionTerm("b2"), ExpressionTerm("c3")


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("", None),
        (" \t\x00", None),
        ("Sparse", ExpressionTerm("Sparse")),
        ("a1 b2", AllOf((A, B))),
        ("a1 AND b2 AND c3", AllOf((A, B, C))),
        ("a1 OR b2 OR c3", AnyOf((A, B, C))),
        ("a1 b2 OR c3", AnyOf((AllOf((A, B)), C))),
        ("a1 (b2 OR c3)", AllOf((A, AnyOf((B, C))))),
        ("a1 or b2", AllOf((A, ExpressionTerm("or"), B))),
        ("((a1))", A),
        ("-a1", NotExpression(A)),
        ("NOT NOT a1", A),
        ("a1 AND NOT b2", AllOf((A, NotExpression(B)))),
        ("a1 -(b2 c3)", AllOf((A, NotExpression(AllOf((B, C)))))),
        ("“chain of  thought”", ExpressionTerm("chain of thought")),
        ("transf*", ExpressionTerm("transf", prefix=True)),
        ("pre-training", ExpressionTerm("pre-training")),
        ('title:"large model"', ExpressionTerm("large model", "title")),
        ("Author: Or", ExpressionTerm("Or", "author")),
        (
            "-abstract:(a1 OR title:b2)",
            NotExpression(AnyOf((ExpressionTerm("a1", "abstract"), ExpressionTerm("b2", "title")))),
        ),
        ('"or"', ExpressionTerm("or")),
        ("C++", ExpressionTerm("C++")),
    ],
)
def test_words_are_read(text: str, expression: Expression | None) -> None:
    assert parse_expression(text) == expression


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("agents AND (plan", "A bracket opened at character 12 is not closed."),
        ("agents (", "A bracket opened at character 8 is not closed."),
        ("agents)", "The bracket at character 7 closes none."),
        ("agents OR )", "“OR” at character 8 has nothing after it."),
        ("agents ()", "The brackets at character 8 hold nothing."),
        ('agents "plan', "The quotation mark at character 8 is not closed."),
        ("agents AND", "“AND” at character 8 has nothing after it."),
        ("agents AND OR plans", "“AND” at character 8 has nothing after it."),
        ("OR plans", "“OR” at character 1 has nothing before it; put it in quotes to look for it."),
        ("agents -", "“-” at character 8 is no word; leave it out, or put it in quotes with one."),
        ("title:", "“title:” at character 1 has nothing after it."),
        (
            "venue:acl",
            "“venue:” at character 1 is no field; write one of title:, abstract:, author:, cat:, year:, id:.",
        ),
        ("cat:nothing", "“nothing” is no category of arXiv; write one like cat:cs.CL, or cat:cs for all of its kind."),
        ("year:soon", "“soon” is no year to look for; write year:2025, year:2023-2025 or year:2024-."),
        ("id:?", "“?” is no identifier; write one like id:2501.01234."),
        ("cat:", "“cat:” at character 1 has nothing after it."),
        ("agents pl*", "“pl*” at character 8 is too short; write three letters before the *."),
        ("p*lan", "The * in “p*lan” at character 1 can stand at the end of a single word only."),
        ('"a plan*"', 'The * in “"a plan*"” at character 1 can stand at the end of a single word only.'),
        ("agents & plans", "“&” at character 8 is no word; leave it out, or put it in quotes with one."),
        ("x" * 101, "The word at character 1 is too long to be one."),
        ("x " * 501, "Write no more than 1,000 characters; these are 1,002."),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, sentence: str) -> None:
    with pytest.raises(BadExpression) as error:
        parse_expression(text)
    assert str(error.value) == sentence


def test_brackets_may_not_stand_too_deep() -> None:
    assert parse_expression("(" * MAX_DEPTH + "a1" + ")" * MAX_DEPTH) == A
    with pytest.raises(BadExpression, match="The brackets at character 11 stand"):
        parse_expression("(" * 400 + "a1" + ")" * 400)


def test_a_long_row_of_negations_is_no_deep_one() -> None:
    assert parse_expression("-" * (MAX_LENGTH - 2) + "a1") == A


@given(st.text(max_size=MAX_LENGTH + 5) | st.text('ab()"-*: ORNDT', max_size=80))
def test_no_text_is_more_than_an_error_with_a_sentence(text: str) -> None:
    with suppress(BadExpression):
        assert (parse_expression(text) is None) == (text.strip("\x00").strip() == "") or not text.isprintable()


words = st.sampled_from(
    ["sparse", "GPT-4", "C++", "chain of thought", "or", "-x", "title:x", "a:b:c", "don't", "the", "(x)", "naïve", "\\"]
)
fields = st.sampled_from(["", "title", "abstract", "author"])
beginnings = st.builds(ExpressionTerm, st.sampled_from(["not", "trans", "gpt-4"]), fields, st.just(True))
terms = st.builds(ExpressionTerm, words.filter(lambda word: any(map(str.isalnum, word))), fields) | beginnings
expressions = st.recursive(
    terms,
    lambda parts: (
        parts.map(negate)
        | st.lists(parts, min_size=2, max_size=3).map(lambda some: join_all(some) or some[0])
        | st.lists(parts, min_size=2, max_size=3).map(lambda some: join_any(some) or some[0])
    ),
    max_leaves=8,
)


@given(expressions)
def test_what_is_printed_reads_back_the_same(expression: Expression) -> None:
    assert parse_expression(str(expression)) == expression


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(expressions)
def test_whatever_is_asked_is_a_question_to_the_database(expression: Expression) -> None:
    sql, params = as_tsquery(expression)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ({sql})::text", params)
        assert cursor.fetchone() is not None


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp"], exclude_characters='"“”„«»*'), max_size=300))
def test_what_is_typed_between_quotes_is_no_operator(text: str) -> None:
    phrase = parse_expression(f'title:"a {text}"')
    assert isinstance(phrase, ExpressionTerm)
    sql, params = as_tsquery(phrase)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT ({sql})::text", params)
        bare = re.sub(r"'(?:[^']|'')*'", "", cursor.fetchone()[0])
    assert not set(bare) & set("!|&")
