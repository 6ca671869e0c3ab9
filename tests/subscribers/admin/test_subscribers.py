"""The admin of subscribers: found by address, never carried away, never deleted without a trace."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from mailings.personal_data import erase
from subscribers.addresses import address_hash
from subscribers.models import SendingPermit, Subscriber, Suppression
from tests.builders import make_subscriber

pytestmark = pytest.mark.django_db
LIST = "/admin/subscribers/subscriber/"


def act(editor: Client, action: str, *subscribers: Subscriber, **fields: str) -> None:
    data = {"action": action, "_selected_action": [one.pk for one in subscribers], **fields}
    assert editor.post(LIST, data).status_code == 302


def test_an_address_is_found_by_its_beginning(editor: Client) -> None:
    make_subscriber("reader@example.org")
    make_subscriber("other@example.org")
    page = editor.get(LIST, {"q": "READER@"}).content.decode()
    assert "reader@example.org" in page
    assert "other@example.org" not in page


def test_the_list_costs_the_same_for_few_and_for_many(
    editor: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for count in (5, 5):
        [make_subscriber() for _ in range(count)]
        with django_assert_max_num_queries(8):
            editor.get(LIST)


@pytest.mark.parametrize(
    "query", ["state__exact=active", "basis__exact=imported", "depth__exact=full", "support=now", "is_seed__exact=1"]
)
def test_the_list_can_be_narrowed(editor: Client, query: str) -> None:
    assert editor.get(f"{LIST}?{query}").status_code == 200


def test_supporters_and_those_of_old_are_told_apart(editor: Client) -> None:
    make_subscriber("now@example.org", paid_until="2999-01-01")
    make_subscriber("old@example.org", paid_until="2001-01-01")
    assert "now@example.org" in (page := editor.get(f"{LIST}?support=now").content.decode())
    assert "old@example.org" not in page
    assert "old@example.org" in editor.get(f"{LIST}?support=lapsed").content.decode()


def test_the_proof_of_consent_is_shown_and_cannot_be_changed(editor: Client) -> None:
    subscriber = make_subscriber("reader@example.org", consent_words="Send it to me.")
    address = f"{LIST}{subscriber.pk}/change/"
    assert "Send it to me." in editor.get(address).content.decode()
    data = {"name": "Reader 7", "depth": "full", "email": "x@example.org", "consent_words": "x", "state": "pending"}
    forms = {
        f"{name}-{count}_FORMS": "0" for name in ("account_mails", "mail_events") for count in ("TOTAL", "INITIAL")
    }
    assert editor.post(address, {**data, **forms}).status_code == 302
    subscriber.refresh_from_db()
    assert (subscriber.name, subscriber.email, subscriber.consent_words) == (
        "Reader 7",
        "reader@example.org",
        "Send it to me.",
    )


def test_nobody_is_added_by_hand(editor: Client) -> None:
    assert editor.get(f"{LIST}add/").status_code == 403


def test_an_editor_can_end_the_mail_to_somebody(editor: Client) -> None:
    subscriber = make_subscriber()
    act(editor, "unsubscribe", subscriber)
    subscriber.refresh_from_db()
    assert (subscriber.state, subscriber.left_at is not None) == ("unsubscribed", True)


def export(client: Client, *subscribers: Subscriber) -> str:
    keys = [one.pk for one in subscribers]
    answer = client.post(LIST, {"action": "export", "_selected_action": keys})
    return b"".join(answer.streaming_content).decode() if answer.streaming else ""  # type: ignore[attr-defined]


def test_people_are_exported_with_a_trace_of_who_did_it(editor: Client) -> None:
    one, _other = make_subscriber("a@example.org"), make_subscriber("b@example.org")
    text = export(editor, one)
    assert ("a@example.org" in text, "b@example.org" in text) == (True, False)
    entry = LogEntry.objects.get()
    assert (entry.user.get_username(), entry.change_message) == ("editor", "1 subscriber exported")


def test_who_may_only_look_and_change_exports_nothing() -> None:
    client, staff = Client(), User.objects.create_user("staff", is_staff=True)
    may = Permission.objects.filter(codename__in=["view_subscriber", "change_subscriber"])
    staff.user_permissions.set(may)
    client.force_login(staff)
    assert export(client, make_subscriber()) == ""
    staff.user_permissions.set([*may, Permission.objects.get(codename="export_subscribers")])
    assert export(client, Subscriber.objects.get()) != ""


def test_the_list_leads_to_an_import(editor: Client) -> None:
    assert "/admin/subscribers/subscriberimport/add/" in editor.get(LIST).content.decode()


def test_deleting_is_erasure(editor: Client) -> None:
    one, other = make_subscriber(), make_subscriber()
    act(editor, "delete_selected", one, post="yes")
    editor.post(f"{LIST}{other.pk}/delete/", {"post": "yes"})
    assert not Subscriber.objects.exists()
    assert Suppression.objects.filter(reason="erased").count() == 2


def test_a_suppression_is_found_by_the_address_that_is_typed(editor: Client) -> None:
    erase(make_subscriber("reader@example.org"))
    erase(make_subscriber("other@example.org"))
    page = editor.get("/admin/subscribers/suppression/", {"q": "Reader@Example.org"}).content.decode()
    assert address_hash("reader@example.org")[:12] in page
    assert address_hash("other@example.org")[:12] not in page


def test_suppressions_are_read_only(editor: Client) -> None:
    erase(make_subscriber())
    key = Suppression.objects.get().pk
    assert editor.get("/admin/subscribers/suppression/add/").status_code == 403
    assert editor.post(f"/admin/subscribers/suppression/{key}/delete/", {"post": "yes"}).status_code == 403


def test_a_copied_database_is_armed_by_a_person_who_says_so(editor: Client) -> None:
    SendingPermit.objects.all().delete()
    assert "sends nothing until" in editor.get("/admin/subscribers/sendingpermit/add/").content.decode()
    editor.post("/admin/subscribers/sendingpermit/add/", {})
    assert not SendingPermit.objects.is_armed()
    assert editor.post("/admin/subscribers/sendingpermit/add/", {"sure": "on"}).status_code == 302
    assert SendingPermit.objects.is_armed()


def test_an_armed_database_is_not_armed_again(editor: Client) -> None:
    SendingPermit.objects.arm()
    assert editor.get("/admin/subscribers/sendingpermit/add/").status_code == 403
