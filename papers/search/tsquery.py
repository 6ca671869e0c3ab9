"""Words and expressions as PostgreSQL's tsquery: SQL with parameters; nothing that was typed is an operator."""

from __future__ import annotations

from typing import Final

from papers.search.grammar import AllOf, AnyOf, Expression, ExpressionTerm, NotExpression

# What English thinks too common to count is left out; of names, nothing is.
_ANYWHERE: Final = (
    "CASE WHEN numnode(to_tsquery('papers_words', %s)) = 0 THEN ''::tsquery "
    "ELSE to_tsquery('papers_words', %s) || to_tsquery('papers_names', %s) END"
)
_IN_WORDS: Final = "to_tsquery('papers_words', %s)"
_IN_NAMES: Final = "to_tsquery('papers_names', %s)"
# How each field is asked for, and its weight in the search vector.
_FIELDS: Final = {
    "": (_ANYWHERE, ""),
    "title": (_IN_WORDS, "A"),
    "author": (_IN_NAMES, "B"),
    "abstract": (_IN_WORDS, "C"),
}


def phrase_tsquery(text: str, *, prefix: bool = False, field: str = "") -> tuple[str, list[str]]:
    """The words of `text` side by side, in the order in which they stand; the fields are title, author and abstract."""
    sql, weight = _FIELDS[field]
    quoted = "'{}'".format(text.replace("\\", "\\\\").replace("'", "''"))
    marks = ("*" if prefix else "") + weight
    return sql, [f"{quoted}:{marks}" if marks else quoted] * sql.count("%s")


def as_tsquery(expression: Expression) -> tuple[str, list[str]]:
    """SQL and its parameters. What is too common to be looked for (“the”) is as if it had not been written."""
    match expression:
        case ExpressionTerm(text, field, prefix):
            return phrase_tsquery(text, prefix=prefix, field=field)
        case NotExpression(part):
            sql, params = as_tsquery(part)
            return f"!! ({sql})", params
        case AllOf(parts) | AnyOf(parts):
            pieces = [as_tsquery(part) for part in parts]
            operator = " && " if isinstance(expression, AllOf) else " || "
            params = [one for _sql, given in pieces for one in given]
            return operator.join(f"({sql})" for sql, _given in pieces), params
    raise TypeError(f"{expression} is asked of other columns than the words; see papers.search.conditions.")
