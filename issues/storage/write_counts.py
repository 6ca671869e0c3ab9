"""Keeping count while rows are written: what is equal is not touched, what does not fit is refused by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.fields.files import FieldFile

from core.command_reports import Problem


class DoesNotFit(ValueError):
    """A value that no row can hold; the message is a sentence that names it."""


@dataclass(frozen=True, slots=True)
class WriteCounts:
    """The issue, its blocks, papers and terms together; the problems are what was left out."""

    created: int
    updated: int
    unchanged: int
    deleted: int
    problems: tuple[Problem, ...] = ()


class WriteLedger:
    """Saves rows and counts them; `counts()` when all is done."""

    def __init__(self) -> None:
        self._states: dict[tuple[type[models.Model], Any], str] = {}
        self._deleted = 0
        self._problems: list[Problem] = []

    def put(self, row: models.Model, values: Mapping[str, Any], *, name: str) -> None:
        """Saves the row where it is new or differs from the values. Raises DoesNotFit."""
        differing = {field: value for field, value in values.items() if getattr(row, field) != value}
        is_new = row.pk is None
        if is_new or differing:
            for field, value in differing.items():
                setattr(row, field, value)
            check_fits(row, name)
            row.save()
        self._note(row, "created" if is_new else "updated" if differing else "unchanged")

    def touched(self, row: models.Model) -> None:
        """Something that belongs to the row changed, such as its list of papers."""
        self._note(row, "updated")

    def deleted(self, rows: int) -> None:
        self._deleted += rows

    def problem(self, where: str, what: str) -> None:
        self._problems.append(Problem(where, what))

    def counts(self) -> WriteCounts:
        states = list(self._states.values())
        return WriteCounts(
            states.count("created"),
            states.count("updated"),
            states.count("unchanged"),
            self._deleted,
            tuple(self._problems),
        )

    def _note(self, row: models.Model, state: str) -> None:
        """A row counts once: what was created stays created, and a change outweighs none."""
        key = (type(row), row.pk)
        if self._states.get(key) in {None, "unchanged"}:
            self._states[key] = state


def check_fits(row: models.Model, name: str) -> None:
    """Raises DoesNotFit where a text is too long for its column or a choice is none."""
    for field in (field for field in row._meta.concrete_fields if not field.generated):
        value = getattr(row, field.attname)
        limit = getattr(field.base_field if isinstance(field, ArrayField) else field, "max_length", None)
        texts = value if isinstance(value, list) else [value.name if isinstance(value, FieldFile) else value]
        if limit and any(isinstance(text, str) and len(text) > limit for text in texts):
            raise DoesNotFit(f"{name}: the {field.verbose_name} is longer than {limit} characters; shorten it.")
        if field.choices and value not in dict(field.flatchoices):
            known = ", ".join(str(choice) for choice, _ in field.flatchoices)
            raise DoesNotFit(f"{name}: the {field.verbose_name} “{value}” is unknown; write one of: {known}.")
