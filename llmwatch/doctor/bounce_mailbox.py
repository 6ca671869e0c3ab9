"""Does what comes back reach us: by the mailbox of BOUNCE_IMAP_URL, or by a pipe? Nothing is taken there."""

from __future__ import annotations

import imaplib
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.conf import settings

from core.clock import Clock
from core.mail.servers import Mailbox
from llmwatch.doctor.finding import Finding, error, ok, on_one_line, warning
from mailings.bounces.mailbox import open_mailbox, parse_answer
from mailings.models import Delivery, MailEvent, Mailing

MAX_WAIT: Final = 8.0  # seconds for one answer
_RECENTLY: Final = timedelta(days=30)
ENOUGH_SENT: Final = 200  # messages of which one comes back nearly always
_MANY: Final = 1_000  # unread mails; a look takes two hundred
_CHECK: Final = "Check BOUNCE_IMAP_URL: host, user, password, folder."


def check_mailbox(clock: Clock) -> Iterator[Finding]:
    box: Mailbox = settings.BOUNCE_MAILBOX
    if not box.host:
        return
    try:
        yield judge_mailbox(box, *_counted(box))
    except (OSError, imaplib.IMAP4.error) as fault:
        said = on_one_line(str(fault), 200).rstrip(".") or type(fault).__name__
        yield error("mail.mailbox", f"The mailbox for what comes back cannot be read: {said}.", _CHECK)


def judge_mailbox(box: Mailbox, mails: int, unread: int) -> Finding:
    """How many are there, and how many nobody has looked at."""
    how = "over TLS" if box.tls else "on this machine"
    said = f"{box.folder} at {box.host} is read {how}; {mails} mails are there, {unread} unread."
    if unread > _MANY:
        return warning(
            "mail.mailbox", said, "See that the worker runs and that this database is armed (manage.py arm)."
        )
    return ok("mail.mailbox", said)


def _counted(box: Mailbox) -> tuple[int, int]:
    """All and unread mails. Raises OSError and IMAP4.error."""
    with open_mailbox(box, MAX_WAIT) as imap:
        imap.login(box.user, box.password)
        total = parse_answer(imap.select(f'"{box.folder}"', readonly=True))
        unread = parse_answer(imap.uid("SEARCH", "UNSEEN UNDELETED"))
    return _number(total), len(b" ".join(part for part in unread if isinstance(part, bytes)).split())


def _number(data: list[object]) -> int:
    found = re.fullmatch(rb"[0-9]{1,9}", data[0]) if data and isinstance(data[0], bytes) else None
    return int(found.group()) if found else 0


def check_bounces(clock: Clock) -> Iterator[Finding]:
    """Of many messages some come back; where none does, nobody listens."""
    since = clock.now() - _RECENTLY
    lately = Mailing.objects.filter(prepared_at__gt=since)
    sent = Delivery.objects.filter(mailing__in=lately, state=Delivery.State.SENT)[:ENOUGH_SENT].count()
    yield judge_silence(sent, is_heard=MailEvent.objects.filter(received__gt=since).exists())


def judge_silence(sent: int, *, is_heard: bool) -> Finding:
    """`sent` is counted up to ENOUGH."""
    if is_heard:
        return ok("mail.bounces", "Something came back within a month and was taken.")
    if sent < ENOUGH_SENT:
        return ok("mail.bounces", "Nothing came back within a month, of few messages.")
    said = f"Of {sent} messages or more within a month nothing came back, as far as this site was told."
    return warning("mail.bounces", said, "Mail to an address that does not exist and see where the report goes.")
