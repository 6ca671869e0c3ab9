"""What a mail server refused while we spoke to it: the same event that a report of it would be."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Final

from core.mail.return_paths import account_mail_id
from core.mail.smtp import SmtpAnswer
from mailings.bounces.parser import REPORT_KINDS, MailReport
from mailings.bounces.process import process_event, store_report
from mailings.models import MailEvent
from subscribers.addresses import address_hash
from subscribers.models import AccountMail

SOURCE: Final = "smtp"
_AT_ONCE: Final = 500  # account mails that one look takes


def receive_refusal(message_id: str, answer: SmtpAnswer, now: datetime) -> MailEvent:
    """Stored once for each message, and acted on."""
    event = store_report(_report(message_id, answer), now)
    process_event(event.pk, now)
    return event


def receive_refused_account_mails(now: datetime) -> int:
    """The account mails that were refused since the last look, whoever sent them; how many."""
    refused = AccountMail.objects.refused().filter(events=None).select_related("subscriber").order_by("pk")
    mails = list(refused[:_AT_ONCE])
    for mail in mails:
        message_id = account_mail_id(mail.pk, address_hash(mail.recipient))
        receive_refusal(message_id, SmtpAnswer.parse(mail.reply), now)
    return len(mails)


def _report(message_id: str, answer: SmtpAnswer) -> MailReport:
    return MailReport(
        source=SOURCE,
        event_id=hashlib.sha256(message_id.encode()).hexdigest(),
        kind=REPORT_KINDS[answer.recipient_verdict],
        status=answer.enhanced,
        message_id=message_id,
        is_vouched=True,
        diagnostic=str(answer),
    )
