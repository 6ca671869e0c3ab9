"""The links that issues rely on: which are worth a check, and which are dead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q

from issues.models import Decision, Highlight, Issue
from papers.models import PaperLink
from papers.models.link import PaperLinkQuerySet

_LATELY: Final = timedelta(weeks=6)  # since it was shortlisted, or its issue published
_IN_HIGHLIGHTS: Final = Highlight.papers.through.objects


@dataclass(frozen=True, slots=True)
class DeadLink:
    """A dead link of a paper, and the newest published issue with that paper."""

    link: PaperLink
    issue: Issue


def links_worth_checking() -> PaperLinkQuerySet:
    """Those of the papers in issues that readers have or will have."""
    shown = _IN_HIGHLIGHTS.exclude(highlight__parent__state=Issue.State.REMOVED)
    return PaperLink.objects.filter(paper__in=shown.values("paper"))


def papers_of_interest(now: datetime) -> set[int]:
    """The primary keys of papers that editors have under their hands, or had lately."""
    young = Q(highlight__parent__published_at__gt=now - _LATELY) | Q(highlight__parent__published_at=None)
    covered = _IN_HIGHLIGHTS.filter(young).exclude(highlight__parent__state=Issue.State.REMOVED)
    shortlisted = Decision.objects.filter(state=Decision.State.SHORTLISTED, at__gt=now - _LATELY).order_by()
    return {*covered.values_list("paper", flat=True), *shortlisted.values_list("paper", flat=True)}


def dead_links() -> list[DeadLink]:
    """Those of the papers in published issues, the longest dead first; in three queries."""
    shown = _IN_HIGHLIGHTS.filter(highlight__parent__state=Issue.State.PUBLISHED)
    dead = list(PaperLink.objects.dead().filter(paper__in=shown.values("paper")).select_related("paper"))
    rows = shown.filter(paper__in={link.paper_id for link in dead}).order_by("highlight__parent__published_at")
    newest = dict(rows.values_list("paper", "highlight__parent"))
    issues = Issue.objects.in_bulk(set(newest.values()))
    return [DeadLink(link, issues[newest[link.paper_id]]) for link in dead]
