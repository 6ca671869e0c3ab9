"""What a real SMTP server on loopback took in a test, as the tests of single mails look at it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

from tests.servers.smtp_server import Received, ScriptedServer


@dataclass(frozen=True, slots=True)
class SentMail:
    """One message to one recipient."""

    received: Received

    def message(self) -> EmailMessage:
        parsed = message_from_bytes(self.received.data, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed

    @property
    def from_email(self) -> str:
        """As the mail server got it."""
        return self.received.sender

    @property
    def to(self) -> list[str]:
        return [self.received.recipient]

    @property
    def body(self) -> str:
        text = self.message().get_body(("plain",))
        assert text is not None
        return str(text.get_content())

    @property
    def subject(self) -> str:
        return str(self.message()["Subject"])


class Outbox:
    """The mails in the order in which they came; `server.script` decides what the server says."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server

    def __iter__(self) -> Iterator[SentMail]:
        return map(SentMail, list(self.server.messages))

    def __len__(self) -> int:
        return len(self.server.messages)

    def __getitem__(self, number: int) -> SentMail:
        return SentMail(self.server.messages[number])


_current: list[Outbox] = []


def sent_mails() -> Outbox:
    """That of the fixture `outbox`, for helpers of tests that use it."""
    return _current[-1]


@contextmanager
def open_outbox() -> Iterator[Outbox]:
    with ScriptedServer() as server:
        _current.append(Outbox(server))
        yield _current[-1]
        _current.pop()
