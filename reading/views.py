"""The front page, the flat pages, and what machines read: sitemap and robots."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.templatetags.static import static

from llmwatch.lib.publicly import public_page
from llmwatch.site import absolute
from reading.home import earlier_issues, latest_issue
from reading.sitemaps import addresses


@public_page
def home(request: HttpRequest) -> HttpResponse:
    context = {"latest": latest_issue(), "earlier": earlier_issues(), "canonical": absolute("/")}
    return render(request, "reading/home.html", context)


@public_page
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "reading/about.html", {"section": "about", "canonical": absolute(request.path)})


@public_page
def sitemap(request: HttpRequest) -> HttpResponse:
    context = {"addresses": addresses()}
    return render(request, "reading/sitemap.xml", context, content_type="application/xml; charset=utf-8")


@public_page
def favicon(request: HttpRequest) -> HttpResponse:
    """What browsers ask for where a page names no mark: the admin's pages, files, pictures."""
    return HttpResponsePermanentRedirect(static("img/mark.svg"))


@public_page
def robots(request: HttpRequest) -> HttpResponse:
    return render(request, "reading/robots.txt", content_type="text/plain; charset=utf-8")
