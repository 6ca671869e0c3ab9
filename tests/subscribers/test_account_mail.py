"""Letters: asked for in a row, sent outside the request, each at most once."""

import re
import threading
from datetime import timedelta
from smtplib import SMTPDataError, SMTPRecipientsRefused, SMTPSenderRefused, SMTPServerDisconnected

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.utils import timezone
from kombu import Connection
from kombu.pools import producers
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from llmwatch.celery import app
from mailings.bounces import return_paths
from subscribers import account_mail
from subscribers.models import AccountMail, SendingPermit, Subscriber, Suppression
from tests.builders import NOON, make_subscriber

MINUTE = timedelta(minutes=1)
pytestmark = pytest.mark.django_db


class Closed(EmailBackend):
    """A server that does not answer."""

    def open(self) -> bool:
        raise ConnectionRefusedError("Connection refused")


class Answering(EmailBackend):
    """A server that says no, or falls silent, where a message is handed over."""

    answer: Exception

    def send_messages(self, messages: object) -> int:
        raise type(self).answer


def ask(subscriber: Subscriber | None = None, kind: AccountMail.Kind = AccountMail.Kind.CONFIRM) -> AccountMail:
    letter = account_mail.request_mail(subscriber or make_subscriber(state="pending"), kind, NOON)
    assert letter is not None
    return letter


def answered(settings: Settings, error: Exception) -> AccountMail:
    """A letter after its first try at a server with this answer."""
    Answering.answer = error
    settings.EMAIL_BACKEND = f"{__name__}.Answering"
    letter = ask()
    account_mail.send_mail(letter.pk, NOON)
    letter.refresh_from_db()
    return letter


def test_what_is_due_is_sent_once() -> None:
    ask()
    assert account_mail.send_due(NOON) == 1
    assert account_mail.send_due(NOON) == 0
    assert len(mail.outbox) == 1


def test_a_task_and_the_tick_send_one_letter_once() -> None:
    letter = ask()
    assert account_mail.send_mail(letter.pk, NOON)
    assert account_mail.send_due(NOON) == 0
    assert not account_mail.send_mail(letter.pk, NOON)
    assert len(mail.outbox) == 1


def test_a_letter_is_claimed_by_one() -> None:
    letter = ask()
    assert letter.claim(NOON)
    assert not letter.claim(NOON)


def test_the_task_gets_the_letter_once_it_stands_in_the_database(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.conf, "task_always_eager", True)
    with django_capture_on_commit_callbacks(execute=True):
        account_mail.request_mail(make_subscriber(state="pending"), AccountMail.Kind.CONFIRM, timezone.now())
    assert len(mail.outbox) == 1


def test_without_a_broker_the_letter_waits_for_the_tick(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = producers[Connection("redis+socket:///nonexistent/valkey.sock")]
    monkeypatch.setattr(app.amqp, "_producer_pool", nowhere)
    with django_capture_on_commit_callbacks(execute=True):
        ask()
    assert account_mail.send_due(NOON) == 1


def test_a_server_that_is_down_gets_the_letter_later(settings: Settings) -> None:
    letter, sound = ask(), settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = f"{__name__}.Closed"
    assert not account_mail.send_mail(letter.pk, NOON)
    settings.EMAIL_BACKEND = sound
    assert account_mail.send_due(NOON) == 1


def test_while_the_server_is_down_it_is_asked_once_and_all_letters_wait(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    ask(), ask()
    settings.EMAIL_BACKEND = f"{__name__}.Closed"
    assert account_mail.send_due(NOON) == 0
    assert [record.message for record in caplog.records] == ["letters.no_server error=Connection refused"]
    assert AccountMail.objects.due(NOON).count() == 2


def test_after_the_last_try_the_letter_has_failed(settings: Settings) -> None:
    letter = answered(settings, SMTPDataError(451, b"Later, please"))
    for hour in range(1, 10):
        account_mail.send_mail(letter.pk, NOON + timedelta(hours=hour))
    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == ("failed", 5)


def test_a_temporary_refusal_is_tried_again(settings: Settings) -> None:
    letter = answered(settings, SMTPDataError(451, b"Later, please"))
    assert (letter.state, letter.due_at) == ("due", NOON + MINUTE)


@pytest.mark.parametrize(
    "error",
    [
        SMTPDataError(554, b"No"),
        SMTPRecipientsRefused({"reader@example.org": (550, b"Nobody here")}),
        SMTPServerDisconnected("Connection unexpectedly closed"),
    ],
)
def test_a_refusal_and_silence_after_the_message_are_not_tried_again(settings: Settings, error: Exception) -> None:
    assert answered(settings, error).state == "failed"


def test_a_letter_of_yesterday_is_not_sent() -> None:
    ask()
    assert account_mail.send_due(NOON + timedelta(days=1)) == 0


def test_a_copied_database_sends_none() -> None:
    letter = ask()
    SendingPermit.objects.all().delete()
    assert account_mail.send_due(NOON) == 0
    assert not account_mail.send_mail(letter.pk, NOON)
    SendingPermit.objects.arm()
    assert account_mail.send_due(NOON) == 1


def test_an_address_gets_three_letters_of_a_kind_a_day() -> None:
    subscriber = make_subscriber(state="pending")
    asked = [
        account_mail.request_mail(subscriber, AccountMail.Kind.CONFIRM, NOON + minute * MINUTE) for minute in range(5)
    ]
    assert [letter is not None for letter in asked] == [True, True, True, False, False]
    assert account_mail.request_mail(subscriber, AccountMail.Kind.CONFIRM, NOON + timedelta(days=1)) is not None


def test_letters_are_forgotten_after_a_month() -> None:
    ask()
    account_mail.send_due(NOON + timedelta(days=31))
    assert not AccountMail.objects.exists()


@pytest.mark.parametrize("kind", [kind for kind in AccountMail.Kind if kind != AccountMail.Kind.MOVED])
def test_a_letter_says_the_same_in_both_parts_and_is_no_bulk_mail(kind: AccountMail.Kind, settings: Settings) -> None:
    settings.POSTAL_ADDRESS, settings.REPLY_TO = "LLM Watch, 1 Example Street", "editor@example.org"
    message = account_mail.compose_mail(ask(make_subscriber("reader@example.org", name="Reader 7"), kind), NOON)
    html, link = str(message.alternatives[0][0]), message.body.split("http://testserver/me/")[1].split()[0]
    assert link in html
    assert "1 Example Street" in html
    assert "1 Example Street" in message.body
    assert (message.to, message.reply_to) == (["reader@example.org"], ["editor@example.org"])
    assert not {"List-Unsubscribe", "Precedence", "Auto-Submitted"} & set(message.message().keys())
    assert "Reader 7" not in html + message.body


def test_the_text_part_is_not_escaped(settings: Settings) -> None:
    settings.SITE_NAME = "Cats & Models"
    assert "Cats & Models" in account_mail.compose_mail(ask(), NOON).body


def test_the_message_id_is_the_same_each_time_and_names_no_machine() -> None:
    letter = ask()
    ids = {account_mail.compose_mail(letter, NOON + minute * MINUTE).message()["Message-ID"] for minute in range(2)}
    assert len(ids) == 1
    assert re.fullmatch(r"<letter\.[0-9a-z]+\.[a-z2-7]{16}@testserver>", ids.pop())


def test_a_letter_comes_back_to_an_address_of_its_own(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = "bounces@news.example.org"
    letter = ask()
    account_mail.send_mail(letter.pk, NOON)
    (message,) = mail.outbox
    assert return_paths.find_account_mail(message.from_email) == letter
    assert message.message()["From"] == settings.DEFAULT_FROM_EMAIL


def test_without_an_address_for_that_it_comes_back_to_the_sender(settings: Settings) -> None:
    assert account_mail.compose_mail(ask(), NOON).from_email == settings.DEFAULT_FROM_EMAIL


@pytest.mark.parametrize(
    "error",
    [
        SMTPDataError(550, b"5.1.1 No such user"),
        SMTPRecipientsRefused({"reader@example.org": (550, b"5.1.1 No such user")}),
    ],
)
def test_an_address_that_the_mail_server_calls_dead_is_given_up(settings: Settings, error: Exception) -> None:
    letter = answered(settings, error)
    assert (letter.state, letter.subscriber.state) == ("failed", "bounced")
    assert Suppression.objects.get().reason == "bounced"


def test_a_refusal_that_speaks_of_us_gives_nobody_up(settings: Settings) -> None:
    answered(settings, SMTPSenderRefused(550, b"5.1.1 No such sender", "news@example.org"))
    assert not Suppression.objects.exists()


def test_the_permanent_token_is_not_in_a_letter_to_confirm() -> None:
    letter = ask()
    assert letter.subscriber.token not in account_mail.compose_mail(letter, NOON).body


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_one_letter() -> None:
    SendingPermit.objects.arm()
    letter, start, done = ask(), threading.Barrier(2), []

    def work() -> None:
        start.wait()
        done.append(account_mail.send_mail(letter.pk, NOON))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(done) == [False, True]
    assert len(mail.outbox) == 1
