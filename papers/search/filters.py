"""What `cat:`, `year:` and `id:` may say in either box, and the sentence where they say something else. Pure."""

from __future__ import annotations

import re
from typing import Final

from django.utils.translation import gettext_lazy as _

from papers import identifiers, taxonomy

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2999
_YEARS = re.compile(r"([0-9]{4})?(-)?([0-9]{4})?", re.ASCII)
_CODES: Final = {code.lower(): code for code in taxonomy.ALL_CATEGORIES | taxonomy.ARXIV_ARCHIVES}
_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]*", re.ASCII)
# Each with the text that was written.
SENTENCES: Final = {
    "cat": _("“%s” is no category of arXiv; write one like cat:cs.CL, or cat:cs for all of its kind."),
    "year": _("“%s” is no year to look for; write year:2025, year:2023-2025 or year:2024-."),
    "id": _("“%s” is no identifier; write one like id:2501.01234."),
}


def parse_category(text: str) -> str:
    """The category or archive as arXiv writes it; empty where it is none."""
    return _CODES.get(text.lower(), "")


def parse_years(text: str) -> tuple[int, int] | None:
    """The first and the last year of 2025, 2023-2025, 2024- or -2020."""
    match = _YEARS.fullmatch(text)
    first, dash, last = match.groups() if match else (None, None, None)
    if not (first or last) or (first and last and not dash):
        return None
    named = (int(first or FIRST_YEAR), int(last or (LAST_YEAR if dash else first or FIRST_YEAR)))
    earliest, latest = sorted(min(max(year, FIRST_YEAR), LAST_YEAR) for year in named)
    return earliest, latest


def parse_key(text: str) -> str:
    """The arXiv id in any form, or the end of a paper's address on this site; empty where it is neither."""
    if found := identifiers.find_arxiv_id(text):
        return found.archive_id
    slug = text.rstrip("/").rpartition("/")[2].lower()
    return slug if _SLUG.fullmatch(slug) else ""


def is_readable(field: str, text: str) -> bool:
    parse = {"cat": parse_category, "year": parse_years, "id": parse_key}[field]
    return bool(parse(text))
