"""The live page of a mailing, its reins, and the ledger as an editor searches it."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from issues.editorial import publish
from issues.models import Text
from mailings.models import Delivery, Mailing
from mailings.personal_data import erase
from mailings.progress import DomainProgress, by_domain, progress_of
from subscribers.models import Subscriber
from tests.builders import make_editor
from tests.mailings.cast import make_mailing, make_readers

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(make_editor())
    return client


def live(client: Client, mailing: Mailing) -> str:
    return client.get(reverse("admin:mailings_mailing_change", args=[mailing.pk])).content.decode()


def steer(client: Client, mailing: Mailing, move: str) -> None:
    answer = client.post(reverse(f"admin:mailings_mailing_{move}", args=[mailing.pk]))
    assert answer.status_code == 302
    mailing.refresh_from_db()


def close(mailing: Mailing, count: int, state: str, reply: str = "") -> None:
    now = timezone.now()
    pending = mailing.deliveries.filter(state="pending").order_by("pk").values("pk")[:count]
    Delivery.objects.filter(pk__in=list(pending.values_list("pk", flat=True))).update(
        state=state,
        reply=reply,
        sent_at=now if state == "sent" else None,
        retry_at=now if state == "deferred" else None,
    )


def test_the_live_page_shows_counts_that_add_up_and_what_the_server_said(editor: Client) -> None:
    mailing = make_mailing(10)
    close(mailing, 5, "sent", "250 fine")
    close(mailing, 2, "deferred", "450 later")
    page = live(editor, mailing)
    assert "7 of 10" not in page
    assert "5 of 10 are done (50%)." in page
    assert "5 messages in the last minute" in page
    assert "450 later" in page
    assert "250 fine" not in page


def test_progress_is_told_in_numbers() -> None:
    mailing = make_mailing(10)
    close(mailing, 4, "sent")
    close(mailing, 1, "failed", "550 no")
    progress = progress_of(mailing, timezone.now())
    assert sum(tally.count for tally in progress.tallies) == progress.audience == 10
    assert (progress.done, progress.percent, progress.per_minute, progress.minutes_left) == (5, 50, 4, 2)
    assert [(said.reply, said.count) for said in progress.said] == [("550 no", 1)]
    assert progress_of(mailing, timezone.now() + timedelta(minutes=5)).minutes_left is None


def test_domains_are_told_the_largest_first() -> None:
    make_readers(3)
    Subscriber.objects.filter(email="reader-0001@example.org").update(email="Reader@Mail.example")
    mailing = make_mailing()
    close(mailing, 2, "sent")
    close(mailing, 1, "failed", "550 no")
    assert by_domain(mailing) == [
        DomainProgress("example.org", recipients=2, sent=1, waiting=0, failed=1, uncertain=0),
        DomainProgress("mail.example", recipients=1, sent=1, waiting=0, failed=0, uncertain=0),
    ]


def test_the_live_page_counts_domains_where_it_is_asked_to(editor: Client) -> None:
    mailing = make_mailing(2)
    address = reverse("admin:mailings_mailing_change", args=[mailing.pk])
    assert "example.org</th><td>2" not in live(editor, mailing)
    assert "example.org</th><td>2" in editor.get(address, {"domains": ""}).content.decode()


def test_an_empty_mailing_is_done() -> None:
    assert progress_of(make_mailing(), timezone.now()).percent == 100


def test_the_page_renews_itself_only_while_it_is_being_sent(editor: Client) -> None:
    mailing = make_mailing(1)
    assert 'http-equiv="refresh"' in live(editor, mailing)
    mailing.pause("The server said no.")
    page = live(editor, mailing)
    assert 'http-equiv="refresh"' not in page
    assert "The server said no." in page


def test_pause_resume_and_cancel(editor: Client) -> None:
    mailing = make_mailing(2)
    for move, state in (("pause", "paused"), ("resume", "sending"), ("cancel", "cancelled")):
        steer(editor, mailing, move)
        assert mailing.state == state
    assert mailing.counts()["cancelled"] == 2
    assert "Go on" not in live(editor, mailing)


def test_a_paused_mailing_says_that_the_issue_was_corrected(editor: Client) -> None:
    mailing = make_mailing(1)
    mailing.pause()
    assert "gets the corrected text" not in live(editor, mailing)
    Text.objects.update(text="Hello, correct readers.")
    publish.correct(mailing.issue)
    assert "gets the corrected text" in live(editor, mailing)


def test_a_mailing_of_a_removed_issue_is_not_resumed_and_the_page_says_why(editor: Client) -> None:
    mailing = make_mailing(1)
    mailing.pause()
    publish.remove(mailing.issue)
    answer = editor.post(reverse("admin:mailings_mailing_resume", args=[mailing.pk]), follow=True)
    assert "only what is published is mailed" in answer.content.decode()
    mailing.refresh_from_db()
    assert mailing.is_paused


def test_what_is_over_is_not_paused_and_the_page_says_so(editor: Client) -> None:
    mailing = make_mailing(1)
    mailing.cancel(timezone.now())
    answer = editor.post(reverse("admin:mailings_mailing_pause", args=[mailing.pk]), follow=True)
    assert "It is cancelled; nothing was changed." in answer.content.decode()


def test_a_look_changes_nothing(editor: Client) -> None:
    mailing = make_mailing(1)
    assert editor.get(reverse("admin:mailings_mailing_pause", args=[mailing.pk])).status_code == 405
    mailing.refresh_from_db()
    assert mailing.is_sending


def test_who_may_only_look_cannot_steer(client: Client) -> None:
    mailing = make_mailing(1)
    viewer = User.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(viewer)
    assert "Pause" not in live(client, mailing)
    assert client.post(reverse("admin:mailings_mailing_pause", args=[mailing.pk])).status_code == 403


def test_a_recipient_is_found_by_the_whole_address_also_when_forgotten(editor: Client) -> None:
    mailing = make_mailing(3)
    found = Delivery.objects.select_related("subscriber").order_by("pk")[1]
    assert found.subscriber is not None
    address = found.subscriber.email
    erase(found.subscriber)
    url = reverse("admin:mailings_delivery_changelist")
    page = editor.get(url, {"q": address.upper(), "mailing__id__exact": str(mailing.pk)}).content.decode()
    assert "1 delivery" in page
    assert f"forgotten ({found.address_hash[:12]}…)" in page


def queries(client: Client, mailing: Mailing) -> int:
    url = reverse("admin:mailings_delivery_changelist")
    with CaptureQueriesContext(connection) as seen:
        client.get(url, {"mailing__id__exact": str(mailing.pk)})
    return len(seen)


def test_the_ledger_takes_the_same_queries_for_any_number(editor: Client) -> None:
    few, many = make_mailing(5), make_mailing()
    Delivery.objects.bulk_create(
        Delivery(mailing=many, address_hash=str(number), depth="full", supporters=False) for number in range(20)
    )
    assert queries(editor, few) == queries(editor, many)


def test_the_uncertain_are_sent_again_only_at_a_persons_word(editor: Client) -> None:
    mailing = make_mailing(3)
    close(mailing, 1, "uncertain")
    close(mailing, 2, "sent")
    Mailing.objects.update(state="finished")
    keys = list(Delivery.objects.values_list("pk", flat=True))
    form = {"action": "send_again", "_selected_action": keys}
    page = editor.post(reverse("admin:mailings_delivery_changelist"), form, follow=True).content.decode()
    mailing.refresh_from_db()
    assert "1 person is tried again." in page
    assert (mailing.state, mailing.counts()["pending"], mailing.counts()["sent"]) == ("sending", 1, 2)


def test_nothing_of_the_ledger_is_written_by_hand(editor: Client) -> None:
    make_readers(1)
    for model in ("mailing", "delivery"):
        assert editor.get(reverse(f"admin:mailings_{model}_add")).status_code == 403
    row = make_mailing().deliveries.get()
    assert "Save" not in editor.get(reverse("admin:mailings_delivery_change", args=[row.pk])).content.decode()
