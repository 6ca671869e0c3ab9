"""An expression as a condition on papers: its words asked of the search vector, its filters of their own columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import reduce
from operator import and_, or_
from typing import Final

from django.contrib.postgres.search import SearchQueryField
from django.db.models import BooleanField, F, Func, Q
from django.db.models.expressions import RawSQL

from papers import taxonomy
from papers.search.filters import parse_category, parse_key, parse_years
from papers.search.grammar import AllOf, AnyOf, Expression, ExpressionTerm, NotExpression, PaperFilter, join_all
from papers.search.tsquery import as_tsquery


class MatchFilter(Func):
    """Whether a search vector answers a question."""

    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = BooleanField()


def has_filters(expression: Expression) -> bool:
    match expression:
        case PaperFilter():
            return True
        case NotExpression(part):
            return has_filters(part)
        case AllOf(parts) | AnyOf(parts):
            return any(map(has_filters, parts))
    return False


def without_filters(expression: Expression) -> Expression | None:
    """Its words alone, to rank by and to show; None where it has none."""
    match expression:
        case ExpressionTerm():
            return expression
        case PaperFilter():
            return None
        case NotExpression(part):
            kept = without_filters(part)
            return NotExpression(kept) if kept else None
        case AllOf(parts) | AnyOf(parts):
            kept_parts = tuple(one for part in parts if (one := without_filters(part)))
            return type(expression)(kept_parts) if len(kept_parts) > 1 else next(iter(kept_parts), None)


def as_condition(expression: Expression) -> Q:
    """Words that stand together are asked for at once, as the index of words finds them at once."""
    if not has_filters(expression):
        return _words(expression)
    match expression:
        case PaperFilter(field, text):
            return _CONDITIONS[field](text)
        case NotExpression(part):
            return ~as_condition(part)
        case AllOf(parts):
            words = join_all(part for part in parts if not has_filters(part))
            filters = [as_condition(part) for part in parts if has_filters(part)]
            return reduce(and_, [*filters, *([_words(words)] if words else [])])
        case AnyOf(parts):
            return reduce(or_, map(as_condition, parts))
    raise TypeError(expression)


def in_years(first: int, last: int) -> Q:
    """Submitted in one of these years; of a paper without that day its announcement counts."""
    since, until = datetime(first, 1, 1, tzinfo=UTC), datetime(last + 1, 1, 1, tzinfo=UTC)
    submitted = Q(submitted__gte=since, submitted__lt=until)
    return submitted | Q(submitted=None, announced__gte=since.date(), announced__lt=until.date())


def _words(expression: Expression) -> Q:
    sql, params = as_tsquery(expression)
    return Q(MatchFilter(F("search"), RawSQL(sql, params, SearchQueryField())))  # noqa: S611


def _category(text: str) -> Q:
    return Q(categories__overlap=taxonomy.categories_within(parse_category(text)))


def _year(text: str) -> Q:
    return in_years(*(parse_years(text) or (0, 0)))


def _key(text: str) -> Q:
    key = parse_key(text)
    return Q(arxiv_id=key) | Q(slug=key)


_CONDITIONS: Final[Mapping[str, Callable[[str], Q]]] = {"cat": _category, "year": _year, "id": _key}
