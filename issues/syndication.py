"""The newest issues as feed entries: the words that every reader gets, without the page's hovering definitions."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext

from issues.feeds import Feed, FeedEntry, absolute_addresses
from issues.models import Edition, Issue, Series
from issues.rendering.page import describe, to_page
from llmwatch.site import absolute

ENTRIES = 20
BEGINNING = datetime(2007, 4, 1, tzinfo=UTC)  # the time of an empty feed


def feed(path: str, series: Series | None = None, *, whole: bool = False) -> Feed:
    """The feed that answers at this path; two queries. `whole` only for who may read what is for supporters."""
    issues = Issue.objects.published().of(series)[:ENTRIES]
    editions = Edition.objects.public().filter(issue__in=list(issues)).order_by("issue_id", "-number")
    entries = sorted(
        map(partial(_entry, whole=whole), editions.distinct("issue_id").select_related("issue")),
        key=lambda entry: entry.published,
        reverse=True,
    )
    return Feed(
        title=f"{settings.SITE_NAME}: {series.name}" if series else settings.SITE_NAME,
        subtitle=series.description
        if series and series.description
        else gettext("The papers worth your time, week by week."),
        url=absolute(series.get_absolute_url() if series else "/"),
        own_url=absolute(path),
        entries=entries,
        updated=max((entry.updated for entry in entries), default=BEGINNING),
    )


def _entry(edition: Edition, *, whole: bool) -> FeedEntry:
    document = edition.value if whole else edition.value.for_everyone()
    url = absolute(edition.issue.get_absolute_url())
    html = render_to_string("issues/feed_entry.html", {"page": to_page(document, link_terms=False), "canonical": url})
    return FeedEntry(
        title=document.title,
        url=url,
        html=absolute_addresses(html, settings.SITE_URL, url).strip(),
        summary=describe(document),
        authors=document.authors or (settings.SITE_NAME,),
        published=edition.issue.published_at or edition.created,
        updated=edition.created,
        series=document.series_name,
    )
