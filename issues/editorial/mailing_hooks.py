"""What issues ask of the app that mails them, which says when it starts how to answer: issues do not know it."""

from __future__ import annotations

from collections.abc import Callable

from issues.models import Issue

CountAudience = Callable[[Issue], int]
_Address = Callable[[Issue], str]
_Hindrance = Callable[[], str]
_counts: list[CountAudience] = []
_addresses: list[_Address] = []
_hindrances: list[_Hindrance] = []


def counted_by(count: CountAudience) -> None:
    """Registers what counts the people to whom an issue would be mailed; the last one holds."""
    _counts[:] = [count]


def followed_at(address: _Address) -> None:
    """Registers what knows the page on which an issue's mailing is watched ("": there is none yet)."""
    _addresses[:] = [address]


def hindered_by(hindrance: _Hindrance) -> None:
    """Registers what knows why no mail can leave at all ("": it can)."""
    _hindrances[:] = [hindrance]


def audience_of(issue: Issue) -> int | None:
    """None where nothing counts, because no app sends mail."""
    return _counts[0](issue) if _counts else None


def mailing_page(issue: Issue) -> str:
    return _addresses[0](issue) if _addresses else ""


def mail_hindrance() -> str:
    return _hindrances[0]() if _hindrances else ""
