"""The part of arXiv's query language that is in use: fields, phrases, AND, OR, ANDNOT, parentheses, date windows."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

from tests.arxiv_simulator.archive import Announced

Test = Callable[[Announced], bool]

_TOKEN = re.compile(
    r"\s*(?P<token>\(|\)|submittedDate:\[[^\]]*\]|[A-Za-z]+:\"[^\"]*\"|\"[^\"]*\"|[^\s()\"]+)", re.DOTALL
)
_WINDOW = re.compile(r"submittedDate:\[(\d{12}) TO (\d{12})\]")
_JOINS = {"AND", "OR", "ANDNOT"}


class BadQuery(ValueError):
    """arXiv would refuse this query; the message is its sentence."""


def read_query(query: str) -> Test:
    """Raises BadQuery."""
    tokens = [match["token"] for match in _TOKEN.finditer(query)]
    if query.count('"') % 2:
        raise BadQuery(f"incorrect query: {query}")
    test, rest = _expression(tokens)
    if rest:
        raise BadQuery(f"incorrect query near {rest[0]}")
    return test


def _expression(tokens: list[str]) -> tuple[Test, list[str]]:
    test, rest = _operand(tokens)
    while rest and rest[0] in _JOINS:
        right, after = _operand(rest[1:])
        test, rest = _joined(test, rest[0], right), after
    return test, rest


def _operand(tokens: list[str]) -> tuple[Test, list[str]]:
    if not tokens or tokens[0] == ")" or tokens[0] in _JOINS:
        raise BadQuery("incorrect query: a term is missing")
    if tokens[0] != "(":
        return _term(tokens[0]), tokens[1:]
    test, rest = _expression(tokens[1:])
    if rest[:1] != [")"]:
        raise BadQuery("incorrect query: a parenthesis is not closed")
    return test, rest[1:]


def _joined(left: Test, join: str, right: Test) -> Test:
    if join == "AND":
        return lambda item: left(item) and right(item)
    if join == "OR":
        return lambda item: left(item) or right(item)
    return lambda item: left(item) and not right(item)


def _term(token: str) -> Test:
    if token.startswith("submittedDate:"):
        return _window(token)
    field, colon, words = token.partition(":")
    if not colon:
        field, words = "all", token
    words = words.strip('"').lower()
    if field == "cat":
        return _category(words)
    text = {"ti": _title, "abs": _abstract, "au": _authors, "all": _all}.get(field)
    if text is None or not words:
        raise BadQuery(f"incorrect query: {token}")
    pattern = re.compile(rf"(?<!\w){re.escape(words)}(?!\w)")
    return lambda item: pattern.search(text(item)) is not None


def _window(token: str) -> Test:
    found = _WINDOW.fullmatch(token)
    if found is None:
        raise BadQuery("incorrect date format; submittedDate must be [YYYYMMDDHHMM TO YYYYMMDDHHMM]")
    try:
        first, last = (datetime.strptime(text, "%Y%m%d%H%M").replace(tzinfo=UTC) for text in found.groups())
    except ValueError:
        raise BadQuery(f"incorrect date in {token}") from None
    return lambda item: first <= item.paper.submitted <= last


def _category(words: str) -> Test:
    if words.endswith("*"):
        return lambda item: any(one.lower().startswith(words[:-1]) for one in item.event.state.categories)
    return lambda item: any(one.lower() == words for one in item.event.state.categories)


def _title(item: Announced) -> str:
    return " ".join(item.event.state.title.lower().split())


def _abstract(item: Announced) -> str:
    return " ".join(item.event.state.abstract.lower().split())


def _authors(item: Announced) -> str:
    return " ".join(item.event.state.authors).lower()


def _all(item: Announced) -> str:
    return "\n".join((_title(item), _abstract(item), _authors(item), item.event.state.comment.lower()))
