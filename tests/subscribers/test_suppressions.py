"""A dead address that lives again: lifted by a person with the right to it, with the reason kept."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client

from mailings.personal_data import erase
from subscribers.models import Subscriber, Suppression
from subscribers.suppressions import lift_suppression, suppress_hash
from tests.builders import NOON, make_editor, make_subscriber

pytestmark = pytest.mark.django_db
LIST = "/admin/subscribers/suppression/"
LATER = NOON + timedelta(days=1)


def give_up(reason: Suppression.Reason = Suppression.Reason.BOUNCED, **fields: Any) -> Suppression:
    """The suppression of a subscriber whose mail came back."""
    subscriber = make_subscriber(**fields)
    suppress_hash(subscriber.address_hash, reason, NOON)
    return Suppression.objects.get()


def post(client: Client, suppression: Suppression, why: str) -> str:
    form = {"action": "lift", "_selected_action": [suppression.pk], "why": why}
    return client.post(LIST, form, follow=True).content.decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, "active"),
        ({"confirmed_at": None, "basis": "imported", "consent_at": NOON}, "active"),
        ({"confirmed_at": None, "state": "pending"}, "pending"),
    ],
)
def test_the_person_is_what_they_were_before(before: dict[str, Any], after: str) -> None:
    suppression = give_up(**before)
    assert lift_suppression(suppression, LATER)
    subscriber = Subscriber.objects.get()
    assert (subscriber.state, subscriber.left_at, Suppression.objects.count()) == (after, None, 0)
    assert not lift_suppression(suppression, LATER)


def test_a_complaint_is_never_lifted() -> None:
    assert not lift_suppression(give_up(Suppression.Reason.COMPLAINED), LATER)
    assert (Subscriber.objects.get().state, Suppression.objects.get().reason) == ("complained", "complained")


def test_who_was_erased_comes_back_by_their_own_word_alone() -> None:
    suppression = give_up()
    erase(Subscriber.objects.get())
    assert lift_suppression(suppression, LATER)
    assert Suppression.objects.get().reason == "erased"


def test_the_owner_lifts_it_and_the_reason_is_kept(client: Client) -> None:
    client.force_login(make_editor())
    suppression = give_up()
    assert "1 address gets mail again." in post(client, suppression, "Their mail server was moved.")
    assert LogEntry.objects.get().change_message == "Lifted: Their mail server was moved."
    assert Subscriber.objects.get().is_active


def test_without_a_reason_nothing_is_changed(client: Client) -> None:
    client.force_login(make_editor())
    assert "Say why it can be reached again" in post(client, give_up(), "  ")
    assert Suppression.objects.exists()


def test_who_may_only_look_lifts_nothing(client: Client) -> None:
    viewer = User.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename__in=["view_suppression", "change_subscriber"]))
    client.force_login(viewer)
    post(client, give_up(), "I say so.")
    assert Suppression.objects.exists()
