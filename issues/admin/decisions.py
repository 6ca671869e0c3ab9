"""What editors decided of papers: rows are added, and neither changed nor deleted."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin_classes import LargeTableAdmin, ModelAdmin, ReadOnlyAdmin
from issues.models import Decision


@admin.register(Decision)
class DecisionAdmin(LargeTableAdmin, ReadOnlyAdmin, ModelAdmin[Decision]):
    list_display = ["paper_title", "series", "state", "by", "at", "note"]
    list_filter = [
        "state",
        "series",
        ("by", admin.RelatedOnlyFieldListFilter),
        ("at", admin.DateFieldListFilter),
    ]
    search_fields = ["paper__title", "paper__arxiv_id", "paper__slug", "note"]
    search_help_text = _("Words of the paper's title or of the note, or its arXiv id.")
    ordering = ["-pk"]
    can_add = True  # whoever thinks otherwise adds a decision: the newest one holds
    actions = None
    fields = ["series", "paper", "state", "note"]
    autocomplete_fields = ["series", "paper"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Decision]:
        rows = super().get_queryset(request).select_related("paper", "series", "by")
        return rows.defer("paper__search", "paper__abstract")

    def get_fields(self, request: HttpRequest, obj: Decision | None = None) -> Any:
        return [*self.fields, "by", "at"] if obj else self.fields

    def save_model(self, request: HttpRequest, obj: Decision, form: Any, change: bool) -> None:
        obj.by = request.user  # type: ignore[assignment]
        super().save_model(request, obj, form, change)

    @admin.display(description=_("paper"), ordering="paper__title")
    def paper_title(self, decision: Decision) -> str:
        return str(decision.paper)
