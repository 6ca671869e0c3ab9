from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from core.admin_classes import LargeTableAdmin, ModelAdmin, ReadOnlyAdmin
from papers.ingest.arxiv_calendar import feed_day
from papers.ingest.request_day import ask_again
from papers.models import Pull, Watch
from papers.monitoring.pull_calendar import SHOWN_AS, load_calendar


@admin.register(Pull)
class PullAdmin(LargeTableAdmin, ReadOnlyAdmin, ModelAdmin[Pull]):
    """The calendar, and below it every pull; they are written by the ingester, and a person looks at them."""

    change_list_template = "admin/papers/pull/calendar.html"
    list_display = ["window", "asked_for", "how_it_went", "brought"]
    list_filter = ["source", "outcome", "set_spec"]
    search_fields = ["set_spec", "reason"]
    search_help_text = gettext_lazy("Part of a set's name, or of what was in the way.")
    ordering = ["-started", "-pk"]
    list_per_page = 50

    def get_urls(self) -> list[URLPattern]:
        ask = path("ask-again/", self.admin_site.admin_view(ask_for_a_day), name="papers_pull_ask_again")
        return [ask, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """`until` turns the calendar's pages; the list below knows nothing of it."""
        asked = request.GET.copy()
        until = _day(asked.pop("until", [""])[0])
        request.GET = asked  # type: ignore[assignment]
        shown = {
            "title": _("Pull calendar"),
            "calendar": load_calendar(timezone.now(), until),
            "legend": SHOWN_AS,
            "may_ask": may_ask(request),
        }
        return super().changelist_view(request, shown | (extra_context or {}))

    @admin.display(description=gettext_lazy("day"), ordering="day")
    def window(self, pull: Pull) -> str:
        begun = _("begun %s") % f"{timezone.localtime(pull.started):%Y-%m-%d %H:%M %Z}"
        return format_html('{}<span class="beneath">{}</span>', pull.day, begun)

    @admin.display(description=gettext_lazy("set"), ordering="set_spec")
    def asked_for(self, pull: Pull) -> str:
        return format_html('{}<span class="beneath">{}</span>', pull.set_spec, pull.get_source_display())

    @admin.display(description=gettext_lazy("outcome"), ordering="outcome")
    def how_it_went(self, pull: Pull) -> str:
        return format_html('{}<span class="beneath">{}</span>', pull.get_outcome_display(), pull.reason)

    @admin.display(description=gettext_lazy("records"), ordering="records")
    def brought(self, pull: Pull) -> str:
        parts = [_("%s new") % f"{pull.new:,}"]
        parts += [_("%s unreadable") % f"{pull.failed:,}"] if pull.failed else []
        beneath = format_html_join("", '<span class="beneath">{}</span>', ([part] for part in parts))
        return format_html("{}{}", f"{pull.records:,}", beneath)


def may_ask(request: HttpRequest) -> bool:
    return bool(request.user.has_perm("papers.change_pull"))


@require_POST
def ask_for_a_day(request: HttpRequest) -> HttpResponse:
    """Of each category that is followed."""
    if not may_ask(request):
        raise PermissionDenied
    now, day = timezone.now(), _day(request.POST.get("day", ""))
    if day is None or day > feed_day(now):
        messages.error(request, _("Name a day that has come, as 2026-11-24."))
        return redirect("admin:papers_pull_changelist")
    begun = ask_again(day, Watch.objects.categories(), now)
    said = ngettext(
        "%(n)d category of %(day)s is asked for again.", "%(n)d categories of %(day)s are asked for again.", begun
    )
    messages.success(
        request, said % {"n": begun, "day": day} if begun else _("%s waits to be asked for already.") % day
    )
    return redirect("admin:papers_pull_changelist")


def _day(text: str) -> date | None:
    try:
        return parse_date(text)
    except ValueError:
        return None
