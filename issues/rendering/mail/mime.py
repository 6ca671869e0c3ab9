"""A mail in finished bytes, as SMTP takes them; what is personal stands as placeholders and is put in last. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr
from functools import lru_cache
from typing import Final

from core.mail.quoted_printable import encode_quoted_printable
from issues.rendering.mail.layout import TOKEN_PLACEHOLDER, Letterhead
from issues.rendering.mail.render import MailParts

ADDRESS_PLACEHOLDER: Final = "aDdReSs-oF-tHe-oNe-wHo-rEaDs-1"
ID_PLACEHOLDER: Final = "mEsSaGe-iD-oF-tHe-oNe-wHo-rEaDs-1"
_PLACEHOLDERS: Final = (TOKEN_PLACEHOLDER.encode(), ADDRESS_PLACEHOLDER.encode(), ID_PLACEHOLDER.encode())
_GAP = re.compile(b"(" + b"|".join(_PLACEHOLDERS) + b")")
_WAY_OUT: Final = "List-Unsubscribe:"  # the only header that is for the reader's token, in as many places as it has
_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}")
_ID = re.compile(r"<[A-Za-z0-9._-]+@[A-Za-z0-9.-]+>")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class NotPersonal(ValueError):
    """A token, an address or a Message-ID that may not be put into a message."""


class BadMessage(ValueError):
    """The message does not hold the placeholders that it must, or a line that no mail server need take."""


@dataclass(frozen=True, slots=True)
class MailSending:
    """What the headers say beside the subject. `sender` and `reply_to` are addresses, with or without a name."""

    sender: str
    date: datetime
    reply_to: str = ""
    feedback: str = ""  # what complaints are counted by: up to three words between colons, never a person
    way_out: str = ""  # an address that unsubscribes whoever writes there, with the placeholder of the token


@dataclass(frozen=True, slots=True)
class PersonalParts:
    """What makes the message one reader's: 32 letters, an address in ASCII, an id in angle brackets."""

    token: str
    address: str
    message_id: str


def to_message(parts: MailParts, head: Letterhead, sending: MailSending) -> bytes:
    """Headers and both bodies with CRLF, no line over 998 bytes, none that begins with a full stop.

    Raises BadMessage.
    """
    boundary = f"=_{hashlib.sha256((parts.text + parts.html).encode()).hexdigest()[:32]}"  # no quoted-printable has =_
    headers = list(_headers(parts, head, sending))
    lines = [*headers, f'Content-Type: multipart/alternative; boundary="{boundary}"', ""]
    for kind, body in (("plain", parts.text), ("html", parts.html)):
        encoded = encode_quoted_printable(body, placeholders=(TOKEN_PLACEHOLDER,)).decode("ascii")
        lines += [f"--{boundary}", f"Content-Type: text/{kind}; charset=utf-8"]
        lines += ["Content-Transfer-Encoding: quoted-printable", "", encoded]
    message = "\r\n".join([*lines, f"--{boundary}--", ""]).encode("ascii")
    _check(message, parts.tokens + _tokens_in(headers))
    return message


def personalise(message: bytes, personal: PersonalParts) -> bytes:
    """The message for one reader. Raises NotPersonal where anything but a plain word would be put in."""
    if not _TOKEN.fullmatch(personal.token) or personal.token == TOKEN_PLACEHOLDER:
        raise NotPersonal("The token is not of 32 letters, digits, - or _.")
    if not _ADDRESS.fullmatch(personal.address):
        raise NotPersonal("The address has characters that this message cannot carry.")
    if not _ID.fullmatch(personal.message_id):
        raise NotPersonal("The Message-ID is not of the form <word@host>.")
    words = (personal.token.encode(), personal.address.encode(), personal.message_id.encode())
    row, gaps = _cut(message)
    pieces = row.copy()
    for position, word in gaps:
        pieces[position] = words[word]
    return b"".join(pieces)


@lru_cache(maxsize=16)
def _cut(message: bytes) -> tuple[list[bytes], list[tuple[int, int]]]:
    """The message in pieces, and at which of them which word of a Personal goes; once for each message."""
    pieces = _GAP.split(message)
    return pieces, [(position, _PLACEHOLDERS.index(pieces[position])) for position in range(1, len(pieces), 2)]


def _headers(parts: MailParts, head: Letterhead, sending: MailSending) -> Iterator[str]:
    host = head.site_url.partition("://")[2].partition("/")[0].partition(":")[0]
    yield _header("From", *_mailbox(sending.sender))
    yield f"To: <{ADDRESS_PLACEHOLDER}>"
    yield f"Subject: {_words('Subject', parts.subject)}"
    yield f"Date: {format_datetime(sending.date)}"
    yield f"Message-ID: {ID_PLACEHOLDER}"
    if sending.reply_to:
        yield _header("Reply-To", *_mailbox(sending.reply_to))
    yield _header("List-Id", head.site_name, f"news.{host}")
    by_mail = f",\r\n <mailto:{sending.way_out}?subject=unsubscribe>" if sending.way_out else ""
    yield f"{_WAY_OUT} <{head.unsubscribe_url}>{by_mail}"
    yield "List-Unsubscribe-Post: List-Unsubscribe=One-Click"
    yield f"List-Archive: <{head.site_url}/issues/>"
    yield "Precedence: bulk"
    if sending.feedback:
        yield f"Feedback-ID: {sending.feedback}"
    yield "MIME-Version: 1.0"


def _mailbox(text: str) -> tuple[str, str]:
    name, address = parseaddr(text)
    if _CONTROLS.search(text) or not _ADDRESS.fullmatch(address):
        raise BadMessage(f"{text!r} is no address that a mail can come from; mend DEFAULT_FROM_EMAIL or REPLY_TO.")
    return name, address


def _header(field: str, name: str, address: str) -> str:
    """A header of a name and an address in angle brackets."""
    if not name:
        return f"{field}: <{address}>"
    clean = " ".join(_CONTROLS.sub(" ", name).split())
    if clean.isascii() and "=?" not in clean:
        return f"{field}: {formataddr((clean, address)) if '@' in address else f'{_phrase(clean)} <{address}>'}"
    return f"{field}: {_words(field, clean)}\r\n <{address}>"


def _phrase(text: str) -> str:
    """The name of a list, in quotes where it has characters that mean something."""
    escaped = re.sub(r'(["\\])', r"\\\1", text)
    return text if re.fullmatch(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]+", text) else f'"{escaped}"'


def _words(field: str, text: str) -> str:
    """Unstructured text: as it is where it is plain and short, else in encoded words (RFC 2047), folded."""
    clean = " ".join(_CONTROLS.sub(" ", text).split())
    if clean.isascii() and "=?" not in clean and len(field) + len(clean) < 76:
        return clean
    return Header(clean, "utf-8", maxlinelen=76, header_name=field).encode(linesep="\r\n")


def _tokens_in(headers: list[str]) -> int:
    """Those that we wrote ourselves; one in a subject is an editor's."""
    return sum(header.count(TOKEN_PLACEHOLDER) for header in headers if header.startswith(_WAY_OUT))


def _check(message: bytes, tokens: int) -> None:
    found, *others = map(message.count, _PLACEHOLDERS)
    if found != tokens:
        raise BadMessage(f"The message holds {found} places for a token where {tokens} belong; the issue may hold one.")
    if others != [1, 1]:
        raise BadMessage("The message holds a placeholder for the address or the id more than once.")
    if b"\n." in message or any(len(line) > 998 for line in message.split(b"\r\n")):
        raise BadMessage("The message holds a line that is too long, or one that begins with a full stop.")
