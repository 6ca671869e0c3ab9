from __future__ import annotations

from collections.abc import Sequence

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.admin_classes import BaseInlineFormSet, ModelAdmin, ModelForm, TabularInline
from issues.models import Choice, Poll


class ChoiceFormSet(BaseInlineFormSet[Choice, Poll, ModelForm[Choice]]):
    def clean(self) -> None:
        """A choice that was voted for is not taken out: the votes would be gone without a word."""
        super().clean()
        for form in self.deleted_forms:
            votes = form.instance.votes.count()
            if votes:
                sentence = gettext("“%(choice)s” has votes (%(votes)d) and stays; rename it, or close the poll.")
                raise ValidationError(sentence % {"choice": form.instance.label, "votes": votes})


class ChoiceInline(TabularInline[Choice, Poll]):
    model = Choice
    formset = ChoiceFormSet
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
    fields = ["question", "slug", "is_open"]
    inlines = [ChoiceInline]
    actions = ["close", "open_again"]

    def get_readonly_fields(self, request: HttpRequest, obj: Poll | None = None) -> list[str]:
        # Addresses in mails hold the slug.
        return ["slug"] if obj else []

    def get_prepopulated_fields(self, request: HttpRequest, obj: Poll | None = None) -> dict[str, Sequence[str]]:
        return {} if obj else {"slug": ["question"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Poll]:
        return super().get_queryset(request).annotate(count=Count("votes"))

    @admin.display(description=_("votes"), ordering="count")
    def vote_count(self, poll: Poll) -> int:
        return int(getattr(poll, "count", 0))

    @admin.action(description=_("Close: take no more votes"), permissions=["change"])
    def close(self, request: HttpRequest, queryset: QuerySet[Poll]) -> None:
        count = Poll.objects.filter(pk__in=queryset.values("pk"), is_open=True).update(is_open=False)
        self.message_user(request, ngettext("%d poll closed.", "%d polls closed.", count) % count, messages.SUCCESS)

    @admin.action(description=_("Open again"), permissions=["change"])
    def open_again(self, request: HttpRequest, queryset: QuerySet[Poll]) -> None:
        count = Poll.objects.filter(pk__in=queryset.values("pk"), is_open=False).update(is_open=True)
        self.message_user(request, ngettext("%d poll opened.", "%d polls opened.", count) % count, messages.SUCCESS)
