"""Document → citations of the papers it highlights. Pure."""

from __future__ import annotations

from datetime import date

from issues.document.values import Document, PaperRef
from papers.citations import PaperCitation


def citations_of(document: Document) -> tuple[PaperCitation, ...]:
    """Each paper once, in the order of the issue."""
    return tuple(map(citation_of, document.papers()))


def citation_of(paper: PaperRef) -> PaperCitation:
    return PaperCitation(
        title=paper.title,
        authors=paper.authors,
        arxiv_id=paper.arxiv_id,
        primary_category=paper.primary_category,
        day=day_of(paper.submitted),
        url=abstract_url(paper) or next((link.url for link in paper.links if link.kind == "paper"), ""),
    )


def abstract_url(paper: PaperRef) -> str:
    """Its page on arXiv; empty for a paper from elsewhere."""
    return f"https://arxiv.org/abs/{paper.arxiv_id}" if paper.arxiv_id else ""


def day_of(text: str) -> date | None:
    """None also for what is no day: a file may say anything."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
