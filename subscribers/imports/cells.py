"""What stands in the cells of a list: names, moments and days, as spreadsheets and services write them. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

from django.utils.translation import gettext as _

_NOTHING: Final = frozenset({"", "-", "null", "none", "nil", "n/a", "nan"})


class BadDay(ValueError):
    """A cell that is to hold a day and holds none; the message is a sentence that names it."""


def name_of(text: str) -> str:
    """On one line, without what cannot be printed."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    return " ".join(text.split())


def moment_of(text: str) -> datetime | None:
    """In UTC where no zone is said; None where it is no moment in ISO 8601."""
    try:
        found = datetime.fromisoformat(text.strip().replace(" UTC", "+00:00"))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def day_of(text: str) -> date | None:
    """A day, or the day of a moment in UTC; None where the cell says that there is none. Raises BadDay."""
    if text.strip().casefold() in _NOTHING:
        return None
    moment = moment_of(text)
    try:
        if moment is not None:
            return moment.astimezone(UTC).date()
    except OverflowError:
        pass
    raise BadDay(_("“%s” is no day such as 2026-12-31, so no “supporter until” was kept.") % text.strip()[:60])
