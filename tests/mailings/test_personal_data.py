"""What is held about a person: taken away or deleted by a fresh link out of the mailbox, never by looking."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from mailings.models import Delivery, MailEvent, Mailing
from mailings.personal_data import as_file
from subscribers import account_mail, signed_links, votes
from subscribers.models import AccountMail, Subscriber, Suppression
from tests.builders import NOON, make_issue, make_poll, make_series, make_subscriber
from tests.servers.outbox import sent_mails

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("outbox")]


def ask(client: Client, subscriber: Subscriber, kind: str) -> Any:
    """Presses the button on the page of the permanent token; a worker sends what is due."""
    response = client.post(f"/me/{subscriber.token}/ask/{kind}/")
    account_mail.send_due(timezone.now())
    return response


def mailed_link() -> str:
    found = re.search(r"http://testserver(/me/\S+)", str(sent_mails()[-1].body))
    assert found
    return found[1]


def held(subscriber: Subscriber) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(as_file(subscriber))
    return found


@pytest.mark.parametrize("kind", ["export", "erase", "address"])
def test_the_permanent_token_only_has_a_link_mailed_to_the_address(client: Client, kind: str) -> None:
    subscriber = make_subscriber("reader@example.org")
    page = ask(client, subscriber, kind).content.decode()
    assert [message.to for message in sent_mails()] == [["reader@example.org"]]
    assert "reader@example.org" not in page
    assert mailed_link().startswith(f"/me/{kind}/")
    assert mailed_link() not in page


@pytest.mark.parametrize("state", ["pending", "unsubscribed", "bounced", "complained"])
def test_the_answer_is_the_same_where_no_mail_may_be_sent(client: Client, state: str) -> None:
    active, other = make_subscriber("r1@example.org"), make_subscriber("r2@example.org", state=state)
    pages = [ask(client, one, "export").content.decode().replace(one.token, "") for one in (active, other)]
    assert pages[0] == pages[1]
    assert len(sent_mails()) == (2 if state in {"pending", "unsubscribed"} else 1)


def test_looking_asks_for_nothing(client: Client) -> None:
    address = f"/me/{make_subscriber().token}/ask/erase/"
    assert client.get(address).status_code == client.head(address).status_code == 200
    assert not AccountMail.objects.exists()


def test_an_kind_nobody_knows_is_not_found(client: Client) -> None:
    assert client.post(f"/me/{make_subscriber().token}/ask/sign_in/").status_code == 404
    assert client.post(f"/me/{'x' * 32}/ask/erase/").status_code == 404


def test_the_page_offers_the_kinds_also_to_who_left(client: Client) -> None:
    for state in ("active", "unsubscribed"):
        subscriber = make_subscriber(state=state)
        page = client.get(subscriber.get_preferences_url()).content.decode()
        assert f'action="/me/{subscriber.token}/ask/erase/"' in page


def test_the_file_is_given_by_post_as_often_as_asked(client: Client) -> None:
    ask(client, make_subscriber("reader@example.org", name="Reader 7"), "export")
    assert "Reader 7" not in client.get(mailed_link()).content.decode()
    for _ in range(2):
        response = client.post(mailed_link())
        assert json.loads(response.content)["email"] == "reader@example.org"
        assert (response["Cache-Control"], response["Content-Type"]) == ("no-store", "application/json; charset=utf-8")
        assert "attachment" in response["Content-Disposition"]


def test_the_file_has_choices_and_the_proof_of_consent() -> None:
    subscriber = make_subscriber(depth="highlights", consent_at=NOON, consent_where="the form", consent_words="Yes.")
    subscriber.series.add(make_series(name="Agents"))
    found = held(subscriber)
    assert (found["depth"], found["series"], found["state"]) == ("highlights", ["Agents"], "active")
    assert (found["consent_at"], found["consent_where"], found["consent_words"]) == (str(NOON), "the form", "Yes.")


def test_the_file_has_every_issue_sent_with_its_day() -> None:
    subscriber = make_subscriber()
    for title in ("One", "Two"):
        mailing = Mailing.objects.create(issue=make_issue(title=title))
        row = {"address_hash": subscriber.address_hash, "depth": "full", "supporters": False}
        Delivery.objects.create(mailing=mailing, subscriber=subscriber, state="sent", sent_at=NOON, **row)
    sent = [(row["issue"], row["sent_at"]) for row in held(subscriber)["issues_sent"]]
    assert sent == [("One", str(NOON)), ("Two", str(NOON))]


def test_the_file_has_what_mail_servers_told_and_nothing_of_others() -> None:
    subscriber, other = make_subscriber(), make_subscriber("other@example.org")
    for one in (subscriber, other):
        told = {"source": "dsn", "event_id": one.email, "kind": "soft", "diagnostic": one.email, "is_proven": True}
        MailEvent.objects.create(address_hash=one.address_hash, happened=NOON, received=NOON, **told)
        account_mail.request_mail(one, AccountMail.Kind.EXPORT, NOON)
    assert [row["diagnostic"] for row in held(subscriber)["told_by_mail_servers"]] == [subscriber.email]
    assert "other@example.org" not in as_file(subscriber)


def test_the_file_has_the_votes_of_the_person_and_no_other_s() -> None:
    subscriber, poll = make_subscriber(), make_poll("Long", "Short")
    for one, label in ((subscriber, "Long"), (make_subscriber(), "Short")):
        assert votes.cast_vote(one, poll, poll.choices.get(label=label), NOON)
    assert held(subscriber)["votes_in_polls"] == [{"poll": poll.question, "choice": "Long", "cast": str(NOON)}]
    assert votes.voter_key(poll, subscriber.address_hash) not in as_file(subscriber)


def test_no_key_is_in_the_file() -> None:
    subscriber = make_subscriber()
    assert subscriber.token not in as_file(subscriber)
    assert subscriber.address_hash not in as_file(subscriber)


def test_erasure_says_what_it_does_and_then_does_it(client: Client) -> None:
    ask(client, subscriber := make_subscriber(), "erase")
    assert "cannot be undone" in client.get(mailed_link()).content.decode()
    assert Subscriber.objects.exists()
    assert client.post(mailed_link()).status_code == 200
    assert not Subscriber.objects.exists()
    assert Suppression.objects.get().address_hash == subscriber.address_hash
    assert client.post(mailed_link()).status_code == 404


@pytest.mark.parametrize("purpose", [signed_links.EXPORT_LINK, signed_links.ERASE_LINK, signed_links.ADDRESS_LINK])
def test_the_link_serves_for_half_an_hour(client: Client, purpose: signed_links.LinkPurpose) -> None:
    subscriber = make_subscriber()
    token = purpose.token(subscriber, timezone.now() - timedelta(minutes=31))
    assert client.post(f"/me/{purpose.name}/{token}/").status_code == 410
    assert Subscriber.objects.get() == subscriber


@pytest.mark.parametrize("path", ["export", "erase", "address", "move"])
def test_a_link_for_something_else_opens_nothing(client: Client, path: str) -> None:
    subscriber = make_subscriber()
    for token in ("x", subscriber.token, signed_links.CONFIRM_LINK.token(subscriber, timezone.now())):
        assert client.post(f"/me/{path}/{token}/").status_code == 404
    assert Subscriber.objects.exists()


def test_another_site_cannot_press_the_button(client: Client) -> None:
    ask(client, make_subscriber(), "erase")
    assert client.post(mailed_link(), headers={"Origin": "https://elsewhere.example"}).status_code == 403
    assert Subscriber.objects.exists()


def test_an_address_gets_three_such_letters_a_day(client: Client) -> None:
    subscriber = make_subscriber()
    assert {ask(client, subscriber, "export").status_code for _ in range(5)} == {200}
    assert len(sent_mails()) == 3
