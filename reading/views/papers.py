"""Papers as readers see them: what a paper is, and the issues that covered it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import SafeString

from core.site import absolute_page_url, absolute_url
from core.text.markdown import linked_data, render_abstract, render_title
from core.web.public_page import public_page
from issues.coverage.appearances import covered_papers, issues_with_paper, open_topics
from issues.coverage.follow_ups import split_events
from issues.coverage.published import list_published
from issues.models import Topic
from issues.rendering.formats.citations import citation_of
from issues.rendering.page.linked_data import scholarly_article
from issues.rendering.page.papers import short_byline
from issues.storage.papers import paper_reference
from papers import identifiers
from papers.citations import to_bibtex
from papers.models import Paper
from reading.views.authors import named

A_PAGE = 50
AUTHORS_SHOWN = 12  # the others are folded away


@dataclass(frozen=True, slots=True)
class PaperLine:
    """A paper in a list."""

    paper: Paper
    title: SafeString
    byline: str


def lines_of(papers: Iterable[Paper]) -> list[PaperLine]:
    return [PaperLine(one, render_title(one.title).html, short_byline(one.authors)) for one in papers]


@public_page
def paper_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(Paper.objects.at_any(covered_papers()).newest_first(), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": lines_of(page.object_list),
        "topics": list(open_topics()),
        "section": "papers",
        "canonical": absolute_page_url(request.path, page.number),
    }
    return render(request, "papers/papers.html", context)


@public_page
def paper(request: HttpRequest, key: str) -> HttpResponse:
    found = Paper.objects.at(key).with_links().prefetch_related("versions", "events").first()
    if found is None:
        return _elsewhere(key)
    authors = named(found.authors)
    issues = list_published(issues_with_paper(found.key))
    earlier, since = split_events(found.events.all(), (issue.published_at for issue in issues))
    context = {
        "paper": found,
        "title": render_title(found.title).html,
        "abstract": render_abstract(found.abstract).html,
        "authors": authors[:AUTHORS_SHOWN],
        "other_authors": authors[AUTHORS_SHOWN:],
        "issues": issues,
        "earlier": earlier,
        "since": since,
        "topics": list(Topic.objects.of_any(Paper.objects.filter(pk=found.pk))),
        "section": "papers",
        "canonical": absolute_url(found.get_absolute_url()),
        "linked_data": linked_data(_described(found)),
    }
    return render(request, "papers/paper.html", context)


@public_page
def citation(request: HttpRequest, key: str) -> HttpResponse:
    found = get_object_or_404(Paper.objects.at(key).with_links())
    return HttpResponse(
        to_bibtex([citation_of(paper_reference(found))]), content_type="application/x-bibtex; charset=utf-8"
    )


def _described(paper: Paper) -> dict[str, Any]:
    return {"@context": "https://schema.org", **scholarly_article(paper_reference(paper)), "abstract": paper.abstract}


def _elsewhere(key: str) -> HttpResponse:
    """Versioned and decorated forms of an arXiv id lead to the one address of the paper."""
    try:
        known = identifiers.parse_arxiv_id(key).archive_id
    except identifiers.BadIdentifier:
        raise Http404 from None
    if known == key:
        raise Http404
    return redirect(get_object_or_404(Paper.objects.at(known)), permanent=True)
