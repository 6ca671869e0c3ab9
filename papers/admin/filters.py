from __future__ import annotations

from typing import Any, cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from papers.models import Paper, Watch
from papers.models.paper import PaperQuerySet


class WatchFilter(admin.SimpleListFilter):
    """The papers that a watch matched."""

    title = gettext_lazy("watch")
    parameter_name = "watch"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(Watch.objects.values_list("slug", "name"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Paper]) -> QuerySet[Paper]:
        return queryset.filter(watch_matches__watch__slug=self.value()) if self.value() else queryset


class DoubtFilter(admin.SimpleListFilter):
    """The papers that speak of their withdrawal so that a person must say what it means."""

    title = gettext_lazy("withdrawn, or only replaced")
    parameter_name = "withdrawal"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("doubt", gettext_lazy("to be decided"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Paper]) -> QuerySet[Paper]:
        return cast("PaperQuerySet", queryset).in_doubt() if self.value() else queryset
