from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.admin_classes import ModelAdmin
from issues.models import Topic


@admin.register(Topic)
class TopicAdmin(ModelAdmin[Topic]):
    list_display = ["name", "slug", "tag_names"]
    search_fields = ["name", "slug", "tags__name"]
    prepopulated_fields = {"slug": ["name"]}
    autocomplete_fields = ["tags"]
    fields = ["name", "slug", "description", "tags"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Topic]:
        return super().get_queryset(request).prefetch_related("tags")

    @admin.display(description=_("tags"))
    def tag_names(self, topic: Topic) -> str:
        return ", ".join(sorted(tag.name for tag in topic.tags.all()))
