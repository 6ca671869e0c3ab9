"""Search as readers have it: the issues, the papers they covered and the terms they explain, and nothing else."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.conf import settings
from django.contrib.postgres.search import SearchRank, SearchVector
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.concurrency.statement_timeout import TooSlow, limit_statements
from core.text.markdown import render_inline
from core.web.public_page import public_page
from issues.coverage.appearances import covered_papers, open_terms
from papers.models import Paper
from papers.models.paper import PaperQuerySet
from papers.search.conditions import MatchFilter
from papers.search.query import MAX_LENGTH, SearchQuery, parse_query
from papers.search.search import WORDS_CONFIG, SearchHit, as_tsquery, search_papers, suggest_spelling
from reading.issue_search import FoundIssue, find_issues
from reading.views.authors import CoveredPaper, with_issues
from reading.views.glossary import TermDefinition

log = logging.getLogger(__name__)

MOST_TERMS: Final = 5


@dataclass(frozen=True, slots=True)
class FoundPaper:
    line: CoveredPaper
    snippet: SafeString


@dataclass(frozen=True, slots=True)
class _Found:
    """What answers a question; `after` leads to more papers, `suggestion` is a question that finds something."""

    issues: list[FoundIssue]
    papers: list[FoundPaper]
    terms: list[TermDefinition]
    after: str = ""
    suggestion: str = ""
    took_too_long: bool = False


@require_safe
@never_cache
def search(request: HttpRequest) -> HttpResponse:
    """Made each time and kept by nobody: what people look for is nobody else's business."""
    query, after = parse_query(request.GET.get("q", "")), request.GET.get("after", "")
    found = None if query.is_empty else answered(query, after)
    context = {"query": query, "longest": MAX_LENGTH, "found": found, "goes_on": bool(after), "section": "search"}
    return render(request, "reading/search.html", context)


@public_page
def description(request: HttpRequest) -> HttpResponse:
    """OpenSearch: what a browser reads to search here from its address bar."""
    return render(
        request, "reading/opensearch.xml", content_type="application/opensearchdescription+xml; charset=utf-8"
    )


def answered(query: SearchQuery, after: str = "") -> _Found:
    """Nothing is found where the database thinks too long about it."""
    try:
        with limit_statements(settings.SEARCH_TIMEOUT):
            return look_for(query, after)
    except TooSlow:
        log.warning("search.too_slow words=%d categories=%d", len(query.terms), len(query.categories))
        return _Found([], [], [], took_too_long=True)


def look_for(query: SearchQuery, after: str = "") -> _Found:
    """Issues and terms on the first page, papers on all; a constant number of queries."""
    among = papers_for(query)
    page = search_papers(query, among, after=after, once_called=True)
    issues, terms = ([], []) if after else (find_issues(query), find_terms(query))
    nothing = not (page.hits or issues or terms or after)
    return _Found(issues, _papers(page.hits), terms, page.after, suggest_spelling(query, among) if nothing else "")


def papers_for(query: SearchQuery) -> PaperQuerySet:
    """Papers that an issue has covered; one that is named outright is found wherever it came from."""
    return Paper.objects.all() if query.keys else Paper.objects.at_any(covered_papers())


def find_terms(query: SearchQuery) -> list[TermDefinition]:
    """Those of the terms that everybody may know, the best first; they are few, so they need no index."""
    if query.names_a_paper or query.years or not query.wanted:
        return []
    named: Any = SearchVector("name", "qualifier", "aliases", weight="A", config=WORDS_CONFIG)
    words = named + SearchVector("definition", weight="C", config=WORDS_CONFIG)
    matching = open_terms().annotate(words=words).filter(MatchFilter(F("words"), as_tsquery(query)))
    ranked = matching.annotate(rank=SearchRank(F("words"), as_tsquery(query))).order_by("-rank", "name")
    return [TermDefinition(term, render_inline(term.definition).html) for term in ranked[:MOST_TERMS]]


def _papers(hits: Iterable[SearchHit]) -> list[FoundPaper]:
    found = list(hits)
    lines = with_issues([hit.paper for hit in found])
    return [FoundPaper(line, hit.snippet) for line, hit in zip(lines, found, strict=True)]
