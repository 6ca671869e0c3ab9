"""Which kept pages are made anew at once after an issue was published, corrected or removed.

All others, such as those of its papers, turn over by themselves within a minute.
"""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse

from core.web.page_cache import refresh_pages
from issues.models import Issue
from issues.rendering.formats.downloads import DOWNLOAD_FORMS

OF_THE_SITE = ("/", "/sitemap.xml")
_FEEDS = ("atom", "rss", "json")


def refresh_after_commit(issue: Issue) -> None:
    """Once the change is there for everybody to read, and not before."""
    transaction.on_commit(lambda: refresh_pages(*list_addresses(issue)))


def list_addresses(issue: Issue) -> list[str]:
    own = [issue.get_absolute_url(), *(reverse("issues:file", args=[issue.slug, form]) for form in DOWNLOAD_FORMS)]
    feeds = [reverse("issues:feed", args=[form]) for form in _FEEDS]
    if issue.number is not None:
        own.append(reverse("issues:numbered", args=[issue.number]))
    return [*own, *OF_THE_SITE, reverse("issues:archive"), *feeds, *_of_the_series(issue)]


def _of_the_series(issue: Issue) -> list[str]:
    if issue.series is None:
        return []
    slug = issue.series.slug
    return [
        reverse("issues:series", args=[slug]),
        *(reverse("issues:series_feed", args=[slug, form]) for form in _FEEDS),
    ]
