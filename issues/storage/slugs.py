"""Slugs that nobody has yet."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils.text import slugify

MAX_LENGTH = 110  # leaves room for a number at the end in every slug field of the house


def free_slug(text: str, slugs: QuerySet[Any, Any], *, default: str, taken: Iterable[str] = ()) -> str:
    """The slug of a text, with a number at its end where `slugs` (a flat list of them) or `taken` has it already."""
    base = slugify(text)[:MAX_LENGTH].strip("-_") or default
    used = {*slugs.filter(slug__startswith=base), *taken}
    numbered = (f"{base}-{number}" for number in itertools.count(2))
    return base if base not in used else next(slug for slug in numbered if slug not in used)
