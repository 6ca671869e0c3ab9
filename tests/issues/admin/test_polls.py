"""A poll as an editor sees it: its votes as they come, and what may still be changed."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from issues.models import Poll
from issues.poll_words import word_of
from tests.builders import NOON, make_poll
from tests.desk import posted, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client: Client) -> Client:
    return sign_in(client)


def page_of(poll: Poll) -> str:
    return reverse("admin:issues_poll_change", args=[poll.pk])


def save(editor: Client, poll: Poll, **changes: str) -> Any:
    """Sends the form of the page with these changes; an empty one unticks a box."""
    form = {**posted(editor.get(page_of(poll))), **changes}
    return editor.post(page_of(poll), {name: value for name, value in form.items() if value})


def test_the_page_shows_the_votes_of_each_choice(editor: Client) -> None:
    poll = make_poll("Long", "Short")
    for voter in "abc":
        poll.take_vote(voter, poll.choices.get(label="Short"), NOON)
    page = editor.get(page_of(poll)).content.decode()
    assert [f"<p>{votes}</p>" in page for votes in (0, 3)] == [True, True]


def test_a_poll_is_closed_on_its_page_and_several_are_in_the_list(editor: Client) -> None:
    polls = [make_poll("Long", "Short") for _ in range(3)]
    save(editor, polls[0], is_open="")
    chosen = {"action": "close", "_selected_action": [poll.pk for poll in polls[:2]]}
    answer = editor.post(reverse("admin:issues_poll_changelist"), chosen, follow=True)
    assert "1 poll closed." in answer.content.decode()
    assert [Poll.objects.get(pk=poll.pk).is_open for poll in polls] == [False, False, True]


def test_a_closed_poll_is_opened_again(editor: Client) -> None:
    poll = make_poll("Long", "Short", is_open=False)
    editor.post(reverse("admin:issues_poll_changelist"), {"action": "open_again", "_selected_action": [poll.pk]})
    assert Poll.objects.get().is_open


def test_the_slug_stays_as_the_addresses_in_mails_have_it(editor: Client) -> None:
    poll = make_poll("Long", "Short", slug="shape")
    save(editor, poll, slug="form", question="Which shape?")
    changed = Poll.objects.get()
    assert (changed.slug, changed.question) == ("shape", "Which shape?")


def test_a_choice_is_renamed_and_still_found_by_the_addresses_in_mails(editor: Client) -> None:
    poll = make_poll("Long", "Short")
    save(editor, poll, **{"choices-0-label": "Four questions"})
    found = Poll.objects.get().choice_called(word_of("Long"))
    assert found is not None
    assert found.label == "Four questions"


def test_a_choice_with_votes_is_not_taken_out_and_one_without_is(editor: Client) -> None:
    poll = make_poll("Long", "Short", "Both")
    poll.take_vote("voter", poll.choices.get(label="Long"), NOON)
    refused = save(editor, poll, **{"choices-0-DELETE": "on"})
    assert "has votes (1) and stays" in refused.content.decode()
    save(editor, poll, **{"choices-1-DELETE": "on"})
    assert [choice.label for choice in poll.choices.all()] == ["Long", "Both"]
