"""The mail of an issue as one message to nobody in particular."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.conf import settings

from issues.document.values import Document
from issues.rendering.mail.layout import letterhead
from issues.rendering.mail.mime import Personal, Sending, personalise, to_message
from issues.rendering.mail.render import to_mail
from issues.storage.images import size_of

READER: Final = Personal("sample-token-sample-token-sample", "reader@example.org", "<sample@example.org>")


def sample_message(document: Document, date: datetime, reader: Personal = READER) -> bytes:
    """What a subscriber who is no supporter gets, headers and all. Raises BadMessage, and NotPersonal of a reader."""
    shown = document.for_everyone()
    parts = to_mail(shown, letterhead(), published_at=date, is_withheld=shown != document, size_of=size_of)
    return personalise(to_message(parts, letterhead(), sample_sending(date)), reader)


def sample_sending(date: datetime) -> Sending:
    """How it would be sent on that day."""
    return Sending(settings.DEFAULT_FROM_EMAIL, date, settings.REPLY_TO, "sample:full:0:llmwatch")
