"""Authors as readers see them: the covered papers under a name, and the issues that covered these."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString

from core.site import absolute_page_url
from core.text.markdown import render_title
from core.web.public_page import public_page
from issues.coverage.appearances import covered_papers, issues_by_paper
from issues.coverage.published import ListedIssue, listed_by_issue
from issues.models import Issue
from issues.rendering.page.papers import short_byline
from papers.author_keys import author_key, author_keys
from papers.models import Paper
from papers.models.paper import PaperQuerySet

A_PAGE = 50


@dataclass(frozen=True, slots=True)
class _Author:
    """A name as printed, with the address of its page where it has one."""

    name: str
    url: str


@dataclass(frozen=True, slots=True)
class CoveredPaper:
    """A paper with the issues that it stands in, the newest first."""

    paper: Paper
    title: SafeString
    byline: str
    issues: tuple[ListedIssue, ...]


@public_page
def author(request: HttpRequest, slug: str) -> HttpResponse:
    if author_key(slug) != slug:
        raise Http404
    page = Paginator(_covered().by_author(slug).newest_first(), A_PAGE).get_page(request.GET.get("page"))
    papers = list(page.object_list)
    names = printed_names(slug, papers)
    if not names:
        raise Http404
    context = {
        "name": names[0],
        "other_spellings": names[1:],
        "page": page,
        "lines": with_issues(papers),
        "section": "papers",
        "canonical": absolute_page_url(author_url(slug), page.number),
    }
    return render(request, "papers/author.html", context)


def author_url(key: str) -> str:
    return reverse("reading:author", args=[key])


def named(names: Iterable[str]) -> list[_Author]:
    """The authors of a paper, in their order; those of covered papers have a page. A constant number of queries."""
    printed = list(names)
    wanted = set(author_keys(printed))
    rows = _covered().by_any_author(wanted).values_list("author_keys", flat=True)
    known = {key for keys in rows for key in keys}
    return [_Author(name, author_url(key) if (key := author_key(name)) in known else "") for name in printed]


def printed_names(key: str, papers: Iterable[Paper]) -> list[str]:
    """The spellings of this name in the papers, each once."""
    found = (name for paper in papers for name in paper.authors if author_key(name) == key)
    return list(dict.fromkeys(found))


def with_issues(papers: Sequence[Paper]) -> list[CoveredPaper]:
    """A constant number of queries."""
    shown = issues_by_paper(paper.key for paper in papers)
    issues = listed_by_issue(Issue.objects.filter(pk__in={pk for pks in shown.values() for pk in pks}))
    return [
        CoveredPaper(
            paper=paper,
            title=render_title(paper.title).html,
            byline=short_byline(paper.authors),
            issues=tuple(issues[pk] for pk in shown[paper.key] if pk in issues),
        )
        for paper in papers
    ]


def _covered() -> PaperQuerySet:
    return Paper.objects.at_any(covered_papers())
