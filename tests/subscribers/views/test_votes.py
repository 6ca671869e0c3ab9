"""Votes from the mail: seen by GET, cast by POST, one for each voter, and kept under a key that names nobody."""

import dataclasses
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from issues import storage
from issues.document.values import HighlightBlock, HighlightPart, PaywallBlock, PollValue, TextBlock
from issues.editorial import publish
from issues.models import Choice, Issue, Poll, PollBlock, Vote
from issues.poll_words import word_of
from mailings.personal_data import erase
from subscribers import votes
from subscribers.models import Subscriber
from tests.builders import NOON, make_issue, make_poll, make_subscriber
from tests.documents import make_document

pytestmark = pytest.mark.django_db
PAYWALL = PaywallBlock(uuid="wall")
BEFORE = (
    TextBlock(uuid="t", text="Welcome."),
    HighlightBlock(uuid="h", heading="A paper", parts=(HighlightPart(text="It."),)),
)


def make_asked(*labels: str, locked: bool = False, **fields: Any) -> Poll:
    """A poll of a published issue, where asked for behind its paywall."""
    poll = make_poll(*(labels or ("Long", "Short", "Both")))
    issue = make_issue()
    asked = PollValue(uuid="p", poll=poll.slug, question=poll.question, choices=("Long", "Short", "Both"))
    storage.save_document(issue, make_document(*BEFORE, *((PAYWALL, asked) if locked else (asked,)), slug=issue.slug))
    publish.publish(issue, now=timezone.now(), mail=False)
    Poll.objects.filter(pk=poll.pk).update(**fields)
    return poll


def address(poll: Poll, label: str, subscriber: Subscriber) -> str:
    return f"/polls/{poll.slug}/{word_of(label)}/{subscriber.token}/"


def counts() -> dict[str, int]:
    return {choice.label: choice.votes.count() for choice in Choice.objects.order_by("pk") if choice.votes.exists()}


def test_looking_shows_the_question_and_one_button_and_counts_nothing(client: Client) -> None:
    poll, reader = make_asked(), make_subscriber()
    page = client.get(address(poll, "Long", reader)).content.decode()
    assert client.head(address(poll, "Long", reader)).status_code == 200
    assert poll.question in page
    assert page.count("<button") == page.count('method="post"') == 1
    assert f'href="{address(poll, "Short", reader)}"' in page
    assert not Vote.objects.exists()


def test_pressing_the_button_votes_and_shows_how_it_stands(client: Client) -> None:
    poll, reader = make_asked(), make_subscriber()
    page = client.post(address(poll, "Long", reader)).content.decode()
    assert "Thank you" in page
    assert "1 vote, 100%" in page
    assert f'href="{Issue.objects.get().get_absolute_url()}#' in page
    assert counts() == {"Long": 1}


def test_pressing_twice_counts_once_and_another_answer_changes_the_vote(client: Client) -> None:
    poll, reader = make_asked(), make_subscriber()
    for label in ("Long", "Long", "Short"):
        assert client.post(address(poll, label, reader)).status_code == 200
    assert counts() == {"Short": 1}


def test_who_votes_has_acted_and_who_comes_too_late_has_not() -> None:
    poll, reader = make_asked(), make_subscriber()
    choice = poll.choices.get(label="Long")
    assert votes.cast_vote(reader, poll, choice, NOON)
    Poll.objects.update(is_open=False)
    assert not votes.cast_vote(reader, poll, choice, NOON + timedelta(days=1))
    assert Subscriber.objects.get().last_acted == NOON


def test_every_reader_has_a_vote_in_every_poll(client: Client) -> None:
    for poll in (make_asked(), make_asked()):
        for reader in (make_subscriber(), make_subscriber()):
            client.post(address(poll, "Long", reader))
    assert Vote.objects.count() == 4


def test_the_counts_are_shown_to_nobody_who_may_still_be_swayed(client: Client) -> None:
    poll, reader = make_asked(), make_subscriber()
    client.post(address(poll, "Short", make_subscriber()))
    assert "1 vote" not in client.get(address(poll, "Long", reader)).content.decode()
    client.post(address(poll, "Long", reader))
    assert "1 vote, 50%" in client.get(address(poll, "Long", reader)).content.decode()


def test_who_voted_already_is_told_before_changing_it(client: Client) -> None:
    poll, reader = make_asked(), make_subscriber()
    client.post(address(poll, "Long", reader))
    page = client.get(address(poll, "Short", reader)).content.decode()
    assert "Your vote so far:" in page
    assert "Change my vote to this" in page


def test_the_page_is_kept_by_no_cache_and_tells_no_other_site(client: Client) -> None:
    poll, reader = make_asked(), make_subscriber()
    for response in (client.get(address(poll, "Long", reader)), client.post(address(poll, "Long", reader))):
        kept = [response[name] for name in ("Cache-Control", "Referrer-Policy", "X-Robots-Tag")]
        assert kept == ["no-store", "no-referrer", "noindex"]
        assert not response.cookies


def test_a_vote_needs_no_cookie_and_is_not_taken_from_another_site() -> None:
    poll, reader = make_asked(), make_subscriber()
    client = Client(enforce_csrf_checks=True)
    answer = client.post(address(poll, "Long", reader), headers={"Origin": "https://elsewhere.example"})
    assert (answer.status_code, counts()) == (403, {})
    assert client.post(address(poll, "Long", reader), headers={"Origin": "null"}).status_code == 200
    assert counts() == {"Long": 1}


def test_a_closed_poll_says_so_and_how_it_ended(client: Client) -> None:
    poll, reader = make_asked(), make_subscriber()
    client.post(address(poll, "Short", make_subscriber()))
    Poll.objects.update(is_open=False)
    assert client.post(address(poll, "Long", reader)).status_code == 409
    page = client.get(address(poll, "Long", reader)).content.decode()
    assert "This poll is closed" in page
    assert "1 vote, 100%" in page
    assert "<button" not in page
    assert counts() == {"Short": 1}


def test_who_voted_sees_the_own_vote_in_the_closed_poll(client: Client) -> None:
    poll, reader = make_asked(), make_subscriber()
    client.post(address(poll, "Short", reader))
    Poll.objects.update(is_open=False)
    assert "Your vote counted:" in client.get(address(poll, "Long", reader)).content.decode()


def test_a_choice_that_was_taken_out_offers_the_others(client: Client) -> None:
    poll, reader = make_asked(), make_subscriber()
    Choice.objects.filter(label="Long").delete()
    for response in (client.get(address(poll, "Long", reader)), client.post(address(poll, "Long", reader))):
        assert response.status_code == 404
        assert "not offered any more" in response.content.decode()
        assert f'href="{address(poll, "Both", reader)}"' in response.content.decode()
    assert not Vote.objects.exists()


def test_an_old_mail_votes_for_the_choice_that_has_another_label_now(client: Client) -> None:
    poll, reader = make_asked(), make_subscriber()
    choice = poll.choices.get(label="Long")
    choice.label = "Four questions"
    choice.save()
    assert "Four questions" in client.get(address(poll, "Long", reader)).content.decode()
    client.post(address(poll, "Long", reader))
    assert counts() == {"Four questions": 1}


@pytest.mark.parametrize("state", ["pending", "unsubscribed", "bounced", "complained"])
def test_only_an_active_reader_votes(client: Client, state: str) -> None:
    poll, reader = make_asked(), make_subscriber(state=state)
    for response in (client.get(address(poll, "Long", reader)), client.post(address(poll, "Long", reader))):
        assert response.status_code == 403
        assert "Only subscribers vote" in response.content.decode()
    assert not Vote.objects.exists()


def test_an_unknown_token_opens_nothing(client: Client) -> None:
    poll = make_asked()
    for response in (client.get(f"/polls/{poll.slug}/x/{'y' * 32}/"), client.post(f"/polls/{poll.slug}/x/{'y' * 32}/")):
        assert response.status_code == 404
        assert "not known here" in response.content.decode()


@pytest.mark.parametrize("state", ["draft", "scheduled", "removed"])
def test_a_poll_of_no_public_issue_is_not_asked(client: Client, state: str) -> None:
    poll, reader = make_asked(), make_subscriber()
    Issue.objects.update(state=state, publish_at=NOON if state == "scheduled" else None)
    for response in (client.get(address(poll, "Long", reader)), client.post(address(poll, "Long", reader))):
        assert response.status_code == 404
        assert "not asked any more" in response.content.decode()
        assert poll.question not in response.content.decode()
    assert not Vote.objects.exists()


def test_a_poll_that_an_editor_only_prepares_for_a_published_issue_is_not_asked_yet(client: Client) -> None:
    make_asked()
    poll, reader = make_poll("Long"), make_subscriber()
    PollBlock.objects.create(parent=Issue.objects.get(), poll=poll)
    assert client.get(address(poll, "Long", reader)).status_code == 404


def test_a_poll_behind_the_paywall_is_for_supporters(client: Client) -> None:
    poll, reader = make_asked(locked=True), make_subscriber()
    response = client.post(address(poll, "Long", reader))
    assert response.status_code == 403
    assert poll.question not in response.content.decode()
    supporter = make_subscriber(paid_until=timezone.localdate())
    client.post(address(poll, "Short", supporter))
    assert counts() == {"Short": 1}


def test_a_vote_stays_after_erasure_and_a_new_subscription_gives_no_second_one(client: Client) -> None:
    poll, reader = make_asked(), make_subscriber("reader@example.org")
    client.post(address(poll, "Long", reader))
    erase(reader)
    assert counts() == {"Long": 1}
    client.post(address(poll, "Short", make_subscriber("Reader@example.org")))
    assert counts() == {"Short": 1}


def test_the_key_of_a_vote_says_nothing_and_is_another_one_in_every_poll(client: Client) -> None:
    reader = make_subscriber()
    for poll in (make_asked(), make_asked()):
        client.post(address(poll, "Long", reader))
    keys = set(Vote.objects.values_list("voter", flat=True))
    assert len(keys) == 2
    assert not keys & {reader.address_hash, reader.token, reader.email}


def test_votes_go_along_with_a_change_of_address(client: Client) -> None:
    poll, reader, other = make_asked(), make_subscriber(), make_subscriber()
    client.post(address(poll, "Long", reader))
    client.post(address(poll, "Short", other))
    votes.take_along(reader.address_hash, other.address_hash)
    assert counts() == {"Long": 1}
    assert [answer for _, answer, _ in votes.votes_of(other)] == ["Long"]
    assert votes.votes_of(reader) == []


def test_the_newest_of_two_issues_that_ask_is_named(client: Client) -> None:
    poll, reader = make_asked(), make_subscriber()
    newer = make_issue(title="The newer one")
    document = make_document(PollValue(uuid="q", poll=poll.slug, question="?", choices=("Long",)), slug=newer.slug)
    storage.save_document(newer, dataclasses.replace(document, title="The newer one"))
    publish.publish(newer, now=timezone.now() + timedelta(minutes=1), mail=False)
    page = client.get(address(poll, "Long", reader)).content.decode()
    assert f'href="{newer.get_absolute_url()}#' in page


def test_a_page_costs_the_same_queries_for_few_choices_and_many(client: Client) -> None:
    reader, costs = make_subscriber(), set()
    for labels in (("Long", "Short"), tuple("abcdefghij")):
        poll = make_asked(*labels)
        with CaptureQueriesContext(connection) as queries:
            client.post(address(poll, labels[0], reader))
        costs.add(len(queries))
    assert len(costs) == 1
