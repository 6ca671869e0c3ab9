"""The mail of an issue as one message to nobody in particular: for `export_issue` and for a look before sending."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.conf import settings

from issues.document import Document
from issues.rendering.mail import to_mail
from issues.rendering.mail_message import Personal, Sending, personalise, to_message
from issues.rendering.mail_sheet import letterhead

READER: Final = Personal("sample-token-sample-token-sample", "reader@example.org", "<sample@example.org>")


def sample_message(document: Document, date: datetime) -> bytes:
    """What a subscriber who is no supporter gets, headers and all. Raises BadMessage."""
    shown = document.for_everyone()
    parts = to_mail(shown, letterhead(), published_at=date, is_withheld=shown != document)
    sending = Sending(settings.DEFAULT_FROM_EMAIL, date, settings.REPLY_TO, "sample:full:0:llmwatch")
    return personalise(to_message(parts, letterhead(), sending), READER)
