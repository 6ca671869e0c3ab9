"""The front page: the latest issue presented, earlier ones below."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString

from issues.listing import Listed, listed
from issues.models import Edition, Issue
from issues.rendering.page import to_page
from issues.rendering.shown import Page, ShownTeasers, ShownText

EARLIER = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """The newest issue with its opening words and the list of its papers."""

    page: Page
    url: str
    published_at: datetime
    opening: SafeString | None
    teasers: tuple[SafeString, ...]


def latest_issue() -> Latest | None:
    """None before anything is published; two queries."""
    issue = Issue.objects.published().first()
    edition = issue.public_edition if issue else None
    return _latest(issue, edition) if issue and edition else None


def earlier_issues() -> list[Listed]:
    return listed(Issue.objects.published()[1 : EARLIER + 1])


def _latest(issue: Issue, edition: Edition) -> Latest:
    page = to_page(edition.value.for_everyone(), link_terms=False)
    texts = (block.html for block in page.blocks[:1] if isinstance(block, ShownText))
    teasers = (block.items for block in page.blocks if isinstance(block, ShownTeasers))
    return Latest(
        page=page,
        url=issue.get_absolute_url(),
        published_at=issue.published_at or edition.created,
        opening=next(texts, None),
        teasers=next(teasers, ()),
    )
