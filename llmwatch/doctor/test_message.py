"""One test message over the road that issues take, to one address that a person names; where it can, its arrival too.

It leaves also from a database that is not armed: arming is there so that no copy writes to subscribers, and this is how
one sees that all is well before.
"""

from __future__ import annotations

import dataclasses
import imaplib
import secrets
from collections.abc import Iterator
from datetime import timedelta
from email.parser import BytesHeaderParser
from typing import Final

from django.conf import settings
from django.db import Error as DatabaseError

from core.clock import REAL_CLOCK, Clock
from core.command_reports import Refused
from core.concurrency import rate_limits
from core.mail.servers import Mailbox
from core.mail.smtp import Connection, SmtpAnswer, Verdict
from issues.document.values import Document, TextBlock
from issues.models import Issue
from issues.rendering.mail.mime import BadMessage, NotPersonal
from issues.rendering.mail.sample import SAMPLE_READER, sample_message
from llmwatch.doctor import smtp_check
from llmwatch.doctor.dns import checks
from llmwatch.doctor.finding import Finding, error, ok, on_one_line, warning
from llmwatch.doctor.received.message import MAX_BYTES
from llmwatch.doctor.received.message import check_message as examine_received
from mailings.bounces import mailbox
from subscribers.addresses import BadAddress, address_hash, in_ascii, normalise_address
from subscribers.models import Suppression

MAX_WAIT: Final = 10.0  # seconds for our turn, and for one answer
ON_ITS_WAY: Final = timedelta(minutes=1)
_EVERY: Final = 5.0  # seconds between two looks into the mailbox
_TEXT: Final = (
    "This is a **test message**: nothing was published. It has the headers and the form of an issue, so that you see "
    "whether issues arrive. Save its source and hand it to `manage.py doctor --message FILE`."
)


def send_test_message(address: str, clock: Clock = REAL_CLOCK) -> Iterator[Finding]:
    """Sends, and waits where the address is that of our own mailbox. Raises Refused where nothing can be sent."""
    number = f"<doctor.{secrets.token_hex(8)}@{checks.domain_of(settings.DEFAULT_FROM_EMAIL)}>"
    try:
        recipient = _recipient(address)
        message = compose_test_message(recipient, number, clock)
        turn = rate_limits.reserve_start("mail", 0, quota=settings.MAIL_QUOTA, patience=MAX_WAIT, clock=clock)
    except DatabaseError as fault:
        raise Refused(f"The database is needed for it: {str(fault).strip().partition(chr(10))[0]}.") from None
    if turn is None:
        raise Refused("What the mail server takes in a time (MAIL_QUOTA) is used up; try later.")
    with Connection(settings.MAIL_SERVER, settings.SITE_HOST, MAX_WAIT) as relay:
        answer = relay.send(smtp_check.return_path(), recipient, message)
    yield judge_sending(recipient, number, answer)
    if answer.verdict is Verdict.ACCEPTED and _is_ours(recipient):
        yield from _arriving(settings.BOUNCE_MAILBOX, number, clock)


def compose_test_message(recipient: str, number: str, clock: Clock) -> bytes:
    """The latest issue as who is no supporter gets it, else a few words; marked as a test. Raises Refused."""
    document = _latest() or Document(title="LLM Watch", slug="test", blocks=(TextBlock(uuid="test", text=_TEXT),))
    marked = dataclasses.replace(document, mail_subject=f"[Test] {document.mail_subject or document.title}")
    reader = dataclasses.replace(SAMPLE_READER, address=recipient, message_id=number)
    try:
        return sample_message(marked, clock.now(), reader)
    except (BadMessage, NotPersonal) as fault:
        raise Refused(f"No message can be made: {fault}") from None


def judge_sending(recipient: str, number: str, answer: SmtpAnswer) -> Finding:
    said = on_one_line(str(answer), 200).rstrip(".")
    if answer.verdict is Verdict.ACCEPTED:
        mend = "save its source there for doctor --message"
        return ok("selftest", f"The mail server took the message {number} to {recipient} ({said}); {mend}.")
    mend = "See what doctor says of mail.server, mail.login and mail.sender."
    return error("selftest", f"The mail server did not take the message to {recipient}: {said}.", mend)


def _recipient(address: str) -> str:
    if not settings.MAIL_SERVER.host:
        raise Refused("No mail server is set; set EMAIL_URL.")
    try:
        written = normalise_address(address)
    except BadAddress as fault:
        raise Refused(str(fault)) from None
    if Suppression.objects.filter(address_hash=address_hash(written)).exists():
        raise Refused("This address bounced or complained and gets nothing any more; name another.")
    recipient = in_ascii(written)
    if recipient is None:
        raise Refused("Mail servers do not take an address like this one; name another.")
    return recipient


def _latest() -> Document | None:
    issue = Issue.objects.published().first()
    edition = issue.public_edition if issue else None
    return edition.value if edition else None


def _is_ours(recipient: str) -> bool:
    return bool(settings.BOUNCE_MAILBOX.host) and recipient.lower() == settings.BOUNCE_ADDRESS


def _arriving(box: Mailbox, number: str, clock: Clock) -> Iterator[Finding]:
    """What is seen of it within a minute."""
    until = clock.now() + ON_ITS_WAY
    try:
        while (raw := _taken(box, number)) is None and clock.now() < until:
            clock.sleep(_EVERY)
    except (OSError, imaplib.IMAP4.error) as fault:
        said = on_one_line(str(fault), 200).rstrip(".") or type(fault).__name__
        yield error("selftest.arrival", f"The mailbox cannot be read: {said}.", "Check BOUNCE_IMAP_URL.")
        return
    if raw is None:
        mend = "Look into the mail server's log and queue, and whether another program empties the mailbox."
        yield warning("selftest.arrival", "The message did not arrive within a minute.", mend)
        return
    yield ok("selftest.arrival", "The message arrived.")
    yield from examine_received(raw)


def _taken(box: Mailbox, number: str) -> bytes | None:
    """The message, which is then deleted there; None where it is not there yet. Raises OSError and IMAP4.error."""
    with mailbox.open_mailbox(box, MAX_WAIT) as imap:
        imap.login(box.user, box.password)
        mailbox.parse_answer(imap.select(f'"{box.folder}"'))
        found = mailbox.parse_answer(imap.uid("SEARCH", "HEADER", "Message-ID", f'"{number}"'))
        for uid in b" ".join(found).decode("ascii", "replace").split()[-10:]:
            parts = mailbox.parse_answer(imap.uid("FETCH", uid, f"(BODY.PEEK[]<0.{MAX_BYTES + 1}>)"))
            raw = next((bytes(part[1]) for part in parts if len(part) == 2), b"")
            if str(BytesHeaderParser().parsebytes(raw)["Message-ID"]).strip() == number:
                mailbox.parse_answer(imap.uid("STORE", uid, "+FLAGS.SILENT", r"(\Seen \Deleted)"))
                mailbox.parse_answer(imap.expunge())
                return raw
    return None
