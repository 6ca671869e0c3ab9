"""Where a poll is asked: in which issue, and whether everybody may see it there or supporters alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from issues.document.values import Document, PollValue
from issues.models import Issue, Poll


@dataclass(frozen=True, slots=True)
class PollPlace:
    issue: Issue
    anchor: str
    is_open: bool  # to every reader


def places_of(poll: Poll) -> Iterator[PollPlace]:
    """Published issues that ask it, the newest first."""
    for issue in Issue.objects.published().filter(pollblock_blocks__poll=poll).distinct():
        edition = issue.public_edition
        document = edition.value if edition else None
        if document and (block := _asked(document, poll)):
            yield PollPlace(issue, block.uuid, _asked(document.for_everyone(), poll) is not None)


def _asked(document: Document, poll: Poll) -> PollValue | None:
    return next((block for block in document.blocks if isinstance(block, PollValue) and block.poll == poll.slug), None)
