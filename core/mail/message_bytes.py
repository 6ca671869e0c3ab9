"""A single mail as bytes for core.mail.smtp: the mails that Django's classes compose go the road of all others."""

from __future__ import annotations

import re
from typing import Final

from django.core.mail import EmailMessage

_LEADING_DOT: Final = re.compile(rb"^\.", re.MULTILINE)


def render_message(message: EmailMessage) -> bytes:
    """Lines end with CRLF, the last one too, and leading dots are doubled (RFC 5321 §4.5.2)."""
    data: bytes = message.message().as_bytes(linesep="\r\n")  # type: ignore[call-arg]  # SafeMIMEText's own
    return _LEADING_DOT.sub(b"..", data if data.endswith(b"\r\n") else data + b"\r\n")
