"""Tags. Taggit's own admin merges them for anybody, and loses those that are merged into one that is chosen too."""

from __future__ import annotations

import taggit.admin  # noqa: F401 (registers Tag, which is replaced here)
from django.contrib import admin
from taggit.models import Tag

from core.admin_classes import ModelAdmin

admin.site.unregister(Tag)


@admin.register(Tag)
class TagAdmin(ModelAdmin[Tag]):
    list_display = ["name", "slug"]
    ordering = ["name"]
    search_fields = ["name"]
    fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
