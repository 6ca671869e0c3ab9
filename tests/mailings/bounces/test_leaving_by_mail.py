"""A mail to the address of a message's second way out ends the mail to its reader, and is answered by none."""

import io
import sys
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from core.mail.return_paths import unsubscribe_address
from core.mail.servers import Mailbox
from mailings.bounces import mailbox, process
from mailings.bounces.parser import NotAReport
from mailings.models import MailEvent
from subscribers.models import SendingPermit, Subscriber, Suppression
from tests.builders import make_subscriber
from tests.mailings.bounces.returned import bounce, complaint, out_of_office
from tests.mailings.cast import make_mailing, needs_commits, run, use
from tests.servers.imap_server import ImapServer
from tests.servers.outbox import Outbox
from tests.servers.smtp_server import ScriptedServer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def address(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = "bounces@news.example.org"


@pytest.fixture
def reader() -> Subscriber:
    return make_subscriber("reader@example.org")


def wish(to: str, *, headers: str = "Message-ID: <1@example.org>\r\n", body: str = "") -> bytes:
    """As mail programs write it when somebody presses their button."""
    return f"From: <reader@example.org>\r\nTo: <{to}>\r\n{headers}Subject: unsubscribe\r\n\r\n{body}".encode()


def state(reader: Subscriber) -> str:
    reader.refresh_from_db()
    return reader.state


@pytest.mark.parametrize("changed", [str, str.lower, str.upper])
def test_a_mail_to_that_address_ends_it(reader: Subscriber, changed: Callable[[str], str], outbox: Outbox) -> None:
    process.receive_mail(wish(changed(unsubscribe_address(reader.token))), timezone.now())
    assert state(reader) == "unsubscribed"
    event = MailEvent.objects.get()
    assert (event.source, event.kind, event.subscriber, event.is_proven) == ("mail", "left", reader, True)
    assert not outbox
    assert not Suppression.objects.exists()


def test_the_envelope_may_say_where_it_went(reader: Subscriber) -> None:
    process.receive_mail(wish("undisclosed:;"), timezone.now(), receiver=unsubscribe_address(reader.token))
    assert state(reader) == "unsubscribed"


def test_the_same_mail_again_ends_no_newer_subscription(reader: Subscriber) -> None:
    raw = wish(unsubscribe_address(reader.token))
    process.receive_mail(raw, timezone.now())
    reader.confirm(now=timezone.now(), where="here", words="yes")
    process.receive_mail(raw, timezone.now())
    assert (state(reader), MailEvent.objects.count()) == ("active", 1)


def test_a_second_wish_ends_it_again(reader: Subscriber) -> None:
    for number in range(2):
        reader.confirm(now=timezone.now(), where="here", words="yes")
        process.receive_mail(
            wish(unsubscribe_address(reader.token), headers=f"Message-ID: <{number}@a>\r\n"), timezone.now()
        )
        assert state(reader) == "unsubscribed"


def test_two_people_whose_mails_are_alike_are_two(reader: Subscriber) -> None:
    other = make_subscriber()
    for leaving in (reader, other):
        process.receive_mail(wish(unsubscribe_address(leaving.token), headers="", body="unsubscribe"), timezone.now())
    assert (state(reader), state(other)) == ("unsubscribed", "unsubscribed")


@pytest.mark.parametrize(
    "headers", ["Auto-Submitted: auto-replied\r\n", "X-Autoreply: yes\r\n", "Precedence: auto_reply\r\n"]
)
def test_what_a_program_answers_is_nobody_s_wish(reader: Subscriber, headers: str) -> None:
    with pytest.raises(NotAReport, match="automatic reply"):
        process.receive_mail(wish(unsubscribe_address(reader.token), headers=headers), timezone.now())
    assert state(reader) == "active"


def test_a_report_that_comes_to_that_address_proves_nothing(reader: Subscriber) -> None:
    for raw in (bounce(to=unsubscribe_address(reader.token)), complaint(to=unsubscribe_address(reader.token))):
        process.receive_mail(raw, timezone.now())
    assert state(reader) == "active"
    assert not MailEvent.objects.filter(is_proven=True).exists()


@pytest.mark.parametrize(
    "to", ["bounces@news.example.org", "bounces+unsub-@news.example.org", "bounces+unsub-" + "x" * 32 + "@a.org"]
)
def test_a_mail_to_another_address_is_no_wish(reader: Subscriber, to: str) -> None:
    with pytest.raises(NotAReport):
        process.receive_mail(wish(to), timezone.now())
    assert not MailEvent.objects.exists()


def test_a_mail_with_more_parts_than_any_is_no_wish(reader: Subscriber) -> None:
    bomb = 'Content-Type: multipart/mixed; boundary="x"\r\n' * 100
    with pytest.raises(NotAReport):
        process.receive_mail(wish(unsubscribe_address(reader.token), headers=bomb), timezone.now())


def test_the_mailbox_is_emptied_of_it(reader: Subscriber, settings: Settings) -> None:
    SendingPermit.objects.arm()
    stranger = unsubscribe_address("a" * 32)
    with ImapServer(wish(unsubscribe_address(reader.token)), wish(stranger), out_of_office()) as server:
        settings.BOUNCE_MAILBOX = Mailbox("127.0.0.1", server.port, "bounces", "secret", tls=False)
        assert mailbox.read_bounce_mailbox(timezone.now()) == 3
    assert state(reader) == "unsubscribed"
    assert server.flags == [["\\Seen"], ["\\Seen"]]


def test_the_pipe_takes_it(reader: Subscriber, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(wish(unsubscribe_address(reader.token)))))
    out = io.StringIO()
    call_command("receive_bounce", stdout=out)
    assert "stored: unsubscribed" in out.getvalue()
    assert state(reader) == "unsubscribed"


@needs_commits
def test_every_message_names_its_reader_s_own_way_out(settings: Settings) -> None:
    with ScriptedServer() as relay:
        use(relay, settings)
        run(make_mailing(2))
    for message in relay.messages:
        ways = " ".join(message.data.decode().partition("List-Unsubscribe:")[2].split("\r\n")[:2])
        by_mail = ways.partition("<mailto:")[2].partition("?")[0]
        process.receive_mail(wish(by_mail, headers=f"Message-ID: <{message.recipient}>\r\n"), timezone.now())
    assert len(relay.messages) == 2
    assert set(Subscriber.objects.values_list("state", flat=True)) == {"unsubscribed"}


@needs_commits
def test_without_an_address_for_that_there_is_the_link_alone(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = ""
    with ScriptedServer() as relay:
        use(relay, settings)
        run(make_mailing(1))
    assert b"mailto:" not in relay.messages[0].data.partition(b"\r\n\r\n")[0]
