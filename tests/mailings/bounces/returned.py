"""Mails that came back, as mail servers write them."""

from __future__ import annotations

import textwrap

# What other mail servers write where Postfix writes otherwise: the first part, and the fields of the report.
ELSEWHERE = {
    "Exim": (
        "Content-Type: text/plain; charset=us-ascii",
        """\
        Reporting-MTA: dns; mx.example.org

        Action: failed
        Final-Recipient: rfc822;reader-0000@example.org
        Status: 5.0.0
        Remote-MTA: dns; mx.example.net
        Diagnostic-Code: smtp; 550 5.1.1 unknown or illegal alias: reader-0000@example.org
        """,
    ),
    "Gmail": (
        'Content-Type: multipart/related; boundary="c"',
        """\
        Reporting-MTA: dns; googlemail.com
        Arrival-Date: Mon, 24 Nov 2025 01:00:00 -0800 (PST)
        X-Original-Message-ID: <x@example.org>

        Final-Recipient: rfc822; reader-0000@example.org
        Action: failed
        Status: 5.1.1
        Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to
         reach does not exist.
        Last-Attempt-Date: Mon, 24 Nov 2025 01:00:01 -0800 (PST)
        """,
    ),
    "Exchange": (
        'Content-Type: multipart/alternative; differences=Content-Type;\n\tboundary="c"',
        """\
        Reporting-MTA: dns;mail.example.net
        Received-From-MTA: dns;mx.example.org

        Final-Recipient: rfc822;reader-0000@example.org
        Action: failed
        Status: 5.1.10
        Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found
        """,
    ),
}
DEAD = "550 5.1.1 <reader-0000@example.org>: Recipient address rejected: User unknown"


def bounce(
    *,
    to: str = "news@example.org",
    recipient: str = "reader-0000@example.org",
    action: str = "failed",
    status: str = "5.1.1",
    said: str = DEAD,
    message_id: str = "",
    number: str = "<20251124.1@mx.example.org>",
) -> bytes:
    """As Postfix writes it; `message_id` is that of the message it quotes."""
    return _mail(
        f"""\
        Return-Path: <>
        Date: Mon, 24 Nov 2025 10:00:00 +0100
        From: MAILER-DAEMON@mx.example.org (Mail Delivery System)
        Subject: Undelivered Mail Returned to Sender
        To: {to}
        Auto-Submitted: auto-replied
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=delivery-status;
        \tboundary="B1/mx.example.org"
        Message-Id: {number}

        --B1/mx.example.org
        Content-Description: Notification
        Content-Type: text/plain; charset=us-ascii

        I'm sorry to have to inform you that your message could not be delivered.

        --B1/mx.example.org
        Content-Description: Delivery report
        Content-Type: message/delivery-status

        Reporting-MTA: dns; mx.example.org
        Arrival-Date: Mon, 24 Nov 2025 09:59:00 +0100 (CET)

        Final-Recipient: rfc822; {recipient}
        Original-Recipient: rfc822;{recipient}
        Action: {action}
        Status: {status}
        Remote-MTA: dns; mx.example.net
        Diagnostic-Code: smtp; {said}

        --B1/mx.example.org
        Content-Description: Undelivered Message Headers
        Content-Type: text/rfc822-headers

        From: LLM Watch <news@example.org>
        To: <{recipient}>
        Message-ID: {message_id}
        Subject: Papers

        --B1/mx.example.org--
        """
    )


def from_elsewhere(server: str, *, message_id: str) -> bytes:
    """As another mail server writes it, in its own order and with the whole message."""
    first, fields = ELSEWHERE[server]
    lines = [
        'From: <>\nMIME-Version: 1.0\nContent-Type: multipart/report;\n\tboundary="b"; report-type=delivery-status\n',
        f"--b\n{first}\n\n--c\nContent-Type: text/plain\n\nNo such person.\n--c--",
        f"--b\nContent-Type: message/delivery-status\n\n{textwrap.dedent(fields)}",
        f"--b\nContent-Type: message/rfc822\n\nMessage-ID: {message_id}\nSubject: Papers\n\nHello, readers.",
        "--b--\n",
    ]
    return "\n".join(lines).encode()


def complaint(*, to: str = "abuse@example.org", kind: str = "abuse", message_id: str = "", sender: str = "") -> bytes:
    """As a provider's feedback loop writes it; `sender` is the envelope sender of the message it quotes."""
    return _mail(
        f"""\
        From: <feedback@isp.example.net>
        Date: Mon, 24 Nov 2025 10:00:00 +0000
        Subject: FW: Papers
        To: <{to}>
        Message-ID: <complaint.1@isp.example.net>
        MIME-Version: 1.0
        Content-Type: multipart/report; report-type=feedback-report; boundary="part"

        --part
        Content-Type: text/plain; charset="US-ASCII"

        This is an email abuse report.

        --part
        Content-Type: message/feedback-report

        Feedback-Type: {kind}
        User-Agent: SomeGenerator/1.0
        Version: 1
        Original-Mail-From: <{sender}>
        Original-Rcpt-To: <reader-0000@example.org>
        Received-Date: Mon, 24 Nov 2025 08:00:00 +0000

        --part
        Content-Type: message/rfc822
        Content-Disposition: inline

        From: <news@example.org>
        To: <reader-0000@example.org>
        Message-ID: {message_id}
        Subject: Papers

        Hello, readers.
        --part--
        """
    )


def out_of_office(to: str = "news@example.org") -> bytes:
    return _mail(
        f"""\
        From: <reader-0000@example.org>
        To: <{to}>
        Subject: Out of office
        Auto-Submitted: auto-replied
        Message-ID: <away.1@example.org>

        I am away until Monday.
        """
    )


def _mail(text: str) -> bytes:
    return textwrap.dedent(text).replace("\n", "\r\n").encode()
