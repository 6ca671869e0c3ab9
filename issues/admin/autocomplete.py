"""Autocompletion inside blocks: what is chosen already is shown without a query a block, and order is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.db import models

from core.admin_classes import ModelMultipleChoiceField
from papers.models import Paper


class _Remembering:
    """What is chosen is listed in its order; `known` (labels by primary key) spares the query for it."""

    known: Mapping[str, str] = {}
    choices: Any
    allow_multiple_selected: bool
    is_required: bool

    def optgroups(self, name: str, value: list[Any], attr: Any = None) -> list[Any]:
        keys = [str(key) for key in value if key not in {None, ""}]
        labels = self._labels(keys)
        options = [(key, labels[key], True) for key in keys if key in labels]
        if not self.allow_multiple_selected:
            options.insert(0, ("", "", not options))
        made = [
            self.create_option(name, key, label, chosen, index)  # type: ignore[attr-defined]
            for index, (key, label, chosen) in enumerate(options)
        ]
        return [(None, made, 0)]

    def _labels(self, keys: Sequence[str]) -> Mapping[str, str]:
        missing = [key for key in keys if key not in self.known and key.isdecimal()]
        if not missing:
            return self.known
        found: Iterable[models.Model] = self.choices.queryset.filter(pk__in=missing)
        return {**self.known, **{str(row.pk): str(row) for row in found}}


class ChooseOne(_Remembering, AutocompleteSelect):  # type: ignore[misc]
    pass


class ChooseInOrder(_Remembering, AutocompleteSelectMultiple):  # type: ignore[misc]
    """admin-extra/editor.js moves what is chosen to the end, so that the browser sends it in the order of choosing."""

    def build_attrs(self, base_attrs: dict[str, Any], extra_attrs: dict[str, Any] | None = None) -> dict[str, Any]:
        return {**super().build_attrs(base_attrs, extra_attrs), "data-in-order": "true"}


class PapersField(ModelMultipleChoiceField[Paper]):
    """Papers as a list in the order in which they were sent."""

    def clean(self, value: Any) -> Any:
        found: Iterable[Paper] = super().clean(value)
        papers = {str(paper.pk): paper for paper in found}
        return [papers[key] for key in dict.fromkeys(map(str, value or ())) if key in papers]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return [str(getattr(key, "pk", key)) for key in initial or ()] != [str(key) for key in data or ()]


def remember_labels(field: forms.Field, rows: Iterable[models.Model]) -> None:
    """Tells the field's widget the labels of what is chosen."""
    widget: Any = field.widget
    getattr(widget, "widget", widget).known = {str(row.pk): str(row) for row in rows}
