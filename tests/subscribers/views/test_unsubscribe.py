"""The way out, as RFC 8058 says: one POST, whatever its body, without a cookie and without a redirect."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from subscribers.models import Subscriber, Suppression
from tests.builders import make_subscriber

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def provider() -> Client:
    """A mail provider: no cookies, no CSRF token, and an origin of its own."""
    return Client(enforce_csrf_checks=True, headers={"Origin": "https://mail.example"})


def urlencoded(address: str) -> Any:
    body = "List-Unsubscribe=One-Click"
    return provider().post(address, body, content_type="application/x-www-form-urlencoded")


def multipart(address: str) -> Any:
    return provider().post(address, ONE_CLICK)


def empty(address: str) -> Any:
    return provider().post(address, b"", content_type="")


def broken(address: str) -> Any:
    return provider().post(address, b"\xff\x00", content_type="multipart/form-data")


@pytest.mark.parametrize("post", [urlencoded, multipart, empty, broken])
@pytest.mark.parametrize("ending", ["/", ""])
def test_one_post_ends_it(post: Callable[[str], Any], ending: str) -> None:
    subscriber = make_subscriber()
    response = post(subscriber.get_unsubscribe_url().rstrip("/") + ending)
    subscriber.refresh_from_db()
    assert (response.status_code, subscriber.state) == (200, "unsubscribed")
    assert subscriber.left_at is not None
    assert not response.cookies


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "sessionid=guessed; csrftoken=x; reader=a:b:c"},
        {"Referer": "http://[", "Origin": "null", "Sec-Fetch-Site": "cross-site"},
        {"Content-Type": "application/x-www-form-urlencoded; charset=nonsense"},
        {"X-Forwarded-Proto": "http", "X-Forwarded-For": "nobody", "X-Forwarded-Host": "elsewhere.example"},
        {"Authorization": "Basic x", "X-HTTP-Method-Override": "DELETE", "Accept": "nothing/at-all"},
    ],
)
def test_whatever_the_headers_say_it_ends(headers: dict[str, str], settings: Settings) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    subscriber = make_subscriber()
    kind = headers.get("Content-Type", "application/x-www-form-urlencoded")
    response = provider().generic("POST", subscriber.get_unsubscribe_url(), b"\xff=%zz", kind, headers=headers)
    assert (response.status_code, Subscriber.objects.get().state) == (200, "unsubscribed")


def test_a_second_post_is_a_success_and_keeps_the_time() -> None:
    subscriber = make_subscriber()
    urlencoded(subscriber.get_unsubscribe_url())
    left_at = Subscriber.objects.get().left_at
    assert urlencoded(subscriber.get_unsubscribe_url()).status_code == 200
    assert Subscriber.objects.get().left_at == left_at


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(client: Client, method: str) -> None:
    subscriber = make_subscriber()
    assert getattr(client, method)(subscriber.get_unsubscribe_url()).status_code == 200
    assert Subscriber.objects.get().is_active


def test_the_page_shows_one_button_to_leave_and_two_to_stay_with_less(client: Client) -> None:
    subscriber = make_subscriber("reader@example.org")
    page = client.get(subscriber.get_unsubscribe_url()).content.decode()
    assert page.count("<button") == 3
    assert "highlights only" in page
    assert "reader@example.org" not in page


def test_who_gets_the_highlights_already_is_offered_a_pause_only(client: Client) -> None:
    subscriber = make_subscriber(depth="highlights")
    assert client.get(subscriber.get_unsubscribe_url()).content.decode().count("<button") == 2


@pytest.mark.parametrize("state", ["pending", "active"])
def test_whoever_may_still_be_mailed_can_leave(state: str) -> None:
    subscriber = make_subscriber(state=state)
    urlencoded(subscriber.get_unsubscribe_url())
    assert Subscriber.objects.get().state == "unsubscribed"


@pytest.mark.parametrize("state", ["bounced", "complained", "unsubscribed"])
def test_who_is_gone_already_is_answered_and_stays_so(state: str) -> None:
    subscriber = make_subscriber(state=state)
    assert urlencoded(subscriber.get_unsubscribe_url()).status_code == 200
    assert Subscriber.objects.get().state == state


def test_leaving_suppresses_nothing_so_that_the_person_can_come_back() -> None:
    urlencoded(make_subscriber().get_unsubscribe_url())
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_refused(client: Client, method: str) -> None:
    subscriber = make_subscriber()
    assert getattr(client, method)(subscriber.get_unsubscribe_url()).status_code == 405
    assert Subscriber.objects.get().is_active


@pytest.mark.parametrize("token", ["x" * 32, "short", "x" * 500])
def test_an_unknown_token_leads_to_a_page_that_says_what_to_do(client: Client, token: str) -> None:
    make_subscriber()
    response = client.post(f"/me/{token}/unsubscribe/")
    assert response.status_code == 404
    assert "mail program" in response.content.decode()
    assert Subscriber.objects.get().is_active


def test_only_the_owner_of_the_token_leaves() -> None:
    other, subscriber = make_subscriber(), make_subscriber()
    urlencoded(subscriber.get_unsubscribe_url())
    other.refresh_from_db()
    assert other.is_active


def test_the_page_is_kept_by_nobody_and_named_to_nobody(client: Client) -> None:
    response = client.get(make_subscriber().get_unsubscribe_url())
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert "noindex" in response["X-Robots-Tag"]
