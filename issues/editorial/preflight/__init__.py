"""What is to be mended before an issue is mailed: said on the publish page and by the commands, and stopping nobody."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from issues import storage
from issues.document.values import (
    BlockKind,
    Document,
    GlossaryBlock,
    HighlightBlock,
    PollValue,
    TeasersBlock,
    TextBlock,
    ThemesBlock,
)
from issues.models import Issue, Poll
from issues.rendering.mail.sample import faults_of


def before_mailing(issue: Issue, hindrance: str) -> list[str]:
    """Sentences about what lets no mail leave (given, or empty) and about the words that would go out."""
    edition = issue.public_edition
    document = edition.value if edition else storage.load_document(issue)
    found = [fault.what for fault in faults_of(document, issue.published_at or timezone.now())]
    return [sentence for sentence in (hindrance, *found, *_closed_polls(document)) if sentence]


def _closed_polls(document: Document) -> list[str]:
    asked = [block.poll for block in document.blocks if isinstance(block, PollValue)]
    closed = Poll.objects.filter(slug__in=asked, is_open=False).order_by("slug")
    return [_("The poll “%s” is closed: no reader can answer it; open it, or take it out.") % poll for poll in closed]


def find_unwritten(document: Document) -> list[str]:
    """A sentence for each block that an issue begins with and that nobody wrote yet."""
    return [
        _("Block %(place)d (%(kind)s) is still to be written; write it or delete it.") % {"place": place, "kind": kind}
        for place, block in enumerate(document.blocks, start=1)
        if (kind := _empty_kind(block))
    ]


def _empty_kind(block: BlockKind) -> str:
    match block:
        case TextBlock(text="") | TeasersBlock(items=()) | ThemesBlock(items=()) | GlossaryBlock(terms=()):
            return getattr(block, "heading", "") or block.kind
        case HighlightBlock(parts=parts) if not any(part.text for part in parts):
            return block.heading or block.kind
    return ""
