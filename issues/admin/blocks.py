"""The blocks on the issue's page: a form for each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib.admin import site
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin_classes import WEB_ADDRESSES
from issues.admin.autocomplete import ChooseInOrder, ChooseOne, PapersField
from issues.admin.forms import AddressField, GlossaryForm, HighlightForm, HighlightFormSet, PollForm, TidyField
from issues.models import Issue
from issues.models.blocks import (
    Figure,
    Glossary,
    Highlight,
    Paywall,
    PollBlock,
    PollResults,
    Sponsor,
    Teasers,
    Text,
    Themes,
)

if TYPE_CHECKING:
    from django.contrib.admin import StackedInline

    ContentEditorInline = StackedInline[Any, Issue]
else:
    from content_editor.admin import ContentEditorInline  # untyped: the one shim of inlines


class BlockInline(ContentEditorInline):
    """`rows` are the heights of its text fields, in lines."""

    icon: ClassVar[str] = ""
    color: ClassVar[str] = "var(--link-fg)"
    rows: ClassVar[dict[str, int]] = {}
    formfield_overrides = {
        models.URLField: {**WEB_ADDRESSES[models.URLField], "form_class": AddressField},
        models.TextField: {"form_class": TidyField},
    }

    def formfield_for_dbfield(self, db_field: models.Field[Any, Any], request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(db_field, models.TextField):
            field.widget.attrs["rows"] = self.rows.get(db_field.name, 2)
            field.required = False  # a draft may hold what is still to be written
        return field


class TextInline(BlockInline):
    model = Text
    icon = "notes"
    rows = {"text": 10}


class TeasersInline(BlockInline):
    model = Teasers
    icon = "format_list_bulleted"
    rows = {"items": 6}


class ThemesInline(BlockInline):
    model = Themes
    icon = "summarize"
    rows = {"items": 10}


class GlossaryInline(BlockInline):
    model = Glossary
    form = GlossaryForm
    icon = "menu_book"
    rows = {"entries": 8}


class HighlightInline(BlockInline):
    model = Highlight
    form = HighlightForm
    formset = HighlightFormSet  # type: ignore[assignment]
    icon = "star"
    fields = ["papers", "heading", "printed_links", "text", "origin", "checked", "region", "ordering"]
    rows = {"text": 12}

    def get_formset(self, request: HttpRequest, obj: Issue | None = None, **kwargs: Any) -> Any:
        formset: Any = super().get_formset(request, obj, **kwargs)
        asked = request.GET.get("series", "") if obj is None else ""
        formset.editor = request.user
        formset.series_id = obj.series_id if obj else int(asked) if asked.isdecimal() and len(asked) < 10 else None
        return formset

    def get_queryset(self, request: HttpRequest) -> QuerySet[Highlight]:
        return super().get_queryset(request).prefetch_related("papers")

    def formfield_for_manytomany(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        return db_field.formfield(form_class=PapersField, widget=ChooseInOrder(db_field, site), **kwargs)


class FigureInline(BlockInline):
    model = Figure
    icon = "image"


class PollBlockInline(BlockInline):
    model: type[PollBlock | PollResults] = PollBlock
    form = PollForm
    icon = "poll"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("poll")

    def formfield_for_foreignkey(
        self, db_field: Any, request: Any, **kwargs: Any
    ) -> forms.ModelChoiceField[Any] | None:
        if db_field.name == "poll":
            kwargs["widget"] = ChooseOne(db_field, site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class PollResultsInline(PollBlockInline):
    model = PollResults
    icon = "bar_chart"


class SponsorInline(BlockInline):
    model = Sponsor
    icon = "campaign"
    rows = {"text": 4, "lines": 4}


class PaywallInline(BlockInline):
    model = Paywall
    icon = "lock"
    rows = {"text": 3}


# In the order of the menu: what an editor adds most comes first.
BLOCK_INLINES = [
    HighlightInline,
    TextInline,
    TeasersInline,
    ThemesInline,
    GlossaryInline,
    FigureInline,
    PollBlockInline,
    PollResultsInline,
    SponsorInline,
    PaywallInline,
]
