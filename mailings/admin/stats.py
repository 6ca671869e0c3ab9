"""The numbers in the admin: one page of all, one of an issue, one for a sponsor, and each as a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from issues.models import Issue
from mailings.models import Mailing
from mailings.stats import csv, issue_stats, sponsor_report
from subscribers import growth
from subscribers.imports.export import as_file

MOST_FOLLOWED: Final = 12
CSV_FILES: Final[dict[str, Callable[[], Iterator[str]]]] = {
    "issues": csv.issue_lines,
    "growth": csv.growth_lines,
    "links": csv.link_lines,
}
may_look = permission_required("mailings.view_mailing", raise_exception=True)


def stats_urls(site: admin.AdminSite) -> list[URLPattern]:
    """For the admin's own addresses."""
    return [
        path("numbers/", site.admin_view(page), name="numbers"),
        path("numbers/<slug:name>.csv", site.admin_view(file), name="numbers_file"),
        path("numbers/issues/<slug:slug>/", site.admin_view(issue_page), name="numbers_issue"),
        path("numbers/sponsors/<str:slug>/", site.admin_view(sponsor_page), name="numbers_sponsor"),
        path("numbers/sponsors/<str:slug>.csv", site.admin_view(sponsor_file), name="numbers_sponsor_file"),
    ]


@require_safe
@may_look
def page(request: HttpRequest) -> HttpResponse:
    mailings = issue_stats.load_mailings()
    shown = mailings[: issue_stats.MAX_SHOWN]
    return _page(
        request,
        "page.html",
        _("Numbers"),
        growth=growth.load_growth(timezone.now()),
        issues=issue_stats.numbers_of(shown),
        has_more=len(mailings) > len(shown),
        links=issue_stats.links_of(shown, most=MOST_FOLLOWED),
        sponsors=sponsor_report.load_reports(),
    )


@require_safe
@may_look
def issue_page(request: HttpRequest, slug: str) -> HttpResponse:
    issue = get_object_or_404(Issue, slug=slug)
    mailings = list(Mailing.objects.filter(issue=issue, audience__isnull=False).select_related("issue").order_by("pk"))
    rows, links = issue_stats.numbers_of(mailings), issue_stats.links_of(mailings)
    return _page(request, "issue.html", _("Numbers of “%s”") % issue, issue=issue, issues=rows, links=links)


@require_safe
@may_look
def sponsor_page(request: HttpRequest, slug: str) -> HttpResponse:
    report = _report(slug)
    return _page(request, "sponsor.html", report.name, report=report, today=timezone.localdate())


@require_safe
@may_look
def file(request: HttpRequest, name: str) -> StreamingHttpResponse:
    if name not in CSV_FILES:
        raise Http404
    return as_file(name, CSV_FILES[name]())


@require_safe
@may_look
def sponsor_file(request: HttpRequest, slug: str) -> StreamingHttpResponse:
    return as_file(f"sponsor-{slugify(slug.replace('.', '-')) or 'report'}", csv.sponsor_lines(_report(slug)))


def _report(slug: str) -> sponsor_report.SponsorReport:
    report = sponsor_report.load_report(slug)
    if report is None:
        raise Http404
    return report


def _page(request: HttpRequest, template: str, title: str, **shown: Any) -> HttpResponse:
    context = {**admin.site.each_context(request), "title": title, "is_counting": settings.COUNT_CLICKS, **shown}
    return render(request, f"admin/mailings/stats/{template}", context)
