"""The mail of an issue as one message to nobody in particular."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.conf import settings

from issues.document.values import Document
from issues.rendering.mail.layout import load_letterhead
from issues.rendering.mail.mime import MailSending, PersonalParts, personalise, to_message
from issues.rendering.mail.render import to_mail
from issues.storage.images import size_of

SAMPLE_READER: Final = PersonalParts("sample-token-sample-token-sample", "reader@example.org", "<sample@example.org>")


def sample_message(document: Document, date: datetime, reader: PersonalParts = SAMPLE_READER) -> bytes:
    """What a subscriber who is no supporter gets, headers and all. Raises BadMessage, and NotPersonal of a reader."""
    shown = document.for_everyone()
    parts = to_mail(shown, load_letterhead(), published_at=date, is_withheld=shown != document, size_of=size_of)
    return personalise(to_message(parts, load_letterhead(), sample_sending(date)), reader)


def sample_sending(date: datetime) -> MailSending:
    """How it would be sent on that day."""
    return MailSending(settings.DEFAULT_FROM_EMAIL, date, settings.REPLY_TO, "sample:full:0:llmwatch")
