"""Would the mail server take mail from us? Asked over a connection as mailings use it, as far as nothing is sent."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Final

from django.conf import settings

from core.clock import Clock
from core.mail import return_paths
from core.mail.servers import MailServer
from core.mail.smtp import Connection, SmtpAnswer, Stage, Verdict
from llmwatch.doctor.finding import Finding, FindingLevel, error, ok, on_one_line, warning
from subscribers.addresses import in_ascii, sender_address

MAX_WAIT: Final = 8.0  # seconds
LARGEST_MESSAGE: Final = 1_000_000  # bytes; an issue has at most 80 kB of HTML, and as much again of text
_SOON: Final = timedelta(days=14)
CHECK_LOGIN: Final = "Mend user and password in EMAIL_URL (special letters percent-encoded)."


def check_connection(clock: Clock) -> Iterator[Finding]:
    server: MailServer = settings.MAIL_SERVER
    if not server.host:
        mend = "Set EMAIL_URL, e.g. smtp+tls://user:password@mail.example.org:587."
        yield warning("mail.server", "No mail server is set, so no mail can be sent.", mend)
        return
    with Connection(server, settings.SITE_HOST, MAX_WAIT) as relay:
        refusal = relay.refusal()
        if refusal is not None:
            yield judge_refusal(server, refusal)
        elif relay.session is not None:
            yield from _until_it_breaks(server, relay.session, clock)


def return_path() -> str:
    """As a message would have it; it belongs to no message. Empty where the settings make none."""
    if settings.BOUNCE_ADDRESS:
        return return_paths.return_path(return_paths.MailKind.DELIVERY, 0, "")
    return in_ascii(sender_address()) or ""


def judge_refusal(server: MailServer, answer: SmtpAnswer) -> Finding:
    """Why no connection stands, named for how far it came."""
    passes = answer.verdict is not Verdict.OUR_FAULT and answer.code
    level = FindingLevel.WARNING if passes else FindingLevel.ERROR
    said = f"{server.host}:{server.port} gives no service: {_words(answer)}."
    if answer.stage is Stage.LOGIN:
        return Finding(level, "mail.login", said, CHECK_LOGIN)
    if answer.stage is Stage.HELLO and (server.tls or server.ssl):
        mend = "Give the mail server a valid certificate for that very name, or mend name and scheme in EMAIL_URL."
        return Finding(level, "mail.tls", said, mend)
    return Finding(level, "mail.server", said, "Start it, let port and TLS through, or mend EMAIL_URL.")


def _until_it_breaks(server: MailServer, session: smtplib.SMTP, clock: Clock) -> Iterator[Finding]:
    try:
        yield from _standing(server, session, clock)
    except (OSError, smtplib.SMTPException) as fault:
        yield judge_refusal(server, SmtpAnswer(Stage.MAIL, 0, f"it hung up ({type(fault).__name__})"))


def _standing(server: MailServer, session: smtplib.SMTP, clock: Clock) -> Iterator[Finding]:
    yield _greeting(server, session)
    yield judge_size(session.esmtp_features.get("size", ""))
    yield _encryption(server, session, clock)
    if server.user:
        yield ok("mail.login", f"{server.host} lets us in.")
    yield _sender(server, session)


def _greeting(server: MailServer, session: smtplib.SMTP) -> Finding:
    words = (session.ehlo_resp or session.helo_resp or b"").decode("ascii", "replace").split()
    name = on_one_line(words[0], 100) if words else "somebody without a name"
    how = "at once (PIPELINING)" if session.has_extn("pipelining") else "one by one, so more slowly"
    return ok("mail.server", f"{server.host}:{server.port} answers as {name} and takes commands {how}.")


def judge_size(offered: str) -> Finding:
    """`offered` is what stands behind SIZE (RFC 1870): bytes, or nothing; 0 is no limit."""
    limit = int(offered) if offered.isascii() and offered.isdecimal() and len(offered) < 20 else 0
    if limit and limit < LARGEST_MESSAGE:
        said = f"It takes no message of more than {limit:,} bytes."
        return warning("mail.size", said, f"Let it take {LARGEST_MESSAGE:,} bytes (message_size_limit in Postfix).")
    return ok("mail.size", f"It takes messages of {limit / 1e6:,.0f} MB." if limit else "It names no largest message.")


def _encryption(server: MailServer, session: smtplib.SMTP, clock: Clock) -> Finding:
    sock = session.sock
    if isinstance(sock, ssl.SSLSocket):
        ends = (sock.getpeercert() or {}).get("notAfter")
        until = datetime.fromtimestamp(ssl.cert_time_to_seconds(str(ends)), UTC) if ends else clock.now()
        return judge_certificate(server.host, sock.version() or "TLS", until - clock.now())
    if sock is None:
        raise smtplib.SMTPServerDisconnected
    return warn_unencrypted(server.host, str(sock.getpeername()[0]))


def judge_certificate(host: str, version: str, left: timedelta) -> Finding:
    """It is valid: else there would be no connection."""
    said = f"{version} with {host}; its certificate is valid for {max(left.days, 0)} more days."
    return (
        warning("mail.tls", said, "Renew it, and see why that did not happen.")
        if left < _SOON
        else ok("mail.tls", said)
    )


def warn_unencrypted(host: str, peer: str) -> Finding:
    """`peer` is the IP address on the other end; on this machine nobody listens in."""
    address = ip_address(peer)
    if address.is_loopback:
        return ok("mail.tls", f"{host} is this machine, so nothing is encrypted on the way to it.")
    mend = "Write EMAIL_URL with smtp+tls:// (port 587) or smtp+ssl:// (port 465)."
    said = f"Mail and readers' addresses go to {host} unencrypted"
    if address.is_private:
        return warning("mail.tls", f"{said}, in an inner network.", mend)
    return error("mail.tls", f"{said}, over the internet.", mend)


def _sender(server: MailServer, session: smtplib.SMTP) -> Finding:
    path = return_path()
    if not path:
        said = "DEFAULT_FROM_EMAIL is no address that a mail can come from."
        return error("mail.sender", said, "Write LLM Watch <news@example.org>.")
    code, text = session.docmd(f"MAIL FROM:<{path}>")
    session.docmd("RSET")
    return judge_acceptance(path, SmtpAnswer(Stage.MAIL, max(code, 0), text.decode("utf-8", "replace")))


def judge_acceptance(path: str, answer: SmtpAnswer) -> Finding:
    """Its answer to our envelope sender."""
    if answer.code // 100 == 2:
        return ok("mail.sender", f"It takes mail from {path}.")
    said = f"It takes no mail from {path}: {_words(answer)}."
    if answer.verdict is Verdict.OUR_FAULT:
        mend = f"Allow this sender there, or mend DEFAULT_FROM_EMAIL and BOUNCE_ADDRESS. {CHECK_LOGIN}"
        return error("mail.sender", said, mend)
    return warning("mail.sender", said, "Ask again in a while; mailings wait too.")


def _words(answer: SmtpAnswer) -> str:
    return on_one_line(str(answer), 200).rstrip(".")
