"""Bounces and complaints in the admin: shown to who asks, changed by nobody."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from mailings.bounces.process import receive_mail
from mailings.models import MailEvent, Mailing
from mailings.personal_data import erase
from subscribers.models import AccountMail, Subscriber
from tests.builders import NOON, make_editor
from tests.mailings.bounces.returned import bounce, complaint
from tests.mailings.cast import make_mailing

pytestmark = pytest.mark.django_db
LIST = "/admin/mailings/mailevent/"


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(make_editor())
    return client


def come_back(mailing: Mailing, *numbers: int) -> None:
    """These readers' messages, as bounces for good."""
    for number in numbers:
        delivery = mailing.deliveries.get(subscriber__email=f"reader-{number:04d}@example.org")
        ours = f"<{mailing.pk}.{delivery.address_hash[:32]}@example.org>"
        receive_mail(bounce(message_id=ours, number=f"<{number}@mx.example.org>"), timezone.now())


def test_an_event_is_found_by_the_address_even_when_the_person_was_forgotten(editor: Client) -> None:
    come_back(make_mailing(2), 0, 1)
    erase(Subscriber.objects.get(email="reader-0000@example.org"))
    page = editor.get(LIST, {"q": "READER-0000@example.org"}).content.decode()
    assert "not known here" in page
    assert "reader-0001@example.org" not in page


def test_the_list_costs_the_same_for_few_and_for_many(editor: Client) -> None:
    mailing, costs = make_mailing(6), []
    for numbers in ((0, 1, 2), (3, 4, 5)):
        come_back(mailing, *numbers)
        with CaptureQueriesContext(connection) as seen:
            editor.get(LIST)
        costs.append(len(seen))
    assert costs[0] == costs[1]


def test_an_event_that_names_nobody_is_listed(editor: Client) -> None:
    receive_mail(bounce(recipient="nobody"), timezone.now())
    assert "not named" in editor.get(LIST).content.decode()


def test_the_list_says_which_way_an_event_came_and_of_which_message_it_speaks(editor: Client) -> None:
    come_back(make_mailing(1), 0)
    reader = Subscriber.objects.get()
    letter = AccountMail.objects.create(subscriber=reader, kind="sign_in", asked_at=NOON, due_at=NOON)
    values = {"kind": "soft", "is_proven": True, "happened": NOON, "received": NOON, "subscriber": reader}
    for number, source in enumerate(("amazon_ses", "mail")):
        MailEvent.objects.create(source=source, event_id=str(number), account_mail=letter, **values)
    for page in (LIST, f"/admin/subscribers/subscriber/{reader.pk}/change/"):
        shown = editor.get(page).content.decode()
        for way in ("delivery report", "amazon ses", "mail of a reader"):
            assert way in shown
    assert "letter: sign-in link" in editor.get(LIST).content.decode()


def test_nobody_changes_what_was_told(editor: Client) -> None:
    come_back(make_mailing(1), 0)
    event = MailEvent.objects.get()
    assert editor.get(f"{LIST}{event.pk}/change/").status_code == 200
    assert editor.post(f"{LIST}{event.pk}/change/", {"kind": "delivered"}).status_code == 403
    assert editor.post(f"{LIST}{event.pk}/delete/", {"post": "yes"}).status_code == 403
    assert editor.get(f"{LIST}add/").status_code == 403


def test_a_persons_page_shows_what_came_back(editor: Client) -> None:
    come_back(make_mailing(1), 0)
    page = editor.get(f"/admin/subscribers/subscriber/{Subscriber.objects.get().pk}/change/").content.decode()
    assert "User unknown" in page


def test_the_page_of_a_mailing_counts_what_came_back_and_leads_to_it(editor: Client) -> None:
    mailing = make_mailing(3)
    come_back(mailing, 0, 1)
    ours = f"<{mailing.pk}.{mailing.deliveries.latest('pk').address_hash[:32]}@example.org>"
    receive_mail(complaint(message_id=ours), timezone.now())
    page = editor.get(reverse("admin:mailings_mailing_change", args=[mailing.pk])).content.decode()
    assert "Of these, 2 came back and 1 complained." in page
    listed = f"{LIST}?delivery__mailing__id__exact={mailing.pk}"
    assert listed in page
    assert "reader-0001@example.org" in editor.get(listed).content.decode()
