"""The supporters' sign-in: a link by mail for half an hour, a cookie for 30 days, nothing told to others."""

from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from subscribers import account_mail, rate_limits, sign_up, signed_links, supporter_session
from subscribers.models import AccountMail, Subscriber
from subscribers.models.subscriber import new_token
from tests.builders import NOON, make_issue, make_subscriber
from tests.servers.outbox import Outbox

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nobody_asked_yet() -> None:
    cache.clear()


def address(subscriber: Subscriber, *, age: timedelta = timedelta(minutes=5)) -> str:
    return f"/me/login/{signed_links.SIGN_IN_LINK.token(subscriber, timezone.now() - age)}/"


def signed_in(subscriber: Subscriber) -> Client:
    client = Client()
    client.post(address(subscriber))
    return client


def test_the_answer_does_not_tell_who_is_known(client: Client) -> None:
    make_subscriber("known@example.org")
    known = client.post("/me/login/", {"email": "known@example.org"})
    unknown = client.post("/me/login/", {"email": "unknown@example.org"})
    assert (known.status_code, known.content, dict(known.headers)) == (200, unknown.content, dict(unknown.headers))


def test_a_link_is_mailed_to_an_active_subscriber(client: Client, outbox: Outbox) -> None:
    subscriber = make_subscriber("reader@example.org")
    client.post("/me/login/", {"email": "Reader@Example.org"})
    sign_up.process_due_requests(timezone.now())
    account_mail.send_due(timezone.now())
    link = outbox[0].body.split("http://testserver")[1].split()[0]
    assert client.post(link).status_code == 302
    assert client.cookies[supporter_session.COOKIE_NAME].value
    assert subscriber.token not in link


@pytest.mark.parametrize("state", ["pending", "unsubscribed", "bounced", "complained"])
def test_nobody_else_gets_a_link(client: Client, state: str) -> None:
    make_subscriber("reader@example.org", state=state)
    client.post("/me/login/", {"email": "reader@example.org"})
    sign_up.process_due_requests(timezone.now())
    assert not AccountMail.objects.exists()


def test_looking_at_the_link_signs_nobody_in(client: Client) -> None:
    link = address(make_subscriber())
    assert client.head(link).status_code == 200
    assert client.get(link).content.decode().count("<button") == 1
    assert (len(client.cookies), Subscriber.objects.get().last_acted) == (0, None)


def test_the_button_sets_a_cookie_for_these_pages_alone(client: Client) -> None:
    client.post(address(make_subscriber()))
    cookie = client.cookies[supporter_session.COOKIE_NAME]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == ("/me/", True, "Lax")
    assert (cookie["max-age"], cookie["secure"]) == (30 * 86_400, "")
    assert Subscriber.objects.get().last_acted is not None


def test_with_https_the_cookie_is_secure(client: Client, settings: Settings) -> None:
    settings.SECURE = True
    client.post(address(make_subscriber()))
    assert client.cookies[supporter_session.COOKIE_NAME]["secure"]


def test_the_link_serves_for_half_an_hour(client: Client) -> None:
    response = client.post(address(make_subscriber(), age=timedelta(minutes=31)))
    assert response.status_code == 410
    assert not client.cookies


def test_a_link_to_confirm_signs_nobody_in(client: Client) -> None:
    token = signed_links.CONFIRM_LINK.token(make_subscriber(), timezone.now())
    assert client.post(f"/me/login/{token}/").status_code == 404


def test_who_left_meanwhile_is_not_signed_in(client: Client) -> None:
    subscriber = make_subscriber()
    link = address(subscriber)
    subscriber.unsubscribe(timezone.now())
    assert client.post(link).status_code == 410


def test_signing_in_leads_back_to_the_issue(client: Client) -> None:
    subscriber, issue = make_subscriber(), make_issue(state="published", published_at=NOON)
    client.post("/me/login/", {"email": subscriber.email, "issue": issue.slug})
    sign_up.process_due_requests(timezone.now())
    message = account_mail.compose_mail(AccountMail.objects.get(), timezone.now())
    link = message.body.split("http://testserver")[1].split()[0]
    assert client.post(link)["Location"] == f"/me/read/{issue.slug}/"


@pytest.mark.parametrize("issue", ["unknown", "//elsewhere.example", "https://elsewhere.example"])
def test_it_leads_nowhere_else(client: Client, issue: str) -> None:
    assert client.post(f"{address(make_subscriber())}?issue={issue}")["Location"] == "/me/"


def test_who_is_signed_in_sees_so_and_can_sign_out() -> None:
    client = signed_in(make_subscriber(paid_until=timezone.localdate()))
    assert "You are signed in" in client.get("/me/").content.decode()
    client.post("/me/logout/")
    assert client.get("/me/")["Location"] == "/me/login/"


def test_looking_at_sign_out_signs_nobody_out() -> None:
    client = signed_in(make_subscriber())
    client.get("/me/logout/")
    assert client.get("/me/").status_code == 200


def test_a_new_token_ends_every_sign_in() -> None:
    subscriber = make_subscriber()
    client = signed_in(subscriber)
    Subscriber.objects.update(token=new_token())
    assert client.get("/me/").status_code == 302


def test_the_cookie_ends_after_30_days() -> None:
    client = signed_in(make_subscriber())
    value = client.cookies[supporter_session.COOKIE_NAME].value
    with time_machine.travel(timezone.now() + timedelta(days=30, minutes=1)):
        assert Client(headers={"Cookie": f"{supporter_session.COOKIE_NAME}={value}"}).get("/me/").status_code == 302


@pytest.mark.parametrize("forged", ["", "x" * 32, "x" * 32 + ":1:abc"])
def test_a_forged_cookie_is_worth_nothing(forged: str) -> None:
    token = make_subscriber().token
    for value in (forged, token, f"{token}:1sTuVw:aaaa"):
        assert Client(headers={"Cookie": f"{supporter_session.COOKIE_NAME}={value}"}).get("/me/").status_code == 302


@pytest.mark.parametrize("path", ["/me/login/", "/me/logout/"])
def test_a_form_of_another_site_is_refused(client: Client, path: str) -> None:
    data = {"email": "reader@example.org"}
    assert client.post(path, data, headers={"Origin": "https://elsewhere.example"}).status_code == 403


def test_no_other_site_signs_anybody_in(client: Client) -> None:
    headers = {"Origin": "null", "Sec-Fetch-Site": "cross-site"}
    assert client.post(address(make_subscriber()), headers=headers).status_code == 403
    assert supporter_session.COOKIE_NAME not in client.cookies


def test_from_one_network_address_come_so_many_forms_an_hour(client: Client) -> None:
    answers = [
        client.post("/me/login/", {"email": "r@example.org"}).status_code for _ in range(rate_limits.AN_HOUR + 1)
    ]
    assert (set(answers[:-1]), answers[-1]) == ({200}, 429)
