"""What an issue is, said in schema.org's words for search engines. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from core.site import absolute_url
from issues.document.values import Document, PaperRef, PaywallBlock
from issues.rendering.formats.citations import abstract_url
from issues.rendering.page.cover import cover_of
from papers.normalize import is_collective


def describe_article(
    document: Document, url: str, published: datetime | None, updated: datetime | None
) -> dict[str, Any]:
    """The issue as an article that mentions its papers; give it what the reader may see."""
    cover = cover_of(document)
    dates = {"datePublished": published, "dateModified": updated}
    return {
        "@context": "https://schema.org",
        "@type": "Article",
        "@id": url,
        "url": url,
        "mainEntityOfPage": url,
        "headline": document.title,
        "inLanguage": "en",
        "isAccessibleForFree": document.access == "everyone" and not _has_paywall(document),
        **({"alternativeHeadline": document.subtitle} if document.subtitle else {}),
        **{name: day.isoformat() for name, day in dates.items() if day},
        **({"image": cover.url} if cover else {}),
        "author": [{"@type": "Person", "name": name} for name in document.authors if name != settings.SITE_NAME]
        or [{"@type": "Organization", "name": settings.SITE_NAME, "url": absolute_url("/")}],
        "publisher": {"@type": "Organization", "name": settings.SITE_NAME, "url": absolute_url("/")},
        "isPartOf": {
            "@type": "Periodical",
            "name": document.series_name or settings.SITE_NAME,
            "url": absolute_url("/"),
        },
        "mentions": [scholarly_article(paper) for paper in document.papers()],
    }


def scholarly_article(paper: PaperRef) -> dict[str, Any]:
    """A paper; `sameAs` is its page on arXiv."""
    arxiv = abstract_url(paper)
    return {
        "@type": "ScholarlyArticle",
        "name": paper.title,
        **({"url": absolute_url(reverse("papers:paper", args=[paper.key]))} if paper.key else {}),
        **({"sameAs": arxiv, "identifier": f"arXiv:{paper.arxiv_id}"} if arxiv else {}),
        **({"author": [_author(name) for name in paper.authors]} if paper.authors else {}),
        **({"datePublished": paper.submitted} if paper.submitted else {}),
    }


def _author(name: str) -> dict[str, str]:
    return {"@type": "Organization" if is_collective(name) else "Person", "name": name}


def _has_paywall(document: Document) -> bool:
    return any(isinstance(block, PaywallBlock) for block in document.blocks)
