"""All that a watch asks for, as a value: and the same as a question to arXiv's query API. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from papers.author_keys import author_keys
from papers.search.filters import FIRST_YEAR, LAST_YEAR, parse_category, parse_key, parse_years
from papers.search.grammar import AllOf, AnyOf, Expression, ExpressionTerm, NotExpression, PaperFilter, join_any
from papers.taxonomy import categories_within

# Our fields, and arXiv's.
_FIELDS: Final = {"": "all", "title": "ti", "abstract": "abs", "author": "au"}
_PLAIN = re.compile(r"[\w.-]*\w")
_NOT_ARXIVS = re.compile(r'[()"\\]+')


@dataclass(frozen=True, slots=True)
class WatchCriteria:
    """Papers of these categories; where words or authors are given, those with the words or by one of the authors."""

    categories: tuple[str, ...]
    words: Expression | None = None
    authors: tuple[str, ...] = ()

    @property
    def author_keys(self) -> tuple[str, ...]:
        """The normal forms of the authors' names."""
        return tuple(author_keys(self.authors))

    def arxiv_query(self) -> str:
        """For arXiv's `search_query`; empty where only categories are asked for, as those are followed anyway."""
        words = [self.words] if self.words else []
        wanted = join_any([*words, *(ExpressionTerm(name, "author") for name in self.authors)])
        if wanted is None:
            return ""
        categories = " OR ".join(f"cat:{code}" for code in self.categories)
        negated, text = _for_arxiv(wanted)
        return f"({categories}) {'ANDNOT' if negated else 'AND'} ({text})"


def _for_arxiv(expression: Expression) -> tuple[bool, str]:
    """Whether the text says the opposite, and the text: arXiv knows ANDNOT between two things, and no NOT."""
    match expression:
        case ExpressionTerm():
            return False, _arxiv_term(expression)
        case PaperFilter():
            return False, _arxiv_filter(expression)
        case NotExpression(part):
            is_negated, text = _for_arxiv(part)
            return not is_negated, text
        case AllOf(parts):
            wanted, unwanted = _parted(parts)
            return _arxiv_but(wanted, unwanted) if wanted else (True, _arxiv_group(" OR ", unwanted))
        case AnyOf(parts):
            wanted, unwanted = _parted(parts)
            if not unwanted:
                return False, _arxiv_group(" OR ", wanted)
            # a OR NOT b is NOT (b AND NOT a)
            return True, _arxiv_but(unwanted, wanted)[1]


def _parted(parts: Iterable[Expression]) -> tuple[list[str], list[str]]:
    pieces = [_for_arxiv(part) for part in parts]
    return [text for is_negated, text in pieces if not is_negated], [text for is_negated, text in pieces if is_negated]


def _arxiv_but(wanted: Sequence[str], unwanted: Sequence[str]) -> tuple[bool, str]:
    but = [_arxiv_group(" OR ", unwanted)] if unwanted else []
    return False, _arxiv_group(" ANDNOT ", [_arxiv_group(" AND ", wanted), *but])


def _arxiv_group(operator: str, parts: Sequence[str]) -> str:
    """One operator to a pair of brackets, as arXiv says nothing of which binds stronger."""
    return parts[0] if len(parts) == 1 else f"({operator.join(parts)})"


def _arxiv_filter(asked: PaperFilter) -> str:
    """An archive is its categories there; of a year the days, in GMT and to the minute, as arXiv wants them."""
    if asked.field == "year":
        first, last = parse_years(asked.text) or (FIRST_YEAR, LAST_YEAR)
        return f"submittedDate:[{first}01010000 TO {last}12312359]"
    if asked.field == "cat":
        return _arxiv_group(" OR ", [f"cat:{code}" for code in categories_within(parse_category(asked.text))])
    return f"id:{parse_key(asked.text)}"


def _arxiv_term(term: ExpressionTerm) -> str:
    name = _FIELDS[term.field]
    text = " ".join(_NOT_ARXIVS.sub(" ", term.text).split())
    plain = _PLAIN.match(text)
    if term.prefix and plain:
        return f"{name}:{plain[0]}*"
    return f"{name}:{text}" if plain and plain[0] == text else f'{name}:"{text}"'
