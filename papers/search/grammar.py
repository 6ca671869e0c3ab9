"""The grammar of words that are looked for: text → an expression → text.

Words, "phrases", beginnings*; AND (or a space), OR, NOT (or -), brackets; title: abstract: author: cat: year: id:
Pure.
Operators are written in capitals; “and”, “or” and “not” are words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from papers.search.filters import SENTENCES, is_readable

GRAMMAR_HELP: Final = gettext_lazy(
    "Words in any form, “phrases”, beginnings*; AND or a space, OR, NOT or -, brackets (OR binds weakest: a b OR c is "
    "(a b) OR c); title:, abstract:, author:, cat:, year: or id: before one. AND, OR and NOT in capitals."
)
MAX_LENGTH: Final = 1_000  # characters
LONGEST_WORD: Final = 100
MAX_DEPTH: Final = 10
SHORTEST_BEGINNING: Final = 3
_FIELDS: Final = ("title", "abstract", "author")
FILTERS: Final = ("cat", "year", "id")

_ALL_FIELDS: Final = ", ".join(f"{name}:" for name in (*_FIELDS, *FILTERS))
_QUOTES = str.maketrans("“”„«»", '"' * 5)
_TOKEN = re.compile(
    r'(?P<bracket>[()])|(?P<minus>-)(?=[^\s)])|(?P<field>[A-Za-z]+):|"(?P<phrase>[^"]*)(?P<end>"?)|(?P<word>[^\s()"]+)'
)
_OPERATORS: Final = frozenset({"AND", "OR", "NOT"})


class BadExpression(ValueError):
    """One sentence that names what is wrong, and where."""


@dataclass(frozen=True, slots=True)
class ExpressionTerm:
    """A word or a phrase, anywhere or in one field; with `prefix` the beginning of a word."""

    text: str
    field: str = ""
    prefix: bool = False

    def __str__(self) -> str:
        name = f"{self.field}:" if self.field else ""
        return f"{name}{self.text}*" if self.prefix else f"{name}{self._quoted()}"

    def _quoted(self) -> str:
        token = _TOKEN.match(self.text)
        is_word = token is not None and token["word"] == self.text and not _operator(token)
        return self.text if is_word else f'"{self.text}"'


@dataclass(frozen=True, slots=True)
class PaperFilter:
    """What is asked of a paper beside its words: cat, year or id, and what was written after it."""

    field: str
    text: str

    def __str__(self) -> str:
        return f"{self.field}:{self.text}"


@dataclass(frozen=True, slots=True)
class NotExpression:
    part: Expression

    def __str__(self) -> str:
        return f"-{_bracketed(self.part)}"


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[Expression, ...]

    def __str__(self) -> str:
        return " ".join(map(_bracketed, self.parts))


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Expression, ...]

    def __str__(self) -> str:
        return " OR ".join(map(_bracketed, self.parts))


Expression = ExpressionTerm | PaperFilter | NotExpression | AllOf | AnyOf


def negate(part: Expression) -> Expression:
    return part.part if isinstance(part, NotExpression) else NotExpression(part)


def join_all(parts: Iterable[Expression]) -> Expression | None:
    """All of them at once, as flat as can be."""
    flat = tuple(one for part in parts for one in (part.parts if isinstance(part, AllOf) else (part,)))
    return AllOf(flat) if len(flat) > 1 else next(iter(flat), None)


def join_any(parts: Iterable[Expression]) -> Expression | None:
    """At least one of them, as flat as can be."""
    flat = tuple(one for part in parts for one in (part.parts if isinstance(part, AnyOf) else (part,)))
    return AnyOf(flat) if len(flat) > 1 else next(iter(flat), None)


def parse_expression(typed: str) -> Expression | None:
    """The expression that `typed` is, None where it is empty. Raises BadExpression."""
    text = "".join(one if one.isprintable() else " " for one in typed.translate(_QUOTES))
    if len(text) > MAX_LENGTH:
        raise BadExpression(_("Write no more than %(most)s characters; these are %(count)s.") % _counts(text))
    reader = _Reader(list(_TOKEN.finditer(text)))
    return reader.whole() if reader.tokens else None


class _Reader:
    """Reads token by token; OR binds weaker than AND, AND weaker than NOT."""

    def __init__(self, tokens: Sequence[re.Match[str]]) -> None:
        self.tokens = tokens
        self.at = 0
        self.depth = 0

    def whole(self) -> Expression:
        found = self._alternatives("")
        if (token := self._next()) is not None:
            raise _bad(_("The bracket at character %(at)d closes none."), token)
        return found

    def _alternatives(self, field: str) -> Expression:
        parts = [self._together(field)]
        while self._takes("OR"):
            parts.append(self._together(field))
        return join_any(parts) or parts[0]

    def _together(self, field: str) -> Expression:
        parts = [self._single(field)]
        while self._goes_on():
            self._takes("AND")
            parts.append(self._single(field))
        return join_all(parts) or parts[0]

    def _goes_on(self) -> bool:
        token = self._next()
        return token is not None and token["bracket"] != ")" and _operator(token) != "OR"

    def _single(self, field: str) -> Expression:
        is_negated = False
        while self._takes("NOT"):
            is_negated = not is_negated
        part = self._part(field)
        return negate(part) if is_negated else part

    def _part(self, field: str) -> Expression:
        token = self._next()
        if token is None:
            raise _nothing_after(self.tokens[-1])
        if _operator(token) or token["bracket"] == ")":
            raise self._misplaced(token)
        self.at += 1
        if token["bracket"]:
            return self._bracketed(token, field)
        return self._in_field(token) if token["field"] else _term(token, field)

    def _in_field(self, token: re.Match[str]) -> Expression:
        """The word, phrase or bracket after a field's name; operators are words there."""
        name, following = token["field"].lower(), self._next()
        if name not in (*_FIELDS, *FILTERS):
            raise _bad(_("“%(text)s” at character %(at)d is no field; write one of %(fields)s."), token)
        if following is None or following["bracket"] == ")" or following["minus"] or following["field"]:
            raise _nothing_after(token)
        if name in FILTERS:
            return self._filter(name, token, following)
        self.at += 1
        return self._bracketed(following, name) if following["bracket"] else _term(following, name)

    def _filter(self, name: str, token: re.Match[str], following: re.Match[str]) -> Expression:
        text = " ".join((following["word"] or following["phrase"] or "").split())
        if not text:
            raise _nothing_after(token)
        if not is_readable(name, text):
            raise BadExpression(SENTENCES[name] % text)
        self.at += 1
        return PaperFilter(name, text)

    def _bracketed(self, opening: re.Match[str], field: str) -> Expression:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise _bad(_("The brackets at character %(at)d stand more than %(deepest)d deep."), opening)
        if (token := self._next()) is not None and token["bracket"] == ")":
            raise _bad(_("The brackets at character %(at)d hold nothing."), opening)
        if token is None:
            raise _bad(_("A bracket opened at character %(at)d is not closed."), opening)
        found = self._alternatives(field)
        if self._next() is None:
            raise _bad(_("A bracket opened at character %(at)d is not closed."), opening)
        self.at += 1
        self.depth -= 1
        return found

    def _misplaced(self, token: re.Match[str]) -> BadExpression:
        if self.at and (_operator(self.tokens[self.at - 1])):
            return _nothing_after(self.tokens[self.at - 1])
        if token["bracket"]:
            return _bad(_("The bracket at character %(at)d closes none."), token)
        return _bad(_("“%(text)s” at character %(at)d has nothing before it; put it in quotes to look for it."), token)

    def _next(self) -> re.Match[str] | None:
        return self.tokens[self.at] if self.at < len(self.tokens) else None

    def _takes(self, operator: str) -> bool:
        token = self._next()
        taken = token is not None and _operator(token) == operator
        self.at += taken
        return taken


def _operator(token: re.Match[str]) -> str:
    word = token["word"] or ""
    return "NOT" if token["minus"] else word if word in _OPERATORS else ""


def _term(token: re.Match[str], field: str) -> ExpressionTerm:
    if token["end"] == "":
        raise _bad(_("The quotation mark at character %(at)d is not closed."), token)
    is_word = token["word"] is not None
    text = " ".join((token["word"] or token["phrase"]).split())
    prefix = is_word and text.endswith("*")
    text = text[:-1] if prefix else text
    if "*" in text:
        raise _bad(_("The * in “%(text)s” at character %(at)d can stand at the end of a single word only."), token)
    if not any(map(str.isalnum, text)):
        raise _bad(_("“%(text)s” at character %(at)d is no word; leave it out, or put it in quotes with one."), token)
    if prefix and len(text) < SHORTEST_BEGINNING:
        raise _bad(_("“%(text)s” at character %(at)d is too short; write three letters before the *."), token)
    if max(map(len, text.split())) > LONGEST_WORD:
        raise _bad(_("The word at character %(at)d is too long to be one."), token)
    return ExpressionTerm(text, field, prefix)


def _nothing_after(token: re.Match[str]) -> BadExpression:
    return _bad(_("“%(text)s” at character %(at)d has nothing after it."), token)


def _bad(sentence: str, token: re.Match[str]) -> BadExpression:
    return BadExpression(
        sentence % {"text": token[0], "at": token.start() + 1, "deepest": MAX_DEPTH, "fields": _ALL_FIELDS}
    )


def _counts(text: str) -> dict[str, str]:
    return {"most": f"{MAX_LENGTH:,}", "count": f"{len(text):,}"}


def _bracketed(part: Expression) -> str:
    return str(part) if isinstance(part, ExpressionTerm | PaperFilter | NotExpression) else f"({part})"
