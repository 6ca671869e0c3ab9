"""News of covered papers on the desk: one press puts one into a draft, another puts it away."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from issues.admin.page_context import refuse_strangers
from issues.coverage import follow_ups
from issues.models import Issue
from papers.models import PaperEvent


@require_POST
def tell(request: HttpRequest) -> HttpResponse:
    """`event`, or `dismiss` in its place: primary keys of news; `issue`: that of the draft."""
    refuse_strangers(request)
    if dismissed := _news(request, "dismiss"):
        follow_ups.dismiss_events(dismissed, request.user)  # type: ignore[arg-type]
        messages.success(request, _("It is not offered again."))
        return redirect("admin:index")
    issue = get_object_or_404(Issue, pk=_number(request.POST.get("issue", "")))
    try:
        told = follow_ups.add_to_draft(_news(request, "event"), issue, request.user)  # type: ignore[arg-type]
        _say(request, issue, told)
    except follow_ups.NotADraft as error:
        messages.error(request, str(error))
    return redirect("admin:index")


def _say(request: HttpRequest, issue: Issue, told: int) -> None:
    if told:
        messages.success(request, _("It stands at the end of “%s” now.") % issue)
    else:
        messages.warning(request, _("Somebody has dealt with it already."))


def _news(request: HttpRequest, name: str) -> list[PaperEvent]:
    return list(PaperEvent.objects.filter(pk__in=filter(None, map(_number, request.POST.getlist(name)))))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
