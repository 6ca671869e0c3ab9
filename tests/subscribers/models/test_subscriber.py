"""Subscribers: who is mailed, how people come and go, and what is left when they are forgotten."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection

from mailings.models import Delivery
from mailings.personal_data import erase
from subscribers.addresses import address_hash
from subscribers.models import Subscriber, Suppression
from tests.builders import NOON, make_series, make_subscriber
from tests.mailings.cast import make_mailing

TODAY = NOON.date()
pytestmark = pytest.mark.django_db


def suppress(subscriber: Subscriber, reason: str) -> None:
    Suppression.objects.create(address_hash=subscriber.address_hash, reason=reason)


def confirm(subscriber: Subscriber) -> bool:
    return subscriber.confirm(now=NOON, where="https://news.example.org/me/confirm/", words="Send it to me.")


@pytest.mark.parametrize("state", ["pending", "unsubscribed", "bounced", "complained"])
def test_only_active_ones_are_mailed(state: str) -> None:
    active = make_subscriber()
    make_subscriber(state=state)
    assert list(Subscriber.objects.mailable()) == [active]


def test_a_suppressed_address_is_not_mailed_whatever_its_state() -> None:
    suppress(make_subscriber(), "complained")
    assert not Subscriber.objects.mailable().exists()


def test_who_chose_no_series_follows_all() -> None:
    one, other = make_series(), make_series()
    everything, chosen = make_subscriber(), make_subscriber()
    chosen.series.add(one)
    assert set(Subscriber.objects.following(one)) == {everything, chosen}
    assert set(Subscriber.objects.following(other)) == {everything}


def test_an_address_is_found_in_every_case_of_its_letters() -> None:
    subscriber = make_subscriber("Reader@example.org")
    assert Subscriber.objects.at("rEADER@EXAMPLE.org").get() == subscriber


def test_an_address_is_there_once_whatever_the_case() -> None:
    make_subscriber("reader@example.org")
    with pytest.raises(IntegrityError):
        make_subscriber("READER@example.org")


def test_tokens_are_32_characters_and_differ() -> None:
    tokens = {make_subscriber().token for _ in range(3)}
    assert {len(token) for token in tokens} == {32}
    assert len(tokens) == 3


def test_confirming_keeps_when_where_and_which_words() -> None:
    subscriber = make_subscriber(state="pending", confirmed_at=None)
    assert confirm(subscriber)
    assert (subscriber.state, subscriber.confirmed_at, subscriber.consent_at) == ("active", NOON, NOON)
    assert (subscriber.consent_where, subscriber.consent_words, subscriber.basis) == (
        "https://news.example.org/me/confirm/",
        "Send it to me.",
        "confirmed",
    )


def test_confirming_again_changes_nothing() -> None:
    subscriber = make_subscriber(state="pending", confirmed_at=None)
    confirm(subscriber)
    assert subscriber.confirm(now=NOON + timedelta(days=1), where="elsewhere", words="Other words.")
    assert (subscriber.confirmed_at, subscriber.consent_words) == (NOON, "Send it to me.")


@pytest.mark.parametrize("reason", ["unsubscribed", "erased"])
def test_the_own_confirmation_lifts_a_suppression_that_the_person_asked_for(reason: str) -> None:
    subscriber = make_subscriber(state="pending", confirmed_at=None)
    suppress(subscriber, reason)
    assert confirm(subscriber)
    assert list(Subscriber.objects.mailable()) == [subscriber]


@pytest.mark.parametrize("reason", ["bounced", "complained"])
def test_a_complaint_and_a_dead_address_stay(reason: str) -> None:
    subscriber = make_subscriber(state="pending", confirmed_at=None)
    suppress(subscriber, reason)
    assert not confirm(subscriber)
    assert Suppression.objects.count() == 1
    assert not Subscriber.objects.active().exists()


@pytest.mark.parametrize("state", ["bounced", "complained"])
def test_who_is_unreachable_or_complained_is_not_confirmed(state: str) -> None:
    subscriber = make_subscriber(state=state)
    assert not confirm(subscriber)
    assert subscriber.state == state


def test_what_was_done_earlier_and_told_later_changes_nothing() -> None:
    subscriber = make_subscriber()
    for moment in (NOON, NOON - timedelta(days=1)):
        subscriber.acted(moment)
    assert Subscriber.objects.get().last_acted == NOON


def test_leaving_twice_keeps_the_first_time() -> None:
    subscriber = make_subscriber()
    assert subscriber.unsubscribe(NOON)
    assert not subscriber.unsubscribe(NOON + timedelta(days=1))
    assert (subscriber.state, subscriber.left_at) == ("unsubscribed", NOON)


def test_a_complaint_stays_one_when_the_person_leaves() -> None:
    subscriber = make_subscriber(state="complained")
    assert not subscriber.unsubscribe(NOON)
    assert subscriber.state == "complained"


@pytest.mark.parametrize(
    ("until", "is_one"), [(None, False), (TODAY - timedelta(days=1), False), (TODAY, True), (date(2030, 1, 1), True)]
)
def test_a_supporter_has_paid_until_today_or_longer(until: date | None, is_one: bool) -> None:
    subscriber = make_subscriber(paid_until=until)
    assert subscriber.is_supporter(TODAY) is is_one
    assert Subscriber.objects.supporters(TODAY).exists() is is_one


def test_who_left_is_no_supporter() -> None:
    subscriber = make_subscriber(state="unsubscribed", paid_until=TODAY)
    assert not subscriber.is_supporter(TODAY)
    assert not Subscriber.objects.supporters(TODAY).exists()


@pytest.mark.parametrize(
    ("state", "reason"),
    [("active", "erased"), ("unsubscribed", "erased"), ("bounced", "bounced"), ("complained", "complained")],
)
def test_erasure_forgets_the_person_and_keeps_the_hash(state: str, reason: str) -> None:
    erase(make_subscriber("reader@example.org", state=state))
    assert not Subscriber.objects.exists()
    assert Suppression.objects.get().address_hash == address_hash("reader@example.org")
    assert Suppression.objects.get().reason == reason


def test_erasure_leaves_no_answer_that_quotes_the_address() -> None:
    delivery = make_mailing(1).deliveries.select_related("subscriber").get()
    Delivery.objects.update(reply="550 5.1.1 <reader-0000@example.org>: User unknown")
    assert delivery.subscriber is not None
    erase(delivery.subscriber)
    assert Delivery.objects.get().reply == ""


def test_erasure_keeps_an_earlier_complaint() -> None:
    subscriber = make_subscriber()
    suppress(subscriber, "complained")
    erase(subscriber)
    assert Suppression.objects.get().reason == "complained"


def test_addresses_are_found_by_their_beginning_in_every_case() -> None:
    subscriber = make_subscriber("Reader_1@example.org")
    make_subscriber("readerX1@example.org")
    assert list(Subscriber.objects.beginning("READER_")) == [subscriber]


def test_the_search_by_beginning_is_answered_by_the_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    plan = Subscriber.objects.beginning("reader").order_by().explain()
    assert "subscriber_address_begins" in plan
