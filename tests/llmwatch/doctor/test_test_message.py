"""The doctor's test message: over the road of issues, to one address; where that is ours, its arrival too."""

import io
import json
import sys
from datetime import timedelta
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from core.clock import Clock, Quota
from core.command_reports import Refused
from core.mail.servers import Mailbox, MailServer
from llmwatch.doctor import Finding, test_message
from mailings.models import Delivery
from subscribers.addresses import address_hash
from subscribers.models import SendingPermit, Suppression
from tests.builders import NOON, make_subscriber
from tests.mailings.cast import make_public_issue
from tests.servers.certificates import needs_openssl
from tests.servers.dns_server import serving
from tests.servers.imap_server import DROP, ImapServer
from tests.servers.imap_server import Message as Kept
from tests.servers.smtp_server import ScriptedServer
from tests.signing import DOMAIN, RECEIVED, make_message, make_signer

pytestmark = pytest.mark.django_db
US = f"bounces@{DOMAIN}"


@pytest.fixture(autouse=True)
def sender(settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL, settings.SITE_URL = f"LLM Watch <news@{DOMAIN}>", "https://news.example.com"
    settings.BOUNCE_ADDRESS, settings.DKIM_SELECTOR, settings.MAIL_QUOTA = "", ["mail"], None
    settings.BOUNCE_MAILBOX = Mailbox()


def send(server: ScriptedServer, settings: Settings, to: str = "editor@example.com") -> list[Finding]:
    settings.MAIL_SERVER = MailServer("127.0.0.1", server.port)
    return list(test_message.send_test_message(to))


def received(server: ScriptedServer) -> Message:
    (message,) = server.messages
    return message_from_bytes(message.data)


def test_one_message_goes_to_the_address_that_is_named(settings: Settings) -> None:
    make_subscriber()
    with ScriptedServer() as server:
        (found,) = send(server, settings)
    assert (found.level, server.recipients) == ("ok", ["editor@example.com"])
    assert received(server)["Message-ID"] in found.sentence
    assert not Delivery.objects.exists()


def test_it_has_the_form_of_the_latest_issue_and_says_that_it_is_a_test(settings: Settings) -> None:
    make_public_issue(title="Papers of the week", mail=False)
    with ScriptedServer() as server:
        send(server, settings)
    message = received(server)
    assert message["Subject"] == "[Test] Papers of the week"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]


def test_without_an_issue_it_says_what_it_is(settings: Settings) -> None:
    with ScriptedServer() as server:
        send(server, settings)
    assert b"test message" in server.messages[0].data


def test_it_leaves_before_the_database_is_armed(settings: Settings) -> None:
    SendingPermit.objects.all().delete()
    with ScriptedServer() as server:
        assert [found.level for found in send(server, settings)] == ["ok"]


def test_it_comes_back_as_issues_do(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = US
    with ScriptedServer() as server:
        send(server, settings)
    assert server.messages[0].sender.startswith("bounces+0-")


@pytest.mark.parametrize("word", ["RCPT", "BODY"])
def test_a_refusal_is_told(settings: Settings, word: str) -> None:
    with ScriptedServer(lambda heard, recipient: "550 5.7.1 no\tthanks" if heard == word else None) as server:
        (found,) = send(server, settings)
    assert (found.level, "550 5.7.1 no thanks" in found.sentence) == ("error", True)


@pytest.mark.parametrize(
    "address", ["", "editor", "a@b@c", "x@example.com>\r\nRCPT TO:<y@example.com", "ü@example.com"]
)
def test_what_is_no_address_is_refused(settings: Settings, address: str) -> None:
    with ScriptedServer() as server, pytest.raises(Refused):
        send(server, settings, address)
    assert server.words == []


def test_an_address_that_gets_nothing_any_more_gets_no_test_either(settings: Settings) -> None:
    Suppression.objects.impose(address_hash("editor@example.com"), Suppression.Reason.COMPLAINED, timezone.now())
    with ScriptedServer() as server, pytest.raises(Refused, match="nothing any more"):
        send(server, settings)


def test_a_used_up_quota_is_kept(settings: Settings) -> None:
    settings.MAIL_QUOTA = Quota(1, timedelta(days=1))
    with ScriptedServer() as server:
        send(server, settings)
        with pytest.raises(Refused, match="MAIL_QUOTA"):
            send(server, settings)
    assert len(server.messages) == 1


@pytest.mark.parametrize(("setting", "value"), [("MAIL_SERVER", MailServer()), ("DEFAULT_FROM_EMAIL", "news")])
def test_without_what_it_needs_it_is_refused(settings: Settings, setting: str, value: object) -> None:
    settings.MAIL_SERVER = MailServer("127.0.0.1", 1)
    setattr(settings, setting, value)
    with pytest.raises(Refused):
        list(test_message.send_test_message("editor@example.com"))


@pytest.mark.django_db(transaction=True)
def test_without_a_database_it_is_refused_in_a_sentence(settings: Settings) -> None:
    settings.MAIL_SERVER = MailServer("127.0.0.1", 1)
    there = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict["HOST"] = "/nonexistent"
    try:
        with pytest.raises(Refused, match="The database is needed"):
            list(test_message.send_test_message("editor@example.com"))
    finally:
        connection.settings_dict["HOST"] = there


class Post:
    """Carries what the mail server took to the mailbox while the doctor waits; time goes by only then."""

    def __init__(self, server: ScriptedServer, box: ImapServer) -> None:
        self.now, self.server, self.box = NOON, server, box

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.now, sleep=self.carry)

    def carry(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        for message in self.server.messages[:]:
            signed = RECEIVED + make_signer().sign(message.data)
            self.box.messages[len(self.box.messages) + 1] = Kept(signed)


@needs_openssl
def test_where_the_mailbox_is_ours_the_arrival_is_waited_for_and_looked_at(settings: Settings) -> None:
    with ScriptedServer() as server, ImapServer(make_message()) as box, serving(make_signer().zone) as dns:
        settings.MAIL_SERVER, settings.DNS_SERVER = MailServer("127.0.0.1", server.port), dns
        settings.BOUNCE_MAILBOX = Mailbox("127.0.0.1", box.port, "bounces", "secret", tls=False)
        settings.BOUNCE_ADDRESS = US
        found = list(test_message.send_test_message(US, Post(server, box).clock))
    assert [finding.name for finding in found][:4] == ["selftest", "selftest.arrival", "message.dkim", "message.signed"]
    assert {str(finding.level) for finding in found} == {"ok"}
    assert box.flags == [[]]  # ours was taken, the other mail is as it was


@pytest.mark.parametrize(("script", "level"), [("", "warning"), (DROP, "error")])
def test_what_does_not_arrive_within_a_minute_is_told(settings: Settings, script: str, level: str) -> None:
    with ScriptedServer() as server, ImapServer(script=lambda heard: script or None) as box:
        settings.MAIL_SERVER, settings.BOUNCE_ADDRESS = MailServer("127.0.0.1", server.port), US
        settings.BOUNCE_MAILBOX = Mailbox("127.0.0.1", box.port, "bounces", "secret", tls=False)
        times = iter(range(1_000))
        clock = Clock(now=lambda: NOON + next(times) * timedelta(seconds=20), sleep=lambda seconds: None)
        found = {finding.name: str(finding.level) for finding in test_message.send_test_message(US, clock)}
    assert found == {"selftest": "ok", "selftest.arrival": level}


def run(*options: str) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("doctor", *options, stdout=out)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


@needs_openssl
def test_the_command_reads_a_saved_message(settings: Settings, tmp_path: Path) -> None:
    saved = tmp_path / "message.eml"
    saved.write_bytes(RECEIVED + make_signer().sign(make_message()))
    with serving(make_signer().zone) as settings.DNS_SERVER:
        code, said = run("--message", str(saved))
    assert (code, [line.split("\t")[0] for line in said.splitlines()]) == (0, ["ok"] * 7)


def test_the_command_reads_stdin_and_ends_with_1_where_it_is_no_mail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"\xff\x00")))
    code, said = run("--message", "-", "--json")
    assert (code, json.loads(said)["error"]) == (1, 1)


def test_the_command_sends_the_test(settings: Settings) -> None:
    with ScriptedServer() as server:
        settings.MAIL_SERVER = MailServer("127.0.0.1", server.port)
        code, said = run("--mail-to", "editor@example.com")
    assert (code, said.startswith("ok\tselftest\t")) == (0, True)


@pytest.mark.parametrize("options", [["--mail-to", ""], ["--message", "/nonexistent"], ["--message", ""]])
def test_the_command_refuses_what_it_cannot_use(settings: Settings, options: list[str]) -> None:
    settings.MAIL_SERVER = MailServer("127.0.0.1", 1)
    with pytest.raises(Refused):
        run(*options)
