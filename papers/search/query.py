"""What somebody typed into a search box → a question as a value, with a sentence for each thing that is not understood.

The grammar of watches (papers.search.grammar); in a plain row of words cat:, year: and id: hold for the whole question.
Pure; no text whatsoever is an error: what cannot be read as grammar is words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from django.utils.translation import gettext as _

from core.text.commonmark import remove_invisible
from papers import identifiers
from papers.search.filters import SENTENCES, parse_category, parse_key, parse_years
from papers.search.grammar import (
    AllOf,
    AnyOf,
    BadExpression,
    Expression,
    ExpressionTerm,
    NotExpression,
    PaperFilter,
    parse_expression,
)

MAX_LENGTH: Final = 300  # characters; what comes after is not searched
SHORTEST_BEGINNING: Final = 3

_TOKEN = re.compile(
    r'(?P<minus>-)?(?:(?P<field>author|cat|year|id):\s*)?(?:"(?P<phrase>[^"]*)(?:"|$)|(?P<word>[^\s"]+))', re.IGNORECASE
)
# What a row of words, phrases and exclusions cannot say; brackets alone say nothing.
_SAYS_MORE = re.compile(r"(?:^|[\s(])(?:(?:AND|OR|NOT)(?=[\s(]|$)|-\(|-?(?i:title|abstract):|-?(?i:author):\s*\()")
_QUOTES = str.maketrans("“”„«»\x00", '""""" ')


@dataclass(frozen=True, slots=True)
class QueryTerm:
    """A word or a phrase, as typed."""

    text: str
    prefix: bool = False
    excluded: bool = False
    author: bool = False
    field: str = ""


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A question; `years` are the first and the last, `keys` the ids and slugs of papers.

    `words` says how the terms belong together, where they are more than a row.
    """

    text: str = ""
    terms: tuple[QueryTerm, ...] = ()
    categories: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    years: tuple[int, int] | None = None
    keys: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    words: Expression | None = None

    @property
    def wanted(self) -> tuple[QueryTerm, ...]:
        return tuple(term for term in self.terms if not term.excluded)

    @property
    def is_empty(self) -> bool:
        """Nothing is asked for: what is left out leaves too much."""
        return not (self.wanted or self.categories or self.years or self.keys or self._has_wanted_filter)

    @property
    def _has_wanted_filter(self) -> bool:
        return self.words is not None and any(_wanted_filters(self.words))

    @property
    def names_a_paper(self) -> bool:
        """Asked is for what only papers have."""
        return bool(
            self.categories
            or self.without
            or self.keys
            or self._has_wanted_filter
            or any(term.author or term.field for term in self.terms)
        )

    def open_ended(self) -> SearchQuery:
        """The same while somebody is still typing: the last word may be the beginning of one."""
        if self.words or not self.terms or self.terms[-1].excluded or len(self.terms[-1].text) < SHORTEST_BEGINNING:
            return self
        return replace(self, terms=(*self.terms[:-1], replace(self.terms[-1], prefix=True)))


@dataclass(slots=True)
class _Reading:
    """What has been understood so far."""

    terms: list[QueryTerm] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    years: tuple[int, int] | None = None
    keys: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    words: Expression | None = None

    def query(self, text: str) -> SearchQuery:
        query = SearchQuery(
            text=text,
            terms=tuple(dict.fromkeys(self.terms)),
            categories=tuple(dict.fromkeys(self.categories)),
            without=tuple(dict.fromkeys(self.without)),
            years=self.years,
            keys=tuple(dict.fromkeys(self.keys)),
            words=self.words,
        )
        if query.is_empty and (query.terms or query.without):
            self.problems.append(_("Say what to look for, too, not only what to leave out."))
        return replace(query, problems=tuple(dict.fromkeys(self.problems)))


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    excluded: bool
    quoted: bool


def parse_query(typed: str) -> SearchQuery:
    """The question that `typed` is."""
    clean = " ".join(remove_invisible(typed[: MAX_LENGTH * 4]).translate(_QUOTES).split())
    text = clean[:MAX_LENGTH].rstrip()
    reading = _Reading()
    if len(clean) > MAX_LENGTH:
        reading.problems.append(_("Only the first %d characters were searched.") % MAX_LENGTH)
    for match in _tokens(text, reading):
        word = (match["phrase"] or match["word"] or "").strip()
        token = _Token(word, excluded=match["minus"] is not None, quoted=match["phrase"] is not None)
        _READERS[(match["field"] or "").lower()](reading, token)
    return reading.query(text)


def _tokens(text: str, reading: _Reading) -> Iterator[re.Match[str]]:
    """The parts of the text; none where the whole is one identifier, with a space in it or without."""
    try:
        reading.keys.append(identifiers.parse_arxiv_id(text).archive_id)
    except identifiers.BadIdentifier:
        if not (_SAYS_MORE.search(text) and _read_expression(text, reading)):
            yield from _TOKEN.finditer(text)


def _read_expression(text: str, reading: _Reading) -> bool:
    """Whether the text can be read as an expression; what cannot is words."""
    try:
        reading.words = parse_expression(text)
    except BadExpression:
        return False
    if reading.words:
        reading.terms.extend(_terms_of(reading.words))
    return reading.words is not None


def _terms_of(words: Expression, *, excluded: bool = False) -> Iterator[QueryTerm]:
    if isinstance(words, ExpressionTerm):
        yield QueryTerm(words.text, words.prefix, excluded, author=words.field == "author", field=words.field)
    elif isinstance(words, PaperFilter):
        return
    elif isinstance(words, NotExpression):
        yield from _terms_of(words.part, excluded=not excluded)
    else:
        for part in words.parts:
            yield from _terms_of(part, excluded=excluded)


def _wanted_filters(words: Expression) -> Iterator[PaperFilter]:
    """Those that are not behind a NOT."""
    if isinstance(words, PaperFilter):
        yield words
    elif isinstance(words, AllOf | AnyOf):
        for part in words.parts:
            yield from _wanted_filters(part)


def _read_words(reading: _Reading, token: _Token) -> None:
    plain = not (token.quoted or token.excluded)
    if plain and (found := identifiers.find_arxiv_id(token.text)):
        reading.keys.append(found.archive_id)
    elif plain and "/papers/" in token.text:
        _read_id(reading, token)
    else:
        _read_term(reading, token)


def _read_author(reading: _Reading, token: _Token) -> None:
    _read_term(reading, token, author=True)


def _read_term(reading: _Reading, token: _Token, *, author: bool = False) -> None:
    words = token.text.replace("*", " ").strip()
    if not any(character.isalnum() for character in words):
        return
    prefix = token.text.endswith("*")
    if prefix and len(words) < SHORTEST_BEGINNING:
        sentence = _("“%(text)s” is too short a beginning: write at least %(count)d letters before the *.")
        reading.problems.append(sentence % {"text": token.text, "count": SHORTEST_BEGINNING})
        prefix = False
    reading.terms.append(QueryTerm(words, prefix, token.excluded, author))


def _read_category(reading: _Reading, token: _Token) -> None:
    if code := parse_category(token.text):
        (reading.without if token.excluded else reading.categories).append(code)
    else:
        reading.problems.append(SENTENCES["cat"] % token.text)


def _read_year(reading: _Reading, token: _Token) -> None:
    years = None if token.excluded else parse_years(token.text)
    if years is None:
        reading.problems.append(SENTENCES["year"] % token.text)
    else:
        reading.years = years


def _read_id(reading: _Reading, token: _Token) -> None:
    if key := parse_key(token.text):
        reading.keys.append(key)
    else:
        reading.problems.append(SENTENCES["id"] % token.text)


_READERS: Final[Mapping[str, Callable[[_Reading, _Token], None]]] = {
    "": _read_words,
    "author": _read_author,
    "cat": _read_category,
    "year": _read_year,
    "id": _read_id,
}
