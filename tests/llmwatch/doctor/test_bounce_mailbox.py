"""The doctor at what comes back, and at how long a mailing takes; against a real IMAP server on loopback."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from core.clock import REAL_CLOCK, Quota
from core.mail.servers import Mailbox, MailServer
from llmwatch.doctor import Finding, bounce_mailbox, throughput
from mailings.bounces import process
from mailings.models import Delivery
from tests.builders import make_subscriber
from tests.core.mail.test_smtp import stranger
from tests.mailings.bounces.returned import bounce, out_of_office
from tests.mailings.cast import make_mailing, make_readers
from tests.servers.certificates import needs_openssl
from tests.servers.imap_server import DROP, ImapServer

HOUR = timedelta(hours=1)


def look(server: ImapServer, settings: Settings) -> Finding:
    settings.BOUNCE_MAILBOX = Mailbox("127.0.0.1", server.port, "bounces", "secret", tls=False)
    (found,) = bounce_mailbox.check_mailbox(REAL_CLOCK)
    return found


def test_what_waits_in_the_mailbox_is_counted_and_left_alone(settings: Settings) -> None:
    with ImapServer(bounce(), out_of_office()) as server:
        server.messages[2].flags.add("\\Seen")
        found = look(server, settings)
    assert (found.level, "2 mails are there, 1 unread" in found.sentence) == ("ok", True)
    assert not {"FETCH", "STORE", "EXPUNGE"} & set(server.words)


@pytest.mark.parametrize(
    ("word", "answer"), [("LOGIN", "NO wrong password"), ("EXAMINE", "NO such folder"), ("SEARCH", DROP)]
)
def test_a_mailbox_that_cannot_be_read_is_an_error(settings: Settings, word: str, answer: str) -> None:
    with ImapServer(script=lambda heard: answer if heard == word else None) as server:
        found = look(server, settings)
    assert (found.level, "BOUNCE_IMAP_URL" in found.mend) == ("error", True)


def test_a_mailbox_that_is_not_there_is_an_error_and_none_is_none(settings: Settings) -> None:
    settings.BOUNCE_MAILBOX = Mailbox("127.0.0.1", 1, tls=False)
    assert [found.level for found in bounce_mailbox.check_mailbox(REAL_CLOCK)] == ["error"]
    settings.BOUNCE_MAILBOX = Mailbox()
    assert list(bounce_mailbox.check_mailbox(REAL_CLOCK)) == []


@needs_openssl
def test_a_mailbox_that_nobody_vouches_for_is_an_error(settings: Settings, tmp_path: Path) -> None:
    with stranger(tmp_path) as port:
        settings.BOUNCE_MAILBOX = Mailbox("127.0.0.1", port, "bounces", "secret")
        (found,) = bounce_mailbox.check_mailbox(REAL_CLOCK)
    assert "certificate verify failed" in found.sentence


def test_a_mailbox_that_nobody_empties_is_told() -> None:
    box = Mailbox("mail.example.org")
    assert [bounce_mailbox.judge_mailbox(box, 2_000, unread).level for unread in (1_000, 1_001)] == ["ok", "warning"]


@pytest.mark.django_db
def test_silence_after_many_messages_is_told_until_something_comes_back() -> None:
    mailing = make_mailing(bounce_mailbox.ENOUGH_SENT)
    assert [found.level for found in bounce_mailbox.check_bounces(REAL_CLOCK)] == ["ok"]
    Delivery.objects.update(state="sent", sent_at=timezone.now())
    assert [found.level for found in bounce_mailbox.check_bounces(REAL_CLOCK)] == ["warning"]
    process.receive_mail(bounce(), timezone.now())
    assert mailing.deliveries.count() == bounce_mailbox.ENOUGH_SENT
    assert [found.level for found in bounce_mailbox.check_bounces(REAL_CLOCK)] == ["ok"]


@pytest.mark.parametrize(
    ("many", "rate", "quota", "said", "level"),
    [
        (0, 0.0, Quota(500, HOUR), "nobody to mail yet", "ok"),
        (100_000, 0.0, None, "100,000 subscribers; 4 connections", "ok"),
        (840, 14.0, None, "a minute", "ok"),
        (5_001, 0.0, Quota(500, HOUR), "10 hours", "ok"),
        (5_000, 1.0, Quota(500, HOUR), "9 hours", "ok"),
        (50_000, 0.0, Quota(200, 24 * HOUR), "249 days", "warning"),
        (500, 100.0, Quota(500, HOUR), "a minute", "ok"),
        (1_000_000, 5.0, None, "2 days", "warning"),
    ],
)
def test_how_long_a_mailing_takes_is_told(many: int, rate: float, quota: Quota | None, said: str, level: str) -> None:
    found = throughput.judge_duration(many, rate, quota, connections=4)
    assert (found.level, said in found.sentence) == (level, True), found


@pytest.mark.django_db
def test_whoever_would_get_an_issue_is_counted(settings: Settings) -> None:
    settings.MAIL_SERVER = MailServer("mail.example.org")
    make_readers(2)
    make_subscriber(state="unsubscribed")
    (found,) = throughput.check_throughput(REAL_CLOCK)
    assert found.sentence.startswith("2 subscribers")
