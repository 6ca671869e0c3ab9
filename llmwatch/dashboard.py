"""The editorial desk: what waits for an editor, in a constant number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from core.models import Alarm
from issues.coverage.follow_ups import PaperNews, to_be_told
from issues.coverage.link_health import DeadLink, dead_links
from issues.coverage.missing_links import MissingLink, load_missing_links
from issues.models import Issue, Series
from papers.models import Correction, Paper

_NEWEST = 10  # of each list


@dataclass(frozen=True, slots=True)
class NextIssue:
    """A series and the address that begins its next issue, its number and access filled in."""

    series: Series
    url: str


@dataclass(frozen=True, slots=True)
class _Desk:
    alarms: Sequence[Alarm]
    drafts: Sequence[Issue]
    scheduled: Sequence[Issue]
    published: Sequence[Issue]
    stubs: Sequence[Paper]
    promises: Sequence[MissingLink]
    dead_links: Sequence[DeadLink]
    since: Sequence[PaperNews]
    in_doubt: int
    overtaken: int
    next_issues: Sequence[NextIssue]


def load_desk() -> _Desk:
    issues = Issue.objects.select_related("series")
    drafts = list(issues.filter(state=Issue.State.DRAFT).order_by("-created", "-pk")[:_NEWEST])
    published = list(issues.published()[:_NEWEST])
    return _Desk(
        alarms=list(Alarm.objects.open()),
        drafts=drafts,
        scheduled=list(issues.filter(state=Issue.State.SCHEDULED).order_by("publish_at")[:_NEWEST]),
        published=published[:5],
        stubs=list(Paper.objects.stubs().order_by("-pk")[:_NEWEST]),
        promises=load_missing_links([*drafts, *published])[:_NEWEST],
        dead_links=dead_links(),
        since=to_be_told(),
        in_doubt=Paper.objects.in_doubt().count(),
        overtaken=Correction.objects.overtaken().count(),
        next_issues=next_issues(),
    )


def next_issues() -> list[NextIssue]:
    """Where the next issue of each series is begun; the series that are numbered share one count."""
    number = Issue.objects.next_number()
    return [NextIssue(series, _address(series, number)) for series in Series.objects.all()]


def _address(series: Series, number: int) -> str:
    filled = {"series": series.pk, "access": series.default_access} | ({"number": number} if series.numbered else {})
    return f"{reverse('admin:issues_issue_add')}?{urlencode(filled)}"
