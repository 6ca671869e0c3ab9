"""The demo's mail server: what it takes is a file, and never half of one."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.mail.servers import MailServer
from core.mail.smtp import Connection, Verdict
from tests.data import ROOT
from tests.llmwatch.demo.test_supervisor import eventually
from tests.servers.nginx import free_port

MESSAGE = b"Subject: Hello\r\n\r\nOne line.\r\n..With a dot.\r\n"


@pytest.fixture
def outbox(tmp_path: Path) -> Path:
    return tmp_path / "outbox"


@pytest.fixture
def relay(outbox: Path) -> Iterator[Connection]:
    """A connection to a catcher in a process of its own."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "llmwatch.demo.mail_catcher", str(port), str(outbox)], cwd=ROOT)
    relay = Connection(MailServer("127.0.0.1", port), "news.example.org")
    assert eventually(lambda: relay.refusal() is None)
    yield relay
    relay.close()
    process.terminate()
    process.wait(60)


def test_each_message_becomes_a_file_as_it_was_sent(relay: Connection, outbox: Path) -> None:
    for number in range(3):
        answer = relay.send("news@example.org", f"reader-{number}@example.org", MESSAGE)
        assert answer.verdict is Verdict.ACCEPTED
    files = sorted(outbox.iterdir())
    assert [file.suffix for file in files] == [".eml"] * 3
    assert {file.read_bytes() for file in files} == {MESSAGE.replace(b"\r\n..", b"\r\n.")}
