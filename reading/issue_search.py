"""Published issues found by their words, as far as every reader may know them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.search import SearchRank
from django.db.models import F
from django.utils.safestring import SafeString

from core.text.markdown import mark_hits
from issues.coverage.published import ListedIssue, listed_by_issue
from issues.models import Edition, Issue
from papers.search.conditions import MatchFilter
from papers.search.query import SearchQuery
from papers.search.search import as_tsquery, snippet_of

MAX_ISSUES: Final = 10


@dataclass(frozen=True, slots=True)
class FoundIssue:
    """An issue, and the words of it that say why it was found."""

    issue: ListedIssue
    snippet: SafeString


def find_issues(query: SearchQuery) -> list[FoundIssue]:
    """Those that fit best, in two queries; none where the question is about what only papers have."""
    if query.names_a_paper or not query.wanted:
        return []
    found = _matching(query).annotate(
        rank=SearchRank(F("search"), as_tsquery(query)), snippet=snippet_of("words", query)
    )
    best = found.order_by("-rank", "-issue__published_at", "-pk").values_list("issue_id", "snippet")
    snippets = dict(best[:MAX_ISSUES])
    shown = listed_by_issue(Issue.objects.filter(pk__in=snippets))
    return [FoundIssue(shown[key], mark_hits(snippet)) for key, snippet in snippets.items() if key in shown]


def _matching(query: SearchQuery) -> Any:
    newest = Edition.objects.public().filter(issue__state=Issue.State.PUBLISHED).order_by("issue_id", "-number")
    editions = Edition.objects.filter(pk__in=newest.distinct("issue_id").values("pk"))
    found = editions.filter(MatchFilter(F("search"), as_tsquery(query)))
    return found.filter(issue__published_at__year__range=query.years) if query.years else found
