"""A paper as the page shows it. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from django.urls import reverse

from issues.document.values import PaperLinkValue, PaperRef
from issues.rendering.formats.citations import day_of
from issues.rendering.page.context import ShownLink, ShownPaper
from issues.rendering.page.typesetter import Typesetter


def show_paper(paper: PaperRef, typesetter: Typesetter) -> ShownPaper:
    return ShownPaper(
        title=typesetter.title(paper.title),
        anchor=typesetter.anchor(paper.key),
        url=paper_url(paper),
        arxiv_id=paper.arxiv_id,
        byline=short_byline(paper.authors),
        category=paper.primary_category,
        submitted=day_of(paper.submitted),
        links=tuple(_link(link, paper) for link in paper.links),
    )


def paper_url(paper: PaperRef) -> str:
    return reverse("papers:paper", args=[paper.key]) if paper.key else ""


def short_byline(authors: Iterable[str]) -> str:
    """`A`, `A and B`, or `A et al.`"""
    names = list(authors)
    return f"{names[0]} et al." if len(names) > 2 else " and ".join(names)


def _link(link: PaperLinkValue, paper: PaperRef) -> ShownLink:
    return ShownLink(kind=link.kind, url=link.url, label=f"{link.kind}: {paper.title}")
