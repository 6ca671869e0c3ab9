"""The newest issues as feed entries: the words that every reader gets, without the page's hovering definitions."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext

from core.site import absolute_url
from core.text.markdown import to_text
from issues.coverage.appearances import issues_on
from issues.models import Edition, Issue, Series, Topic
from issues.rendering.page.cover import cover_of
from issues.rendering.page.render import describe_document, to_page
from reading.feeds import FeedDocument, FeedEntry, absolute_addresses

_ENTRIES = 20
_BEGINNING = datetime(2007, 4, 1, tzinfo=UTC)  # the time of an empty feed


def load_feed(path: str, about: Series | Topic | None = None, *, whole: bool = False) -> FeedDocument:
    """The feed that answers at this path; two queries, and three more for a topic.

    `whole` only for who may read what is for supporters.
    """
    issues = issues_on(about) if isinstance(about, Topic) else Issue.objects.published().of(about)
    editions = Edition.objects.public().filter(issue__in=list(issues[:_ENTRIES])).order_by("issue_id", "-number")
    entries = sorted(
        map(partial(_entry, whole=whole), editions.distinct("issue_id").select_related("issue")),
        key=lambda entry: entry.published,
        reverse=True,
    )
    return FeedDocument(
        title=f"{settings.SITE_NAME}: {about.name}" if about else settings.SITE_NAME,
        subtitle=_described(about) or gettext("The papers worth your time, week by week."),
        url=absolute_url(about.get_absolute_url() if about else "/"),
        own_url=absolute_url(path),
        entries=entries,
        updated=max((entry.updated for entry in entries), default=_BEGINNING),
    )


def _described(about: Series | Topic | None) -> str:
    """One line; that of a topic is Markdown."""
    if isinstance(about, Topic):
        return " ".join(to_text(about.description).split())
    return about.description if about else ""


def _entry(edition: Edition, *, whole: bool) -> FeedEntry:
    document = edition.value if whole else edition.value.for_everyone()
    cover = cover_of(document)
    url = absolute_url(edition.issue.get_absolute_url())
    html = render_to_string("issues/feed_entry.html", {"page": to_page(document, link_terms=False), "canonical": url})
    return FeedEntry(
        title=document.title,
        url=url,
        html=absolute_addresses(html, settings.SITE_URL, url).strip(),
        summary=describe_document(document),
        authors=document.authors or (settings.SITE_NAME,),
        published=edition.issue.published_at or edition.created,
        updated=edition.created,
        series=document.series_name,
        image=cover.url if cover else "",
    )
