"""The front page, the flat pages, and what machines read: sitemap and robots."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.templatetags.static import static

from core.site import absolute_url
from core.web.public_page import public_page
from reading.sitemaps import list_addresses, list_parts, load_part
from reading.views.home import earlier_issues, latest_issue


@public_page
def home(request: HttpRequest) -> HttpResponse:
    context = {"latest": latest_issue(), "earlier": earlier_issues(), "canonical": absolute_url("/")}
    return render(request, "reading/home.html", context)


@public_page
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "reading/about.html", {"section": "about", "canonical": absolute_url(request.path)})


@public_page
def sitemap(request: HttpRequest) -> HttpResponse:
    """All addresses, or the files that hold them where they are too many for one."""
    found = list_addresses()
    return _sitemap(request, {"parts": list_parts(found), "addresses": found})


@public_page
def sitemap_part(request: HttpRequest, number: int) -> HttpResponse:
    if not (found := load_part(list_addresses(), number)):
        raise Http404
    return _sitemap(request, {"addresses": found})


def _sitemap(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    return render(request, "reading/sitemap.xml", context, content_type="application/xml; charset=utf-8")


@public_page
def favicon(request: HttpRequest) -> HttpResponse:
    """What browsers ask for where a page names no mark: the admin's pages, files, pictures."""
    return HttpResponsePermanentRedirect(static("img/mark.svg"))


@public_page
def robots(request: HttpRequest) -> HttpResponse:
    return render(request, "reading/robots.txt", content_type="text/plain; charset=utf-8")
