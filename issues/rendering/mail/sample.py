"""The mail of an issue as one message to nobody in particular: for `export_issue`, and to find its faults."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.conf import settings

from core.command_reports import Problem
from issues.document.values import Document
from issues.rendering.mail.layout import load_letterhead
from issues.rendering.mail.mime import BadMessage, MailSending, PersonalParts, personalise, to_message
from issues.rendering.mail.render import check_mail, to_mail
from issues.storage.images import size_of

SAMPLE_READER: Final = PersonalParts("sample-token-sample-token-sample", "reader@example.org", "<sample@example.org>")


def sample_message(document: Document, date: datetime, reader: PersonalParts = SAMPLE_READER) -> bytes:
    """What a subscriber who is no supporter gets, headers and all. Raises BadMessage, and NotPersonal of a reader."""
    shown = document.for_everyone()
    parts = to_mail(shown, load_letterhead(), published_at=date, is_withheld=shown != document, size_of=size_of)
    return personalise(to_message(parts, load_letterhead(), _sending(date)), reader)


def faults_of(document: Document, date: datetime) -> tuple[Problem, ...]:
    """What is to be mended before this is mailed, in its longest version."""
    parts = to_mail(document, load_letterhead(), published_at=date, size_of=size_of)
    try:
        to_message(parts, load_letterhead(), _sending(date))
    except BadMessage as error:
        return (*check_mail(parts), Problem("message", str(error)))
    return check_mail(parts)


def _sending(date: datetime) -> MailSending:
    return MailSending(settings.DEFAULT_FROM_EMAIL, date, settings.REPLY_TO, "sample:full:0:llmwatch")
