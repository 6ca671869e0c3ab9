"""Preferences: what the permanent token lets its holder see and change."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from subscribers.models import Subscriber
from tests.builders import NOON, make_series, make_subscriber

pytestmark = pytest.mark.django_db


def test_the_page_shows_what_is_chosen_and_hides_the_address(client: Client) -> None:
    subscriber = make_subscriber("reader@example.org", name="Reader 7", depth="highlights")
    page = client.get(subscriber.get_preferences_url()).content.decode()
    assert "Reader 7" in page
    assert "r…@example.org" in page
    assert "reader@example.org" not in page


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(client: Client, method: str) -> None:
    subscriber = make_subscriber(name="Reader 7")
    assert getattr(client, method)(subscriber.get_preferences_url() + "?depth=highlights&name=x").status_code == 200
    assert (Subscriber.objects.get().depth, Subscriber.objects.get().name) == ("full", "Reader 7")


def test_post_saves_without_a_csrf_token() -> None:
    client, subscriber, (one, _other) = (
        Client(enforce_csrf_checks=True),
        make_subscriber(),
        (make_series(), make_series()),
    )
    data = {"depth": "highlights", "name": "Reader 8", "series": [one.pk]}
    response = client.post(subscriber.get_preferences_url(), data)
    subscriber.refresh_from_db()
    assert (subscriber.depth, subscriber.name, list(subscriber.series.all())) == ("highlights", "Reader 8", [one])
    assert "Saved." in response.content.decode()


@pytest.mark.parametrize("page", ["", "highlights/", "go-on/"])
def test_who_changes_something_did_it_now(client: Client, page: str) -> None:
    subscriber = make_subscriber()
    client.get(subscriber.get_preferences_url() + page)
    assert Subscriber.objects.get().last_acted is None
    client.post(subscriber.get_preferences_url() + page, {"depth": "full", "name": ""})
    assert Subscriber.objects.get().last_acted is not None


def test_where_no_series_is_shown_none_is_lost(client: Client) -> None:
    subscriber, series = make_subscriber(), make_series()
    subscriber.series.add(series)
    client.post(subscriber.get_preferences_url(), {"depth": "full", "name": ""})
    assert list(subscriber.series.all()) == [series]


def test_what_is_no_choice_is_refused_and_nothing_is_saved(client: Client) -> None:
    subscriber = make_subscriber(name="Reader 7")
    assert client.post(subscriber.get_preferences_url(), {"depth": "everything", "name": "x"}).status_code == 400
    assert Subscriber.objects.get().name == "Reader 7"


def test_the_form_cannot_make_a_supporter_or_another_address(client: Client) -> None:
    subscriber = make_subscriber("reader@example.org")
    data = {"depth": "full", "paid_until": "2099-01-01", "email": "other@example.org", "state": "complained"}
    client.post(subscriber.get_preferences_url(), data)
    subscriber.refresh_from_db()
    assert (subscriber.paid_until, subscriber.email, subscriber.state) == (None, "reader@example.org", "active")


@pytest.mark.parametrize("state", ["pending", "unsubscribed", "bounced", "complained"])
def test_who_is_not_subscribed_has_nothing_to_choose(client: Client, state: str) -> None:
    subscriber = make_subscriber(state=state)
    response = client.post(subscriber.get_preferences_url(), {"depth": "highlights"})
    assert "You are not subscribed" in response.content.decode()
    assert Subscriber.objects.get().depth == "full"


def test_the_highlights_only_are_one_button_away(client: Client) -> None:
    subscriber, series = make_subscriber(name="Reader 7"), make_series()
    subscriber.series.add(series)
    address = f"/me/{subscriber.token}/highlights/"
    client.get(address)
    assert Subscriber.objects.get().depth == "full"
    assert client.post(address).status_code == 200
    subscriber.refresh_from_db()
    assert (subscriber.depth, subscriber.name, subscriber.series.get()) == ("highlights", "Reader 7", series)


def test_an_unknown_token_is_not_found(client: Client) -> None:
    assert client.get(f"/me/{'x' * 32}/").status_code == 404


def test_the_page_costs_the_same_queries_for_one_series_and_for_many(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    subscriber = make_subscriber()
    make_series(), make_series()
    with django_assert_num_queries(4):
        client.get(subscriber.get_preferences_url())
    make_series(), make_series()
    with django_assert_num_queries(4):
        client.get(subscriber.get_preferences_url())


def test_a_pause_of_a_month_is_one_button_and_so_is_its_end(client: Client) -> None:
    subscriber, today = make_subscriber(), timezone.localdate()
    assert "You pause" in client.post(f"/me/{subscriber.token}/pause/").content.decode()
    until = Subscriber.objects.get().paused_until
    assert until is not None
    assert timedelta(days=30) <= until - today <= timedelta(days=31)  # midnight may pass in between
    assert "Pause for a month" in client.post(f"/me/{subscriber.token}/go-on/").content.decode()
    assert Subscriber.objects.get().paused_until is None


@pytest.mark.parametrize("path", ["pause", "go-on"])
def test_looking_starts_and_ends_no_pause(client: Client, path: str) -> None:
    until = timezone.localdate() + timedelta(days=9)
    subscriber = make_subscriber(paused_until=until)
    client.get(f"/me/{subscriber.token}/{path}/")
    client.head(f"/me/{subscriber.token}/{path}/")
    assert Subscriber.objects.get().paused_until == until


def test_a_pause_that_is_over_is_not_spoken_of(client: Client) -> None:
    subscriber = make_subscriber(paused_until=timezone.localdate() - timedelta(days=1))
    assert "You pause" not in client.get(subscriber.get_preferences_url()).content.decode()


def test_who_is_about_to_leave_is_offered_a_pause(client: Client) -> None:
    assert "Pause for a month" in client.get(make_subscriber().get_unsubscribe_url()).content.decode()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"consent_at": NOON, "consent_where": "https://news.example.org/"}, "on 7 September 2025 you confirmed it at"),
        ({"basis": "imported", "consent_where": "a fair"}, "brought along from elsewhere (a fair) on"),
        (
            {"basis": "imported", "consent_at": NOON, "consent_where": "a fair"},
            "your subscription of 7 September 2025 was brought along from elsewhere (a fair).",
        ),
        ({}, "you are subscribed since"),
    ],
)
def test_the_page_says_why_the_person_gets_this(client: Client, fields: dict[str, Any], sentence: str) -> None:
    page = client.get(make_subscriber(**fields).get_preferences_url()).content.decode()
    assert sentence in page
