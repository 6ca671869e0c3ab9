"""One connection to the mail server, and what its answers mean for the recipient, the mailing and the connection."""

from __future__ import annotations

import enum
import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Final, Self

from core.mail.masking import mask_addresses
from core.mail.servers import MailServer
from core.mail.verdicts import RecipientVerdict, find_code, judge_recipient

SMTP_TIMEOUT: Final = 60.0  # seconds for one answer
_LONGER: Final = 5  # times that, for the answer to a whole message
_DOT: Final = b".\r\n"


class Stage(enum.IntEnum):
    """How far a message had come; the order is the protocol's."""

    CONNECT = 1
    HELLO = 2  # EHLO and STARTTLS
    LOGIN = 3
    MAIL = 4
    RCPT = 5
    DATA = 6
    BODY = 7  # all of the message was written, its last dot too


_Commands = tuple[tuple[Stage, str], ...]


class Verdict(enum.Enum):
    """What an answer means."""

    ACCEPTED = "accepted"
    LATER = "later"  # this recipient, at another time
    REFUSED = "refused"  # this recipient, for good
    AGAIN = "again"  # nothing was handed over: the same recipient on another connection
    OUR_FAULT = "our fault"  # every recipient would be refused
    UNKNOWN = "unknown"  # handed over, and no answer came


_AFTER_THE_DOT: Final = {2: Verdict.ACCEPTED, 4: Verdict.LATER}


@dataclass(frozen=True, slots=True)
class SmtpAnswer:
    """The mail server's last word about one message; code 0: it said nothing, the text is ours."""

    stage: Stage
    code: int
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.text}" if self.code else self.text

    @classmethod
    def parse(cls, text: str) -> Self:
        """An answer to RCPT as it was written down, e.g. `550 5.1.1 User unknown`."""
        code, _space, said = text.partition(" ")
        return cls(Stage.RCPT, int(code), said) if code.isdecimal() else cls(Stage.RCPT, 0, text)

    @property
    def verdict(self) -> Verdict:
        return judge(self.stage, self.code, self.enhanced if self.code >= 500 else "")

    @property
    def enhanced(self) -> str:
        """The code of RFC 3463, e.g. 5.1.1; empty where none was given."""
        return find_code(self.text[:40])

    @property
    def recipient_verdict(self) -> RecipientVerdict:
        """What it says of the recipient; only of an answer to RCPT or DATA is it true."""
        return judge_recipient(self.enhanced, self.text, reply=self.code)

    @property
    def ends_the_connection(self) -> bool:
        """421 announces it; after silence or a stray answer nobody knows what the next one would belong to."""
        return self.code in {0, 421} or self.verdict in {Verdict.AGAIN, Verdict.UNKNOWN, Verdict.OUR_FAULT}


def judge(stage: Stage, code: int, enhanced: str = "") -> Verdict:
    """RFC 5321 §4.2.1: 4yz may work later, 5yz will not; whom it concerns depends on how far the message had come."""
    kind = code // 100
    if stage is Stage.BODY and kind != 5:
        return _AFTER_THE_DOT.get(kind, Verdict.UNKNOWN)
    if kind == 5:
        return Verdict.OUR_FAULT if stage < Stage.RCPT else _refusal(code, enhanced)
    if kind == 4 and code != 421 and stage >= Stage.RCPT:
        return Verdict.LATER
    return Verdict.AGAIN


def _refusal(code: int, enhanced: str) -> Verdict:
    about_us = judge_recipient(enhanced, "", reply=code) is RecipientVerdict.ABOUT_US
    return Verdict.OUR_FAULT if about_us else Verdict.REFUSED


class Connection:
    """Opened by the first message, kept for the following ones, closed by an answer that ends it."""

    def __init__(self, server: MailServer, hello: str, timeout: float = SMTP_TIMEOUT) -> None:
        self._server = server
        self._hello = hello
        self._timeout = timeout
        self._smtp: smtplib.SMTP | None = None
        self._clean = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(self, sender: str, recipient: str, message: bytes) -> SmtpAnswer:
        """Hands one message over; its bytes end with CRLF and have their leading dots doubled."""
        self._reset()
        smtp = self._standing()
        answer = smtp if isinstance(smtp, SmtpAnswer) else self._send(smtp, sender, recipient, message)
        self._clean = answer.verdict is Verdict.ACCEPTED
        if answer.ends_the_connection:
            self._drop()
        return answer

    @property
    def is_open(self) -> bool:
        return self._smtp is not None

    @property
    def session(self) -> smtplib.SMTP | None:
        """What stands open, for whoever wants to know more of the server than whether it takes mail."""
        return self._smtp

    def refusal(self) -> SmtpAnswer | None:
        """Opens the connection where it does not stand; what hindered it."""
        smtp = self._standing()
        return smtp if isinstance(smtp, SmtpAnswer) else None

    def close(self) -> None:
        """Takes leave, as far as the server still listens."""
        if self._smtp is not None:
            with suppress(OSError, smtplib.SMTPException):  # it may have gone before us
                self._smtp.docmd("QUIT")
            self._drop()

    def _standing(self) -> smtplib.SMTP | SmtpAnswer:
        if self._smtp is not None:
            return self._smtp
        stage = Stage.CONNECT
        try:
            self._smtp = smtp = self._connect()
            stage = Stage.HELLO
            self._greet(smtp)
            stage = Stage.LOGIN
            if self._server.user:
                smtp.login(self._server.user, self._server.password)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            return _explained(stage, error)
        self._clean = True
        return smtp

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        make: Callable[..., smtplib.SMTP] = smtplib.SMTP
        if server.ssl:
            # Without a context of ours, smtplib would believe any certificate.
            make = partial(smtplib.SMTP_SSL, context=ssl.create_default_context())
        smtp = make(server.host, server.port, local_hostname=self._hello, timeout=self._timeout)
        if smtp.sock is not None:
            # The end of a message does not wait until its beginning was acknowledged.
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return smtp

    def _greet(self, smtp: smtplib.SMTP) -> None:
        smtp.ehlo_or_helo_if_needed()
        if self._server.tls:
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()

    def _send(self, smtp: smtplib.SMTP, sender: str, recipient: str, message: bytes) -> SmtpAnswer:
        commands = (
            (Stage.MAIL, f"MAIL FROM:<{sender}>"),
            (Stage.RCPT, f"RCPT TO:<{recipient}>"),
            (Stage.DATA, "DATA"),
        )
        stage = Stage.MAIL
        try:
            refusal = self._refused_at(smtp, commands)
            if refusal is not None:
                return refusal
            # Where this fails, the last dot has not left: the server cannot have taken the message.
            stage = Stage.DATA
            smtp.send(message + _DOT)
            stage = Stage.BODY
            return _answer(stage, *self._last_answer(smtp))
        except (OSError, smtplib.SMTPException) as error:
            return _explained(stage, error)

    def _refused_at(self, smtp: smtplib.SMTP, commands: _Commands) -> SmtpAnswer | None:
        """The first answer that ends this message; None where the message may follow.

        Where the server takes commands at once (RFC 2920), all are sent together: one round trip instead of three.
        """
        at_once = smtp.has_extn("pipelining")
        if at_once:
            smtp.send("".join(f"{command}\r\n" for _stage, command in commands))
        refusal: SmtpAnswer | None = None
        for stage, command in commands:
            answer = _asked(smtp, stage, "" if at_once else command)
            if answer.code // 100 != (3 if stage is Stage.DATA else 2):
                refusal = refusal or answer
            elif refusal is not None:
                self._drop()  # it waits for a message that has no recipient
            if refusal is not None and (not at_once or answer.ends_the_connection or self._smtp is None):
                return refusal
        return refusal

    def _last_answer(self, smtp: smtplib.SMTP) -> tuple[int, bytes]:
        """RFC 5321 §4.5.3.2: the server may think longest here, and giving up early leaves an uncertain recipient."""
        _wait_at_most(smtp, self._timeout * _LONGER)
        try:
            return smtp.getreply()
        finally:
            _wait_at_most(smtp, self._timeout)

    def _reset(self) -> None:
        """After a recipient was refused the server waits for the rest of that message; it is told to forget it."""
        if self._smtp is None or self._clean:
            return
        with suppress(OSError, smtplib.SMTPException):  # a new connection serves as well
            if self._smtp.docmd("RSET")[0] == 250:
                return
        self._drop()

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
        self._smtp = None


def _asked(smtp: smtplib.SMTP, stage: Stage, command: str) -> SmtpAnswer:
    """The answer to a command; to one that was sent before, where it is empty."""
    try:
        if command:
            smtp.putcmd(command)
        return _answer(stage, *smtp.getreply())
    except (OSError, smtplib.SMTPException) as error:
        return _explained(stage, error)


def _wait_at_most(smtp: smtplib.SMTP, seconds: float) -> None:
    if smtp.sock is not None:
        smtp.sock.settimeout(seconds)


def _answer(stage: Stage, code: int, text: bytes) -> SmtpAnswer:
    said = text.decode("utf-8", "replace").replace("\n", " ").replace("\0", "")
    # Refusals quote the recipient, and what is kept of them outlives whoever asks to be forgotten.
    return SmtpAnswer(stage, max(code, 0), mask_addresses(said) if stage >= Stage.RCPT and code >= 400 else said)


def _explained(stage: Stage, error: Exception) -> SmtpAnswer:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return _answer(stage, error.smtp_code, said if isinstance(said, bytes) else str(said).encode())
    if isinstance(error, ssl.SSLCertVerificationError):
        return SmtpAnswer(Stage.HELLO, 554, f"its certificate is not valid: {error.verify_message}")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return SmtpAnswer(stage, 554, f"it does not offer what EMAIL_URL asks for: {error}")
    if isinstance(error, TimeoutError):
        return SmtpAnswer(stage, 0, "no answer in time")
    return SmtpAnswer(stage, 0, str(error) or "the connection broke")
