"""What came back to a mailbox: read over IMAP, and deleted there only after it was stored here."""

from __future__ import annotations

import imaplib
import logging
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.utils.translation import gettext as _

from core.alarms import lower_alarm, raise_alarm
from core.concurrency.advisory_locks import alone_at
from core.mail.servers import Mailbox
from core.models import LastRun
from mailings.bounces import process
from mailings.bounces.parser import MAX_BYTES, NotAReport
from subscribers.models import SendingPermit

log = logging.getLogger(__name__)

READ_INTERVAL: Final = timedelta(minutes=5)
AT_ONCE: Final = 200  # mails that one look takes
IMAP_TIMEOUT: Final = 30.0  # seconds for one answer
_TRACE: Final = "mailbox"
_ALARM: Final = "mail.mailbox"


def is_due(now: datetime) -> bool:
    """A copy of the database leaves the mailbox to the one that sends."""
    looked = LastRun.objects.filter(name=_TRACE, at__gt=now - READ_INTERVAL)
    return bool(settings.BOUNCE_MAILBOX.host) and not looked.exists() and SendingPermit.objects.is_armed()


def read_bounce_mailbox(now: datetime) -> int:
    """Takes what came back, and raises an alarm where the mailbox cannot be read; how many mails it took.

    Of two at once the second does nothing.
    """
    with alone_at("mailbox") as alone:
        if not alone or not is_due(now):
            return 0
        LastRun.objects.leave(_TRACE, now)
        try:
            count = _empty(settings.BOUNCE_MAILBOX, now)
        except (OSError, imaplib.IMAP4.error) as error:
            said = _("The mailbox for what comes back cannot be read: %s. Check BOUNCE_IMAP_URL.")
            raise_alarm(_ALARM, said % (str(error)[:200].rstrip(".") or type(error).__name__), now=now)
            return 0
        lower_alarm(_ALARM, now=now)
        return count


def _empty(mailbox: Mailbox, now: datetime) -> int:
    with open_mailbox(mailbox) as imap:
        imap.login(mailbox.user, mailbox.password)
        parse_answer(imap.select(f'"{mailbox.folder}"'))
        new = b" ".join(part for part in parse_answer(imap.uid("SEARCH", "UNSEEN UNDELETED")) if part).split()
        for uid in new[:AT_ONCE]:
            _take(imap, uid.decode("ascii"), now)
        parse_answer(imap.expunge())
    log.info("mailbox.read mails=%d", len(new[:AT_ONCE]))
    return len(new[:AT_ONCE])


def _take(imap: imaplib.IMAP4, uid: str, now: datetime) -> None:
    """What is no report stays, marked as read."""
    found = [
        part[1] for part in parse_answer(imap.uid("FETCH", uid, f"(BODY.PEEK[]<0.{MAX_BYTES}>)")) if len(part) == 2
    ]
    try:
        for raw in found:
            process.receive_mail(raw, now)
        flags = r"(\Seen \Deleted)"
    except NotAReport as other:
        log.info("mailbox.other uid=%s what=%s", uid, other)
        flags = r"(\Seen)"
    parse_answer(imap.uid("STORE", uid, "+FLAGS.SILENT", flags))


@contextmanager
def open_mailbox(mailbox: Mailbox, timeout: float = IMAP_TIMEOUT) -> Iterator[imaplib.IMAP4]:
    """The connection, before anybody has logged in. Raises OSError and IMAP4.error."""
    imap = _connect(mailbox, timeout)
    try:
        yield imap
    finally:
        # imaplib's own way leaves the socket open where the other end is gone.
        with suppress(OSError, imaplib.IMAP4.error):
            imap.logout()
        with suppress(OSError):
            imap.shutdown()


def _connect(mailbox: Mailbox, timeout: float) -> imaplib.IMAP4:
    if not mailbox.tls:
        return imaplib.IMAP4(mailbox.host, mailbox.port, timeout=timeout)
    # Without a context of ours, imaplib would believe any certificate.
    context = ssl.create_default_context()
    return imaplib.IMAP4_SSL(mailbox.host, mailbox.port, ssl_context=context, timeout=timeout)


def parse_answer(answer: tuple[str, list[Any]]) -> list[Any]:
    """What came before the end of the answer. Raises IMAP4.error where the server refused."""
    kind, data = answer
    if kind != "OK":
        why = b" ".join(part for part in data if isinstance(part, bytes))
        raise imaplib.IMAP4.error(why.decode("ascii", "replace"))
    return [part for part in data if part is not None]
