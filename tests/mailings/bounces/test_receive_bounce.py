"""A mail server's pipe: the mail is stored and acted on, or the mail server is told to keep it."""

import io
import os
import subprocess
import sys

import pytest
from django.core.management import call_command

from mailings.bounces.parser import MAX_BYTES
from mailings.models import MailEvent
from subscribers.models import Subscriber
from tests.data import ROOT
from tests.mailings.bounces.returned import bounce, out_of_office
from tests.mailings.cast import make_mailing


def pipe(raw: bytes, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    """What the command says of this mail."""
    out, stdin = io.StringIO(), io.TextIOWrapper(io.BytesIO(raw))
    monkeypatch.setattr(sys, "stdin", stdin)
    call_command("receive_bounce", *arguments, stdout=out)
    assert stdin.buffer.read() == b""
    return out.getvalue()


@pytest.mark.django_db
def test_a_mail_that_came_back_is_stored_and_acted_on(monkeypatch: pytest.MonkeyPatch) -> None:
    delivery = make_mailing(1).deliveries.get()
    ours = f"<{delivery.mailing_id}.{delivery.address_hash[:32]}@example.org>"
    assert "stored: hard bounce" in pipe(bounce(message_id=ours) + b"x" * MAX_BYTES, monkeypatch)
    assert Subscriber.objects.get().state == "bounced"
    pipe(bounce(message_id=ours), monkeypatch)
    assert MailEvent.objects.count() == 1


@pytest.mark.django_db
def test_other_mail_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "automatic reply" in pipe(out_of_office(), monkeypatch)
    assert not MailEvent.objects.exists()


def test_while_the_database_is_away_the_mail_server_keeps_the_mail() -> None:
    command = [sys.executable, "manage.py", "receive_bounce"]
    environment = {**os.environ, "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}
    done = subprocess.run(command, cwd=ROOT, env=environment, input=bounce(), capture_output=True)
    assert done.returncode == 75  # EX_TEMPFAIL
    assert b"keep this mail" in done.stderr
