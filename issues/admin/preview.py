"""The issue as readers will get it, by the renderer of the public page; for staff only."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from issues import storage
from issues.admin.page_context import issue_or_refuse, page_context
from issues.document.values import Document
from issues.editorial.run_preflight import problems_of
from issues.models import Issue
from issues.rendering.page.render import document_html


@require_safe
def side_by_side(request: HttpRequest, pk: int) -> HttpResponse:
    """Desktop and phone beside each other, and what could not be shown as it was written."""
    issue = issue_or_refuse(request, pk)
    values = {"issue": issue, "problems": problems_of(issue), "is_nav_sidebar_enabled": False}
    context = page_context(request, _("Preview of “%s”") % issue.title, **values)
    return render(request, "admin/issues/issue/preview.html", context)


@require_safe
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft as it is saved now; `?as=everyone` ends at the paywall."""
    issue = issue_or_refuse(request, pk)
    return _shown(issue, storage.load_document(issue), request)


@require_safe
def edition(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """The issue as it once stood."""
    issue = issue_or_refuse(request, pk)
    return _shown(issue, get_object_or_404(issue.editions, number=number).value, request)


def _shown(issue: Issue, document: Document, request: HttpRequest) -> HttpResponse:
    if request.GET.get("as") == "everyone":
        document = document.for_everyone()
    return HttpResponse(document_html(document, url=issue.get_absolute_url(), published_at=issue.published_at))
