"""How many people a mailing would reach. The app that knows them says how to count when it starts: issues do not."""

from __future__ import annotations

from collections.abc import Callable

from issues.models import Issue

Count = Callable[[Issue], int]
_counts: list[Count] = []


def counted_by(count: Count) -> None:
    """Registers what counts the people to whom an issue would be mailed; the last one holds."""
    _counts[:] = [count]


def audience_of(issue: Issue) -> int | None:
    """None where nothing counts, because no app sends mail."""
    return _counts[0](issue) if _counts else None
