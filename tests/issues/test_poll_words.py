"""A poll: what an address calls a choice, and the one vote of a voter."""

import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issues.models import Choice, Poll, Vote
from issues.poll_words import LONGEST_WORD, word_of
from tests.builders import NOON, make_poll


@given(st.text(max_size=200))
def test_any_label_has_a_word_that_an_address_can_hold(label: str) -> None:
    assert re.fullmatch(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9])?", word_of(label))
    assert len(word_of(label)) <= LONGEST_WORD


def test_a_word_can_be_read_and_labels_that_look_alike_have_different_ones() -> None:
    assert word_of("Four questions").startswith("four-questions-")
    assert len({word_of(label) for label in ("C", "C++", "C#", "日本", "", "Да")}) == 6


def test_case_and_blanks_make_no_other_word() -> None:
    assert word_of("Four questions") == word_of(" four  Questions")


@pytest.mark.django_db
def test_a_choice_is_found_by_its_word_whatever_it_was_called_before() -> None:
    poll = make_poll("Long", "Short")
    for label in ("Longer", "At length"):
        choice = poll.choices.get(position=1)
        choice.label = label
        choice.save()
    found = [poll.choice_called(word_of(label)) for label in ("Long", "Longer", "At length")]
    assert found == [choice, choice, choice]


@pytest.mark.django_db
def test_a_label_of_today_goes_before_an_earlier_one() -> None:
    poll = make_poll("Long", "Short")
    for position, label in ((1, "Neither"), (2, "Long")):
        choice = poll.choices.get(position=position)
        choice.label = label
        choice.save()
    found = poll.choice_called(word_of("Long"))
    assert found is not None
    assert found.position == 2


@pytest.mark.django_db
def test_an_unknown_word_and_one_of_another_poll_mean_nothing() -> None:
    poll, _other = make_poll("Long", "Short"), make_poll("Deep", "Wide")
    assert poll.choice_called(word_of("Deep")) is None
    assert poll.choice_called("") is None


@pytest.mark.django_db
def test_a_second_vote_of_a_voter_takes_the_place_of_the_first() -> None:
    poll = make_poll("Long", "Short")
    for days, choice in enumerate(poll.choices.all()):
        assert poll.take_vote("voter", choice, NOON + timedelta(days=days))
    vote = Vote.objects.get()
    assert (vote.choice.label, vote.cast) == ("Short", NOON + timedelta(days=1))


@pytest.mark.django_db
def test_a_closed_poll_takes_no_vote() -> None:
    poll = make_poll("Long", "Short")
    Poll.objects.update(is_open=False)
    assert not poll.take_vote("voter", poll.choices.first(), NOON)  # type: ignore[arg-type]
    assert not Vote.objects.exists()


@pytest.mark.django_db
def test_a_choice_that_was_taken_out_or_is_of_another_poll_takes_no_vote() -> None:
    poll, other = make_poll("Long", "Short"), make_poll("Deep", "Wide")
    gone = poll.choices.get(label="Long")
    Choice.objects.filter(pk=gone.pk).delete()
    assert not poll.take_vote("voter", gone, NOON)
    assert not poll.take_vote("voter", other.choices.get(label="Deep"), NOON)
