"""Does the mail server answer? Nothing is sent."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from typing import Final

from django.conf import settings

from llmwatch.doctor.finding import Finding, error, ok, warning
from llmwatch.lib.mailserver import MailServer
from llmwatch.lib.timing import Clock

PATIENCE: Final = 8.0  # seconds


def connection(clock: Clock) -> Iterator[Finding]:
    server: MailServer = settings.MAIL_SERVER
    if not server.host:
        mend = "Set EMAIL_URL, e.g. smtp+tls://user:password@mail.example.org:587."
        yield warning("mail.server", "No mail server is set, so no mail can be sent.", mend)
        return
    try:
        yield ok("mail.server", f"{server.host}:{server.port} answers as {_greeting(server)}.")
    except (OSError, smtplib.SMTPException) as fault:
        said = f"{server.host}:{server.port} gives no service: {str(fault) or type(fault).__name__}."
        yield error("mail.server", said, "Start it, let port and TLS through, or mend EMAIL_URL.")


def _greeting(server: MailServer) -> str:
    """The name by which it answers EHLO. Raises OSError and SMTPException."""
    kind = smtplib.SMTP_SSL if server.ssl else smtplib.SMTP
    with kind(server.host, server.port, timeout=PATIENCE) as smtp:
        smtp.ehlo_or_helo_if_needed()
        if server.tls:
            smtp.starttls()
            smtp.ehlo()
        said = (smtp.ehlo_resp or smtp.helo_resp or b"").decode("ascii", "replace")
    name = said.split()[0] if said.split() else ""
    return "".join(char for char in name[:100] if char.isprintable()) or "somebody without a name"
