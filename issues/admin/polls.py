from __future__ import annotations

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from issues.models import Choice, Poll
from llmwatch.lib.modeladmin import ModelAdmin, TabularInline


class ChoiceInline(TabularInline[Choice, Poll]):
    model = Choice
    extra = 0
    min_num = 2
    fields = ["position", "label", "votes_so_far"]
    readonly_fields = ["votes_so_far"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Choice]:
        return Choice.objects.counted()

    @admin.display(description=_("votes"))
    def votes_so_far(self, choice: Choice) -> int:
        return int(getattr(choice, "count", 0))


@admin.register(Poll)
class PollAdmin(ModelAdmin[Poll]):
    list_display = ["question", "slug", "is_open", "vote_count"]
    list_filter = ["is_open"]
    search_fields = ["question", "slug"]
    prepopulated_fields = {"slug": ["question"]}
    fields = ["question", "slug", "is_open"]
    inlines = [ChoiceInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Poll]:
        return super().get_queryset(request).annotate(count=Count("votes"))

    @admin.display(description=_("votes"), ordering="count")
    def vote_count(self, poll: Poll) -> int:
        return int(getattr(poll, "count", 0))
