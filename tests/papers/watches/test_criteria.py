"""What a watch asks for, as a question to arXiv."""

import re
from itertools import product

import pytest
from hypothesis import given

from papers.search.grammar import AllOf, AnyOf, Expression, ExpressionTerm, NotExpression, PaperFilter, parse_expression
from papers.watches.criteria import WatchCriteria
from tests.papers.search.test_grammar import expressions


def asked(words: str, *authors: str, categories: tuple[str, ...] = ("cs.CL",)) -> str:
    return WatchCriteria(categories, parse_expression(words), authors).arxiv_query()


@pytest.mark.parametrize(
    ("words", "query"),
    [
        ("agents", "(cat:cs.CL) AND (all:agents)"),
        ("title:agents plan*", "(cat:cs.CL) AND ((ti:agents AND all:plan*))"),
        ('abstract:"chain of thought" OR author:he', '(cat:cs.CL) AND ((abs:"chain of thought" OR au:he))'),
        ("agents -survey -review", "(cat:cs.CL) AND ((all:agents ANDNOT (all:survey OR all:review)))"),
        ("-survey", "(cat:cs.CL) ANDNOT (all:survey)"),
        ("agents OR -survey", "(cat:cs.CL) ANDNOT ((all:survey ANDNOT all:agents))"),
        ('"f(x)"', '(cat:cs.CL) AND (all:"f x")'),
    ],
)
def test_words_are_asked_in_arxivs_language(words: str, query: str) -> None:
    assert asked(words) == query


@pytest.mark.parametrize(
    ("words", "query"),
    [
        ("agents cat:cs.LG", "(cat:cs.CL) AND ((all:agents AND cat:cs.LG))"),
        ("agents year:2024-2025", "(cat:cs.CL) AND ((all:agents AND submittedDate:[202401010000 TO 202512312359]))"),
        ("agents -id:2501.01234", "(cat:cs.CL) AND ((all:agents ANDNOT id:2501.01234))"),
    ],
)
def test_filters_are_asked_in_arxivs_language(words: str, query: str) -> None:
    assert asked(words) == query


def test_a_named_author_is_enough() -> None:
    assert asked("agents", "Kaiming He") == '(cat:cs.CL) AND ((all:agents OR au:"Kaiming He"))'
    assert asked("", "Kaiming He", categories=("cs.CV", "cs.LG")) == '(cat:cs.CV OR cat:cs.LG) AND (au:"Kaiming He")'


def test_categories_alone_are_not_asked_for() -> None:
    assert asked("") == ""


def holds(expression: Expression, true: frozenset[str]) -> bool:
    match expression:
        case ExpressionTerm():
            return str(expression) in true
        case PaperFilter():
            pytest.fail("The strategy makes none.")
        case NotExpression(part):
            return not holds(part, true)
        case AllOf(parts):
            return all(holds(part, true) for part in parts)
        case AnyOf(parts):
            return any(holds(part, true) for part in parts)


def leaves(expression: Expression) -> list[ExpressionTerm]:
    match expression:
        case ExpressionTerm():
            return [expression]
        case PaperFilter():
            return []
        case NotExpression(part):
            return leaves(part)
        case AllOf(parts) | AnyOf(parts):
            return [leaf for part in parts for leaf in leaves(part)]


def answered(query: str, true: frozenset[str]) -> bool:
    """What arXiv's query says where these of its terms hold: read by Python, as its brackets leave no choice."""
    told = re.sub(r'\w+:(?:"[^"]*"|[^\s()]+)', lambda term: str(term[0] in true), query)
    return bool(eval(told.replace("ANDNOT", "and not").replace("AND", "and").replace("OR", "or")))


@given(expressions)
def test_arxiv_is_asked_for_the_same(expression: Expression) -> None:
    query = WatchCriteria(("cs.CL",), expression).arxiv_query()
    names = {
        str(leaf): WatchCriteria(("x",), leaf).arxiv_query()[len("(cat:x) AND (") : -1] for leaf in leaves(expression)
    }
    few = sorted(set(names))[:6]
    for choice in product([False, True], repeat=len(few)):
        true = frozenset(name for name, is_true in zip(few, choice, strict=True) if is_true)
        assert answered(query, frozenset({"cat:cs.CL", *(names[name] for name in true)})) == holds(expression, true)
