"""A change of address: two mailboxes have their say, and whoever holds an old mail has none."""

import threading
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from mailings.personal_data import erase
from subscribers import account_mail, change_address, signed_links, votes
from subscribers.models import AccountMail, Subscriber, Suppression
from subscribers.sign_up import process_due_requests
from tests.builders import make_poll, make_series, make_subscriber
from tests.connections import wait_until_somebody_waits
from tests.mailings.test_personal_data import ask as ask_for
from tests.mailings.test_personal_data import mailed_link
from tests.servers.outbox import sent_mails

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("outbox")]
NEW = "new@example.net"


def name_address(client: Client, subscriber: Subscriber, address: str = NEW) -> Any:
    """Follows a fresh link out of the old mailbox and names the new one; a worker does what was asked for."""
    token = signed_links.ADDRESS_LINK.token(subscriber, timezone.now())
    response = client.post(f"/me/address/{token}/", {"email": address})
    process_due_requests(timezone.now())
    account_mail.send_due(timezone.now())
    return response


def recipients() -> list[str]:
    return [message.to[0] for message in sent_mails()]


def test_the_new_address_is_asked_and_the_old_one_is_told(client: Client) -> None:
    subscriber, series = make_subscriber("old@example.org", name="Reader 7"), make_series()
    subscriber.series.add(series)
    ask_for(client, subscriber, "address")
    assert client.get(mailed_link()).status_code == 200
    name_address(client, subscriber)
    assert Subscriber.objects.get().email == "old@example.org"
    assert "o…@example.org" in client.get(mailed_link()).content.decode()
    assert client.post(mailed_link()).status_code == 200
    account_mail.send_due(timezone.now())
    moved = Subscriber.objects.at(NEW).get()
    assert (moved.email, moved.token, moved.name, moved.series.get()) == (NEW, subscriber.token, "Reader 7", series)
    assert recipients() == ["old@example.org", NEW, "old@example.org"]
    assert "n…@example.net" in str(sent_mails()[-1].body)


def test_a_vote_goes_along_and_is_no_second_one(client: Client) -> None:
    subscriber, poll = make_subscriber(), make_poll("Long", "Short")
    long, short = poll.choices.all()
    assert votes.cast_vote(subscriber, poll, long, timezone.now())
    name_address(client, subscriber)
    client.post(mailed_link())
    assert votes.cast_vote(Subscriber.objects.at(NEW).get(), poll, short, timezone.now())
    assert [vote.choice for vote in poll.votes.all()] == [short]


def test_the_second_click_is_as_good_as_the_first(client: Client) -> None:
    name_address(client, make_subscriber())
    assert [client.post(mailed_link()).status_code for _ in range(2)] == [200, 200]
    assert AccountMail.objects.filter(kind="moved").count() == 1


def test_looking_moves_nobody(client: Client) -> None:
    name_address(client, make_subscriber("old@example.org"))
    assert client.get(mailed_link()).status_code == client.head(mailed_link()).status_code == 200
    assert Subscriber.objects.get().email == "old@example.org"


@pytest.mark.parametrize("state", ["active", "pending", "unsubscribed", "bounced", "complained"])
def test_the_answer_does_not_tell_who_is_known(client: Client, state: str) -> None:
    subscriber = make_subscriber()
    make_subscriber("known@example.org", state=state)
    known, unknown = (name_address(client, subscriber, address) for address in ("known@example.org", NEW))
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)


def test_who_is_subscribed_there_is_told_so_and_nothing_changes(client: Client) -> None:
    name_address(client, make_subscriber(), make_subscriber(NEW).email)
    assert [(letter.kind, letter.subscriber.email) for letter in AccountMail.objects.all()] == [("known", NEW)]


@pytest.mark.parametrize("state", ["bounced", "complained"])
def test_a_dead_address_and_who_complained_are_not_asked(client: Client, state: str) -> None:
    erase(make_subscriber(NEW, state=state))
    name_address(client, make_subscriber())
    assert not sent_mails()


def test_an_address_that_complained_meanwhile_gets_nothing(client: Client) -> None:
    name_address(client, make_subscriber("old@example.org"))
    erase(make_subscriber(NEW, state="complained"))
    assert client.post(mailed_link()).status_code == 409
    assert Subscriber.objects.get().email == "old@example.org"
    assert Suppression.objects.get().reason == "complained"


@pytest.mark.parametrize("state", ["pending", "unsubscribed"])
def test_a_subscription_that_sends_nothing_there_gives_way(client: Client, state: str) -> None:
    subscriber = make_subscriber("old@example.org")
    make_subscriber(NEW, state=state)
    name_address(client, subscriber)
    client.post(mailed_link())
    assert Subscriber.objects.get() == subscriber


def test_who_was_erased_there_comes_back_by_the_own_word(client: Client) -> None:
    erase(make_subscriber(NEW))
    name_address(client, make_subscriber())
    client.post(mailed_link())
    assert not Suppression.objects.exists()
    assert Subscriber.objects.mailable().get().email == NEW


def test_who_subscribed_there_meanwhile_keeps_the_subscription(client: Client) -> None:
    name_address(client, make_subscriber("old@example.org"))
    make_subscriber(NEW)
    assert client.post(mailed_link()).status_code == 409
    assert Subscriber.objects.count() == 2


def test_who_left_meanwhile_is_not_moved(client: Client) -> None:
    subscriber = make_subscriber("old@example.org")
    name_address(client, subscriber)
    subscriber.unsubscribe(timezone.now())
    assert client.post(mailed_link()).status_code == 409
    assert Subscriber.objects.get().email == "old@example.org"


def test_the_own_address_and_what_is_none_change_nothing(client: Client) -> None:
    subscriber = make_subscriber("old@example.org")
    assert name_address(client, subscriber, "OLD@example.org").status_code == 200
    assert name_address(client, subscriber, "nonsense").status_code == 400
    assert not AccountMail.objects.exists()


def test_an_address_is_asked_three_times_a_day_whoever_asks(client: Client) -> None:
    for number in range(5):
        name_address(client, make_subscriber(f"reader{number}@example.org"))
    assert recipients() == [NEW] * 3


@pytest.mark.parametrize(("state", "moves"), [("pending", True), ("active", False)])
@pytest.mark.django_db(transaction=True)
def test_who_signs_up_with_the_new_address_at_the_same_moment_is_met(state: str, moves: bool) -> None:
    subscriber, inserted = make_subscriber("old@example.org"), threading.Event()
    letter = account_mail.request_mail(subscriber, AccountMail.Kind.MOVE, timezone.now(), to=NEW)

    def sign_up() -> None:
        with transaction.atomic():
            make_subscriber(NEW, state=state)
            inserted.set()
            wait_until_somebody_waits()
        connection.close()

    other = threading.Thread(target=sign_up)
    other.start()
    inserted.wait()
    assert letter is not None
    assert change_address.change_address(letter, timezone.now()) is moves
    other.join()
    assert Subscriber.objects.filter(pk=subscriber.pk, email=NEW).exists() is moves
    assert Subscriber.objects.at(NEW).count() == 1
