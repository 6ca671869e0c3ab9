"""The front page: the latest issue presented, earlier ones below."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.text.markdown import to_text
from issues.coverage.published import ListedIssue, list_published
from issues.document.values import Document, TextBlock
from issues.models import Edition, Issue
from issues.rendering.page.context import PageContext
from issues.rendering.page.render import to_page

_EARLIER = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class _Latest:
    """The newest issue with its opening words, in plain text, and the list of its papers."""

    page: PageContext
    url: str
    published_at: datetime
    opening: str


def latest_issue() -> _Latest | None:
    """None before anything is published; two queries."""
    issue = Issue.objects.published().first()
    edition = issue.public_edition if issue else None
    return _latest(issue, edition) if issue and edition else None


def earlier_issues() -> list[ListedIssue]:
    return list_published(Issue.objects.published()[1 : _EARLIER + 1])


def _latest(issue: Issue, edition: Edition) -> _Latest:
    document = edition.value.for_everyone()
    return _Latest(
        page=to_page(document, link_terms=False),
        url=issue.get_absolute_url(),
        published_at=issue.published_at or edition.created,
        opening=_opening(document),
    )


def _opening(document: Document) -> str:
    """The first paragraph, where the issue begins with a text: its links and notes lead nowhere from another page."""
    texts = (to_text(block.text) for block in document.blocks[:1] if isinstance(block, TextBlock))
    return next(texts, "").partition("\n\n")[0]
