"""Confirming: GET and HEAD show one button, POST acts, and twice is as good as once."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mailings.personal_data import erase
from subscribers import account_mail, signed_links
from subscribers.models import AccountMail, Subscriber, Suppression
from subscribers.sign_up import confirm_subscription, consent_words
from subscribers.signed_links import BadLink
from tests.builders import NOON, make_issue, make_series, make_subscriber
from tests.servers.outbox import Outbox

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def make_pending(**fields: Any) -> Subscriber:
    return make_subscriber(state="pending", confirmed_at=None, **fields)


def address(subscriber: Subscriber, *, age: timedelta = timedelta(minutes=5)) -> str:
    return f"/me/confirm/{signed_links.CONFIRM_LINK.token(subscriber, timezone.now() - age)}/"


def test_looking_changes_nothing(client: Client) -> None:
    subscriber = make_pending()
    assert client.head(address(subscriber)).status_code == 200
    page = client.get(address(subscriber)).content.decode()
    assert page.count("<button") == 1
    assert consent_words() in page
    assert Subscriber.objects.get().state == "pending"


def test_the_button_confirms_without_cookie_or_csrf_token() -> None:
    subscriber, client = make_pending(), Client(enforce_csrf_checks=True)
    response = client.post(address(subscriber), headers={"Origin": "null"})
    subscriber.refresh_from_db()
    assert (response.status_code, subscriber.state) == (200, "active")
    assert subscriber.consent_words == consent_words()
    assert subscriber.consent_where == "http://testserver/me/confirm/"
    assert not response.cookies


def test_confirming_twice_is_a_success_and_keeps_the_first_time(client: Client) -> None:
    subscriber = make_pending()
    first = client.post(address(subscriber))
    confirmed_at = Subscriber.objects.get().confirmed_at
    second = client.post(address(subscriber))
    assert second.content == first.content
    assert Subscriber.objects.get().confirmed_at == confirmed_at


def test_who_has_confirmed_is_told_so_by_get(client: Client) -> None:
    page = client.get(address(make_subscriber())).content.decode()
    assert "You are subscribed" in page
    assert "<button" not in page


def test_the_page_then_offers_the_preferences(client: Client) -> None:
    subscriber = make_pending()
    assert subscriber.get_preferences_url() in client.post(address(subscriber)).content.decode()


def test_an_expired_link_offers_a_new_one_and_confirms_nothing(client: Client) -> None:
    subscriber = make_pending()
    expired = address(subscriber, age=WEEK + timedelta(minutes=1))
    assert client.get(expired).status_code == 410
    assert not AccountMail.objects.exists()
    assert client.post(expired).status_code == 200
    assert (Subscriber.objects.get().state, AccountMail.objects.get().kind) == ("pending", "confirm")


def test_an_expired_link_of_who_confirmed_is_a_success_and_leads_nowhere(client: Client) -> None:
    subscriber = make_subscriber()
    response = client.get(address(subscriber, age=2 * WEEK))
    assert response.status_code == 200
    assert subscriber.token not in response.content.decode()


def test_a_link_from_before_leaving_does_not_bring_anybody_back(client: Client) -> None:
    subscriber = make_pending()
    old = address(subscriber)
    client.post(old)
    subscriber.unsubscribe(timezone.now())
    assert client.get(old).status_code == 410
    client.post(old)
    assert Subscriber.objects.get().state == "unsubscribed"


def test_a_link_from_after_leaving_does(client: Client) -> None:
    subscriber = make_subscriber(state="unsubscribed", left_at=timezone.now() - timedelta(hours=1))
    client.post(address(subscriber))
    assert Subscriber.objects.get().is_active


def test_a_dead_address_is_not_confirmed(client: Client) -> None:
    subscriber = make_pending()
    Suppression.objects.create(address_hash=subscriber.address_hash, reason="bounced")
    assert client.post(address(subscriber)).status_code == 409
    assert Subscriber.objects.get().state == "pending"


def test_the_link_of_somebody_forgotten_is_not_known(client: Client) -> None:
    subscriber = make_pending()
    known = address(subscriber)
    erase(subscriber)
    assert client.get(known).status_code == 404


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_was_cut_short_leads_to_a_page_that_says_what_to_do(client: Client, method: str) -> None:
    response = getattr(client, method)(address(make_pending())[:-5] + "/")
    assert response.status_code == 404
    assert "copy the whole address" in response.content.decode()


def test_the_permanent_token_confirms_nothing(client: Client) -> None:
    subscriber = make_pending()
    assert client.post(f"/me/confirm/{subscriber.token}/").status_code == 404
    assert Subscriber.objects.get().state == "pending"


def test_a_link_for_one_purpose_serves_no_other() -> None:
    with pytest.raises(BadLink):
        signed_links.CONFIRM_LINK.read(signed_links.SIGN_IN_LINK.token(make_subscriber(), NOON))


def test_a_token_says_for_whom_and_when() -> None:
    subscriber = make_subscriber()
    ticket = signed_links.CONFIRM_LINK.read(signed_links.CONFIRM_LINK.token(subscriber, NOON))
    assert (ticket.key, ticket.written) == (subscriber.pk, NOON)
    assert not signed_links.CONFIRM_LINK.has_expired(ticket, NOON + WEEK)
    assert signed_links.CONFIRM_LINK.has_expired(ticket, NOON + WEEK + timedelta(seconds=1))


def test_pages_for_one_person_are_kept_by_nobody_and_named_to_nobody(client: Client) -> None:
    response = client.get(address(make_pending()))
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response["X-Robots-Tag"]


def test_the_first_confirmation_is_answered_with_a_welcome_and_the_latest_issue(client: Client, outbox: Outbox) -> None:
    make_issue(title="The latest issue", slug="latest", state="published", published_at=NOON)
    subscriber = make_subscriber(state="pending", confirmed_at=None)
    address = f"/me/confirm/{signed_links.CONFIRM_LINK.token(subscriber, timezone.now())}/"
    for _ in range(2):
        client.post(address)
    account_mail.send_due(timezone.now())
    (message,) = outbox
    assert "The latest issue" in str(message.body)
    assert "http://testserver/p/latest/" in str(message.body)
    assert subscriber.get_unsubscribe_url() in str(message.body)


def test_the_welcome_shows_an_issue_of_what_was_chosen() -> None:
    chosen, subscriber = make_series(), make_subscriber()
    subscriber.series.add(chosen)
    make_issue(title="Chosen", series=chosen, state="published", published_at=NOON)
    make_issue(title="Newer", series=make_series(), state="published", published_at=NOON + timedelta(days=1))
    letter = account_mail.request_mail(subscriber, AccountMail.Kind.WELCOME, NOON)
    assert letter is not None
    body = str(account_mail.compose_mail(letter, NOON).body)
    assert "Chosen" in body
    assert "Newer" not in body


def test_before_the_first_issue_the_welcome_shows_none() -> None:
    letter = account_mail.request_mail(make_subscriber(), AccountMail.Kind.WELCOME, NOON)
    assert letter is not None
    assert "latest" not in str(account_mail.compose_mail(letter, NOON).body)


def test_whoever_comes_back_does_not_pause() -> None:
    subscriber = make_subscriber(state="unsubscribed", paused_until=NOON.date() + WEEK)
    assert confirm_subscription(subscriber, NOON)
    assert Subscriber.objects.awake(NOON.date()).exists()


def test_whoever_comes_back_within_a_day_is_welcomed_once() -> None:
    subscriber = make_subscriber(state="pending", confirmed_at=None)
    for _ in range(2):
        assert confirm_subscription(subscriber, NOON)
        subscriber.unsubscribe(NOON)
    assert AccountMail.objects.filter(kind="welcome").count() == 1
