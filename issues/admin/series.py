from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin_classes import ModelAdmin
from issues.admin.forms import SeriesForm
from issues.models import Series


@admin.register(Series)
class SeriesAdmin(ModelAdmin[Series]):
    form = SeriesForm
    list_display = ["name", "slug", "numbered", "default_access", "issue_count"]
    list_filter = ["numbered", "default_access"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    fields = ["name", "slug", "description", ("numbered", "default_access"), "part_labels", "blocks"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Series]:
        return super().get_queryset(request).annotate(count=Count("issues"))

    @admin.display(description=_("issues"), ordering="count")
    def issue_count(self, series: Series) -> int:
        return int(getattr(series, "count", 0))
