"""Reads what mail servers send back: delivery reports (RFC 3464) and complaints (RFC 5965). Pure.

Anybody can send such a mail, and anything can stand in it: what it says is taken as text, cut and cleaned, and whoever
uses it decides what is proven.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from typing import Final, Literal

from core.mail.masking import mask_addresses
from core.mail.verdicts import RecipientVerdict, find_code, judge_recipient

MAX_BYTES: Final = 1_000_000  # bytes that are looked at; the report stands before the message that it quotes
MOST_PARTS: Final = 32  # of a real report there are some five; each level costs time and stack
MOST_RECIPIENTS: Final = 10
MAX_LENGTH_HEADER: Final = 2_000  # letters of a header that are looked at
_RECEIVERS: Final = ("To", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To")
_COMPLAINTS: Final = frozenset({"abuse", "fraud", "opt-out"})  # others say that it is no spam, or judge our DKIM
_ARRIVED: Final = frozenset({"delivered", "relayed", "expanded"})
_NESTING = re.compile(rb"boundary[*0-9]*\s{0,80}=|content-type\s{0,80}:\s{0,80}message/", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\s<>()\[\]\",:;\\@]{1,64}@[^\s<>()\[\]\",:;\\@]{1,253}")

MimePart = Message
ReportKind = Literal["delivered", "delayed", "soft", "hard", "complaint", "left", "refused"]

# What a report says of a recipient for whom the mail server has given up.
REPORT_KINDS: Final[Mapping[RecipientVerdict, ReportKind]] = {
    RecipientVerdict.DEAD: "hard",
    RecipientVerdict.SOFT: "soft",
    RecipientVerdict.WAIT: "soft",
    RecipientVerdict.ABOUT_US: "refused",
}


class NotAReport(ValueError):
    """The mail is something else; the message says what, as far as it can be told."""


@dataclass(frozen=True, slots=True)
class MailReport:
    """What a mail, or a mail service, says of one recipient. All of it is as its sender pleased to write it."""

    source: str  # dsn, arf, mail (the person's own), or the service
    event_id: str  # 64 hex digits, the same when the mail comes again
    kind: ReportKind
    status: str = ""  # RFC 3463, e.g. 5.1.1
    recipient: str = ""
    returned_to: tuple[str, ...] = ()  # addresses to which the mail came back
    message_id: str = ""  # of our message, where it is quoted
    queued_as: str = ""  # what the service calls our message, as it may have said when it took it
    is_vouched: bool = False  # told by a service that proved who it is
    diagnostic: str = ""  # the parts of addresses before the @ are left out
    happened: datetime | None = None


def parse_report(raw: bytes, *, receiver: str = "") -> tuple[MailReport, ...]:
    """One for each recipient that the mail speaks of; `receiver` is whom the mail server handed it to, if it said so.

    Raises NotAReport.
    """
    message = _parsed(raw[:MAX_BYTES])
    parts = _children(message)
    returned_to = find_addresses([receiver, *_all(message, _RECEIVERS)])
    if feedback := _part(parts, "message/feedback-report"):
        return (_complaint(raw, message, feedback, returned_to),)
    if status := _part(parts, "message/delivery-status"):
        found = tuple(_bounces(raw, message, status, returned_to))
        if found:
            return found
    raise NotAReport(_what_it_is(message))


def parse_wish_to_leave(raw: bytes, *, receiver: str = "") -> MailReport | None:
    """A mail that is no report, read as the wish to leave; None for an automatic reply, which is nobody's wish.

    Whether it went to an address that unsubscribes (`returned_to`) is for the caller to see.
    """
    try:
        message = _parsed(raw[:MAX_BYTES])
    except NotAReport:
        return None
    if _is_reply(message) or message.get_content_type() == "multipart/report":
        return None
    returned_to = find_addresses([receiver, *_all(message, _RECEIVERS)])
    # Such mails may be without a number, and alike but for where they go.
    event_id = _number(raw, message, "left", _text(message, "Date"), *returned_to)
    return MailReport(source="mail", event_id=event_id, kind="left", returned_to=returned_to)


def _parsed(raw: bytes) -> MimePart:
    if len(_NESTING.findall(raw)) > MOST_PARTS:
        raise NotAReport("It has more parts than any report.")
    return message_from_bytes(raw)


def _children(message: MimePart) -> list[MimePart]:
    """The parts of the mail itself, not those of what it quotes."""
    return [part for part in message.get_payload() if isinstance(part, Message)] if message.is_multipart() else []


def _part(parts: Iterable[MimePart], kind: str) -> MimePart | None:
    return next((part for part in parts if part.get_content_type() == kind and part.is_multipart()), None)


def _bounces(raw: bytes, message: MimePart, status: MimePart, returned_to: tuple[str, ...]) -> Iterator[MailReport]:
    quoted = _quoted(_children(message))
    returned_to = (*returned_to, *find_addresses(_all(quoted, ["Return-Path"])))
    blocks = [block for block in _children(status) if block["Action"] or block["Final-Recipient"]]
    for block in blocks[:MOST_RECIPIENTS]:
        recipient = next(iter(find_addresses(_all(block, ["Original-Recipient", "Final-Recipient"]))), "")
        said = _text(block, "Diagnostic-Code")
        code = find_code(f"{_text(block, 'Status')} {said}")
        kind = _kind(_text(block, "Action").lower(), code, said)
        yield MailReport(
            source="dsn",
            event_id=_number(raw, message, kind, recipient),
            kind=kind,
            status=code,
            recipient=recipient,
            returned_to=returned_to,
            message_id=_text(quoted, "Message-ID"),
            diagnostic=mask_addresses(said),
            happened=_time(_text(block, "Last-Attempt-Date"), _text(message, "Date")),
        )


def _complaint(raw: bytes, message: MimePart, part: MimePart, returned_to: tuple[str, ...]) -> MailReport:
    parts = _children(message)
    feedback, quoted = _children(part)[0], _quoted(parts)
    if (kind := _text(feedback, "Feedback-Type").lower()) not in _COMPLAINTS:
        raise NotAReport(f"It is feedback of the kind “{kind[:40]}”, which is no complaint.")
    recipients = find_addresses([*_all(feedback, ["Original-Rcpt-To", "Removal-Recipient"]), *_all(quoted, ["To"])])
    recipient = next(iter(recipients), "")
    return MailReport(
        source="arf",
        event_id=_number(raw, message, kind, recipient),
        kind="complaint",
        recipient=recipient,
        returned_to=(*returned_to, *find_addresses(_all(feedback, ["Original-Mail-From"]))),
        message_id=_text(quoted, "Message-ID"),
        diagnostic=mask_addresses(f"{kind}: {_text(feedback, 'User-Agent')}"),
        happened=_time(_text(feedback, "Arrival-Date"), _text(feedback, "Received-Date"), _text(message, "Date")),
    )


def _quoted(parts: Iterable[MimePart]) -> MimePart:
    """The headers of our message, as far as they came back."""
    for part in parts:
        if part.get_content_type() == "message/rfc822" and part.is_multipart():
            return _children(part)[0]
        if part.get_content_type() in {"text/rfc822-headers", "message/rfc822-headers"}:
            # As bytes: what it says of its own letters may be nothing that Python can read.
            payload = part.get_payload(decode=True)
            return BytesHeaderParser().parsebytes(payload) if isinstance(payload, bytes) else _children(part)[0]
    return Message()


def _kind(action: str, code: str, said: str) -> ReportKind:
    if action in _ARRIVED or code.startswith("2."):
        return "delivered"
    if action == "delayed":
        return "delayed"
    return REPORT_KINDS[judge_recipient(code, said)]


def _number(raw: bytes, message: MimePart, *words: str) -> str:
    """The mail's own id where it has one; its body else: what is above it grows with each hop."""
    name = _text(message, "Message-ID").encode() or raw.partition(b"\n\r\n")[2] or raw.partition(b"\n\n")[2] or raw
    return hashlib.sha256(b"\n".join([name, *(word.encode() for word in words)])).hexdigest()


def _time(*texts: str) -> datetime | None:
    for text in texts:
        try:
            time = parsedate_to_datetime(text)
            return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _what_it_is(message: MimePart) -> str:
    if _part(_children(message), "message/disposition-notification"):
        return "It is a receipt."
    is_automatic = _is_reply(message) or _text(message, "Auto-Submitted").lower() not in {"", "no"}
    return "It is an automatic reply." if is_automatic else "It is no report."


def _is_reply(message: MimePart) -> bool:
    """That a program gives to whatever arrives: RFC 3834, and what was before it."""
    says = _text(message, "Auto-Submitted").lower()
    older = message["X-Autoreply"] or _text(message, "Precedence").lower() == "auto_reply"
    return says.startswith("auto-replied") or bool(older)


def _all(part: MimePart, names: Iterable[str]) -> list[str]:
    return [clean_text(str(value)) for name in names for value in part.get_all(name, [])[:MOST_RECIPIENTS]]


def _text(part: MimePart, name: str) -> str:
    return next(iter(_all(part, [name])), "")


def find_addresses(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(address for text in texts for address in _ADDRESS.findall(text)[:MOST_RECIPIENTS])


def clean_text(text: str) -> str:
    """On one line, and of letters that can be stored."""
    return " ".join("".join(char if char.isprintable() else " " for char in text[:MAX_LENGTH_HEADER]).split())
