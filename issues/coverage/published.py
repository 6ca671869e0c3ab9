"""Published issues as lists show them: in the words of their public editions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.fields.json import KT
from django.urls import reverse

from issues.models import Edition, Issue


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedIssue:
    title: str
    subtitle: str
    number: int | None
    url: str
    published_at: datetime
    series_name: str
    for_supporters: bool


def list_published(issues: QuerySet[Issue]) -> list[ListedIssue]:
    """Those of the issues that are published, the newest first, in one query."""
    return sorted(listed_by_issue(issues).values(), key=lambda one: one.published_at, reverse=True)


def listed_by_issue(issues: QuerySet[Issue]) -> dict[int, ListedIssue]:
    """The same by their primary keys, in no order."""
    newest = Edition.objects.public().filter(issue__in=issues.values("pk"), issue__state=Issue.State.PUBLISHED)
    rows = newest.order_by("issue_id", "-number").distinct("issue_id").select_related("issue").defer("document")
    words = rows.annotate(
        title=KT("document__title"),
        subtitle=KT("document__subtitle"),
        series_name=KT("document__series_name"),
        access=KT("document__access"),
    )
    return {edition.issue_id: _listed(edition) for edition in words}


def neighbours_of(issue: Issue) -> tuple[ListedIssue | None, ListedIssue | None]:
    """The issue published before this one, and the one after it."""
    at, published = issue.published_at, Issue.objects.published()
    before = published.filter(Q(published_at__lt=at) | Q(published_at=at, pk__lt=issue.pk))
    after = published.filter(Q(published_at__gt=at) | Q(published_at=at, pk__gt=issue.pk))
    return _first(before), _first(after.order_by("published_at", "pk"))


def _first(issues: QuerySet[Issue]) -> ListedIssue | None:
    return next(iter(list_published(issues[:1])), None)


def _listed(edition: Any) -> ListedIssue:
    return ListedIssue(
        title=edition.title,
        subtitle=edition.subtitle,
        number=edition.issue.number,
        url=reverse("issues:issue", args=[edition.issue.slug]),
        published_at=edition.issue.published_at,
        series_name=edition.series_name,
        for_supporters=edition.access == "supporters",
    )
