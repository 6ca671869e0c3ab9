"""The mailbox for what comes back: emptied once it is stored here, left alone where it cannot be."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from core.mail.servers import Mailbox
from core.models import Alarm
from llmwatch import tick
from mailings import tasks
from mailings.bounces import mailbox
from mailings.models import MailEvent
from subscribers.models import SendingPermit, Subscriber
from tests.core.mail.test_smtp import stranger
from tests.mailings.bounces.returned import bounce, complaint, out_of_office
from tests.mailings.cast import make_mailing
from tests.servers.certificates import needs_openssl
from tests.servers.imap_server import DROP, ImapServer

pytestmark = pytest.mark.django_db
Use = Callable[[ImapServer], None]


@pytest.fixture
def use(settings: Settings) -> Use:
    def use(server: ImapServer) -> None:
        settings.BOUNCE_MAILBOX = Mailbox("127.0.0.1", server.port, "bounces", "secret", tls=False)

    return use


def two_reports() -> tuple[bytes, bytes]:
    """A hard bounce and a complaint about two messages that were sent."""
    first, second = make_mailing(2).deliveries.order_by("subscriber__email")
    ids = [f"<{each.mailing_id}.{each.address_hash[:32]}@example.org>" for each in (first, second)]
    return bounce(message_id=ids[0]), complaint(message_id=ids[1])


def at(word: str, said: str) -> Callable[[str], str | None]:
    return lambda heard: said if heard == word else None


def test_reports_are_stored_and_acted_on_and_then_deleted(use: Use) -> None:
    with ImapServer(*two_reports()) as server:
        use(server)
        assert mailbox.read_bounce_mailbox(timezone.now()) == 2
    assert server.messages == {}
    assert sorted(Subscriber.objects.values_list("state", flat=True)) == ["bounced", "complained"]


def test_other_mail_stays_and_is_looked_at_once(use: Use) -> None:
    with ImapServer(out_of_office(), bounce()) as server:
        use(server)
        assert mailbox.read_bounce_mailbox(timezone.now()) == 2
        assert mailbox.read_bounce_mailbox(timezone.now() + mailbox.READ_INTERVAL) == 0
    assert server.flags == [["\\Seen"]]


def test_a_mail_is_stored_before_it_is_deleted(use: Use) -> None:
    with ImapServer(bounce(), script=at("STORE", DROP)) as server:
        use(server)
        mailbox.read_bounce_mailbox(timezone.now())
        assert (server.flags, MailEvent.objects.count()) == ([[]], 1)
        server.script = at("", "")
        mailbox.read_bounce_mailbox(timezone.now() + mailbox.READ_INTERVAL)
    assert (server.messages, MailEvent.objects.count()) == ({}, 1)


@pytest.mark.parametrize(
    ("word", "said"),
    [("LOGIN", "NO wrong password"), ("SELECT", "NO such folder"), ("SEARCH", "BAD day"), ("FETCH", "NO"), ("", "")],
)
def test_a_mailbox_that_cannot_be_read_is_an_alarm_until_it_can(use: Use, word: str, said: str) -> None:
    with ImapServer(bounce(), script=at(word, said) if word else lambda heard: DROP) as server:
        use(server)
        SendingPermit.objects.arm()
        assert mailbox.read_bounce_mailbox(timezone.now()) == 0
        assert "BOUNCE_IMAP_URL" in Alarm.objects.open().get(key="mail.mailbox").sentence
        server.script = at("", "")
        assert mailbox.read_bounce_mailbox(timezone.now() + mailbox.READ_INTERVAL) == 1
    assert not Alarm.objects.open().exists()


def test_a_mailbox_that_is_not_there_is_an_alarm(settings: Settings) -> None:
    SendingPermit.objects.arm()
    settings.BOUNCE_MAILBOX = Mailbox("127.0.0.1", 1, tls=False)
    assert mailbox.read_bounce_mailbox(timezone.now()) == 0
    assert Alarm.objects.open().filter(key="mail.mailbox").exists()


@needs_openssl
def test_a_mailbox_that_nobody_vouches_for_is_not_believed(settings: Settings, tmp_path: Path) -> None:
    SendingPermit.objects.arm()
    with stranger(tmp_path) as port:
        settings.BOUNCE_MAILBOX = Mailbox("127.0.0.1", port, "bounces", "secret")
        mailbox.read_bounce_mailbox(timezone.now())
    assert "certificate verify failed" in Alarm.objects.open().get(key="mail.mailbox").sentence


def test_a_copied_database_leaves_the_mailbox_alone(use: Use) -> None:
    SendingPermit.objects.all().delete()
    with ImapServer(bounce()) as server:
        use(server)
        assert mailbox.read_bounce_mailbox(timezone.now()) == 0
    assert server.words == []


def test_it_is_looked_into_every_five_minutes(use: Use, queue: Any) -> None:
    SendingPermit.objects.arm()
    now = timezone.now()
    with ImapServer() as server:
        use(server)
        tick.tick(now)
        assert queue.llen("celery") == 1
        tasks.read_mailbox()
    assert not mailbox.is_due(now + timedelta(minutes=4))
    assert mailbox.is_due(timezone.now() + mailbox.READ_INTERVAL)


def test_without_a_mailbox_there_is_nothing_to_look_into() -> None:
    SendingPermit.objects.arm()
    assert not mailbox.is_due(timezone.now())
