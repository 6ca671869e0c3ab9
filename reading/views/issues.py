"""Issues as anonymous readers see them: the page, the files beside it, the archive, the feeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import groupby

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from core.site import absolute_page_url, absolute_url
from core.web.public_page import public_page
from issues.coverage.published import ListedIssue, list_published
from issues.models import Issue, Series, Topic
from issues.rendering.formats.downloads import DOWNLOAD_FORMS
from issues.rendering.page.render import page_html
from reading.feeds import to_atom, to_json_feed, to_rss
from reading.issue_feeds import load_feed
from reading.open_issue import open_issue

A_PAGE = 50
_FEEDS: Mapping[str, tuple[str, Callable[..., bytes]]] = {
    "atom": ("application/atom+xml; charset=utf-8", to_atom),
    "rss": ("application/rss+xml; charset=utf-8", to_rss),
    "json": ("application/feed+json; charset=utf-8", to_json_feed),
}


@dataclass(frozen=True, slots=True)
class _Year:
    year: int
    issues: list[ListedIssue]


@public_page
def issue(request: HttpRequest, slug: str) -> HttpResponse:
    shown, edition = open_issue(get_object_or_404(Issue, slug=slug))
    return HttpResponse(page_html(shown, edition))


@public_page
def file(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """The issue in another form beside its page, e.g. `/p/<slug>.bib`."""
    if form not in DOWNLOAD_FORMS:
        raise Http404
    shown, edition = open_issue(get_object_or_404(Issue, slug=slug))
    content_type, write = DOWNLOAD_FORMS[form]
    response = HttpResponse(write(edition.value.for_everyone(), shown.published_at), content_type=content_type)
    response["Link"] = f'<{absolute_url(shown.get_absolute_url())}>; rel="canonical"'
    return response


@public_page
def numbered(request: HttpRequest, number: int) -> HttpResponse:
    found, _ = open_issue(get_object_or_404(Issue, number=number))
    return redirect(found, permanent=True)


@public_page
def archive(request: HttpRequest) -> HttpResponse:
    return render(request, "issues/archive.html", _years(request, Issue.objects.published()))


@public_page
def series(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Series, slug=slug)
    years = _years(request, Issue.objects.published().of(found))
    return render(request, "issues/series.html", {"series": found, **years})


@public_page
def issues_feed(request: HttpRequest, form: str) -> HttpResponse:
    return _feed(request, form)


@public_page
def series_feed(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    return _feed(request, form, get_object_or_404(Series, slug=slug))


@public_page
def topic_feed(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """The issues that covered papers of the topic."""
    return _feed(request, form, get_object_or_404(Topic, slug=slug))


@public_page
def old_feed(request: HttpRequest) -> HttpResponse:
    """The address that the readers of Substack know."""
    return redirect("issues:feed", "rss", permanent=True)


def _years(request: HttpRequest, issues: QuerySet[Issue]) -> dict[str, object]:
    page = Paginator(issues, A_PAGE).get_page(request.GET.get("page"))
    shown = list_published(issues.filter(pk__in=[one.pk for one in page]))
    years = [_Year(year, list(found)) for year, found in groupby(shown, key=_year)]
    return {
        "page": page,
        "years": years,
        "section": "issues",
        "canonical": absolute_page_url(request.path, page.number),
    }


def _year(one: ListedIssue) -> int:
    return timezone.localtime(one.published_at).year


def _feed(request: HttpRequest, form: str, of: Series | Topic | None = None) -> HttpResponse:
    if form not in _FEEDS:
        raise Http404
    content_type, write = _FEEDS[form]
    return HttpResponse(write(load_feed(request.path, of)), content_type=content_type)
