"""Letters: asked for in a row, sent outside the request, each at most once."""

import re
import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from kombu import Connection
from kombu.pools import producers
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from core.mail.servers import MailServer
from llmwatch.celery import app
from mailings.bounces import return_paths
from mailings.bounces.refusals import receive_refused_account_mails
from mailings.models import MailEvent
from subscribers import account_mail
from subscribers.models import AccountMail, SendingPermit, Subscriber, Suppression
from tests.builders import NOON, make_subscriber
from tests.servers.outbox import Outbox
from tests.servers.smtp_server import DROP

MINUTE = timedelta(minutes=1)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("outbox")]


NOBODY = MailServer("127.0.0.1", 9)  # where nothing listens


def ask(subscriber: Subscriber | None = None, kind: AccountMail.Kind = AccountMail.Kind.CONFIRM) -> AccountMail:
    letter = account_mail.request_mail(subscriber or make_subscriber(state="pending"), kind, NOON)
    assert letter is not None
    return letter


def answered(outbox: Outbox, word: str, answer: str) -> AccountMail:
    """A letter after its first try at a server with this answer at this point."""
    outbox.server.script = lambda said, recipient: answer if said == word else None
    letter = ask()
    account_mail.send_mail(letter.pk, NOON)
    letter.refresh_from_db()
    return letter


def test_what_is_due_is_sent_once(outbox: Outbox) -> None:
    ask()
    assert account_mail.send_due(NOON) == 1
    assert account_mail.send_due(NOON) == 0
    assert len(outbox) == 1


def test_a_task_and_the_tick_send_one_letter_once(outbox: Outbox) -> None:
    letter = ask()
    assert account_mail.send_mail(letter.pk, NOON)
    assert account_mail.send_due(NOON) == 0
    assert not account_mail.send_mail(letter.pk, NOON)
    assert len(outbox) == 1


def test_a_letter_is_claimed_by_one() -> None:
    letter = ask()
    assert letter.claim(NOON)
    assert not letter.claim(NOON)


def test_the_task_gets_the_letter_once_it_stands_in_the_database(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, monkeypatch: pytest.MonkeyPatch, outbox: Outbox
) -> None:
    monkeypatch.setitem(app.conf, "task_always_eager", True)
    with django_capture_on_commit_callbacks(execute=True):
        account_mail.request_mail(make_subscriber(state="pending"), AccountMail.Kind.CONFIRM, timezone.now())
    assert len(outbox) == 1


def test_without_a_broker_the_letter_waits_for_the_tick(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = producers[Connection("redis+socket:///nonexistent/valkey.sock")]
    monkeypatch.setattr(app.amqp, "_producer_pool", nowhere)
    with django_capture_on_commit_callbacks(execute=True):
        ask()
    assert account_mail.send_due(NOON) == 1


def test_a_server_that_is_down_gets_the_letter_later(settings: Settings) -> None:
    letter, sound = ask(), settings.MAIL_SERVER
    settings.MAIL_SERVER = NOBODY
    assert not account_mail.send_mail(letter.pk, NOON)
    settings.MAIL_SERVER = sound
    assert account_mail.send_due(NOON) == 1


def test_while_the_server_is_down_it_is_asked_once_and_all_letters_wait(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    ask(), ask()
    settings.MAIL_SERVER = NOBODY
    assert account_mail.send_due(NOON) == 0
    (said,) = [record.message for record in caplog.records]
    assert said.startswith("account_mail.no_server answer=")
    assert "Connection refused" in said
    assert AccountMail.objects.due(NOON).count() == 2


def test_after_the_last_try_the_letter_has_failed(outbox: Outbox) -> None:
    letter = answered(outbox, "BODY", "451 Later, please")
    for hour in range(1, 10):
        account_mail.send_mail(letter.pk, NOON + timedelta(hours=hour))
    letter.refresh_from_db()
    assert (letter.state, letter.attempts) == ("failed", 5)


def test_a_temporary_refusal_is_tried_again(outbox: Outbox) -> None:
    letter = answered(outbox, "BODY", "451 Later, please")
    assert (letter.state, letter.due_at) == ("due", NOON + MINUTE)


@pytest.mark.parametrize(("word", "answer"), [("BODY", "554 No"), ("RCPT", "550 Nobody here"), ("BODY", DROP)])
def test_a_refusal_and_silence_after_the_message_are_not_tried_again(outbox: Outbox, word: str, answer: str) -> None:
    assert answered(outbox, word, answer).state == "failed"


def test_a_connection_that_broke_before_the_message_costs_a_minute_and_no_letter(outbox: Outbox) -> None:
    letter = answered(outbox, "RCPT", DROP)
    assert (letter.state, letter.due_at) == ("due", NOON + MINUTE)


def test_many_letters_go_over_one_connection(outbox: Outbox) -> None:
    for _ in range(3):
        ask()
    assert account_mail.send_due(NOON) == 3
    assert (len(outbox), outbox.server.connections) == (3, 1)


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


def test_a_letter_comes_back_to_an_address_of_its_own(settings: Settings, outbox: Outbox) -> None:
    settings.BOUNCE_ADDRESS = "bounces@news.example.org"
    letter = ask()
    account_mail.send_mail(letter.pk, NOON)
    (message,) = outbox
    assert return_paths.find_account_mail(message.from_email) == letter
    assert message.message()["From"] == settings.DEFAULT_FROM_EMAIL


def test_without_an_address_for_that_it_comes_back_to_the_sender(settings: Settings) -> None:
    assert account_mail.compose_mail(ask(), NOON).from_email == settings.DEFAULT_FROM_EMAIL


@pytest.mark.parametrize("word", ["RCPT", "BODY"])
def test_an_address_that_the_mail_server_calls_dead_is_given_up_at_the_next_look(outbox: Outbox, word: str) -> None:
    letter = answered(outbox, word, "550 5.1.1 No such user")
    assert (letter.state, letter.is_refused) == ("failed", True)
    assert receive_refused_account_mails(NOON) == 1
    letter.subscriber.refresh_from_db()
    assert letter.subscriber.state == "bounced"
    assert Suppression.objects.get().reason == "bounced"


def test_a_refused_letter_is_an_event_once(outbox: Outbox) -> None:
    answered(outbox, "RCPT", "552 5.2.2 Mailbox full")
    assert [receive_refused_account_mails(NOON) for _ in range(2)] == [1, 0]
    event = MailEvent.objects.get()
    assert (event.kind, event.status, event.source, event.is_proven) == ("soft", "5.2.2", "smtp", True)


def test_a_refusal_that_speaks_of_us_gives_nobody_up(outbox: Outbox) -> None:
    answered(outbox, "MAIL", "550 5.1.1 No such sender")
    assert receive_refused_account_mails(NOON) == 0
    assert not Suppression.objects.exists()


def test_the_permanent_token_is_not_in_a_letter_to_confirm() -> None:
    letter = ask()
    assert letter.subscriber.token not in account_mail.compose_mail(letter, NOON).body


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_one_letter(outbox: Outbox) -> None:
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
    assert len(outbox) == 1
