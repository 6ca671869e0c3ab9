"""Lists in the admin: looked at before anything is done, brought in by a worker, told, and thrown away."""

import zlib
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http.response import HttpResponseBase
from django.test import Client
from django.utils import timezone

from llmwatch import tick
from llmwatch.celery import app
from subscribers.imports import uploads
from subscribers.models import AccountMail, ImportChunk, ImportedAddress, Subscriber, SubscriberImport
from subscribers.tasks import dispatch_imports
from tests.builders import make_editor, make_series, make_subscriber
from tests.connections import another

pytestmark = pytest.mark.django_db
ADD = "/admin/subscribers/subscriberimport/add/"
GHOST = (
    "email,name,note,subscribed_to_emails,complimentary_plan,created_at,labels\n"
    "a@example.org,Reader 7,,true,false,2025-03-01T08:00:00Z,deep\n"
    "b@example.org,Reader 8,,false,false,2025-03-01T08:00:00Z,\n"
    "nobody,,,true,false,,\n"
)


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(make_editor())
    return client


def upload(client: Client, text: str = GHOST) -> SubscriberImport:
    answer = client.post(ADD, {"file": SimpleUploadedFile("members.csv", text.encode())})
    assert answer.status_code == 302
    return SubscriberImport.objects.get()


def address(subscriber_import: SubscriberImport) -> str:
    return f"/admin/subscribers/subscriberimport/{subscriber_import.pk}/change/"


def choose(client: Client, subscriber_import: SubscriberImport, button: str, **chosen: str) -> HttpResponseBase:
    roles = {f"column_{place}": role for place, role in enumerate(subscriber_import.roles)}
    return client.post(address(subscriber_import), {**roles, button: "yes", **chosen})


def begin(client: Client, subscriber_import: SubscriberImport) -> None:
    assert (
        choose(client, subscriber_import, "begin", basis="confirmed", words="Signed up at our old site.").status_code
        == 302
    )
    subscriber_import.refresh_from_db()


def page(client: Client, subscriber_import: SubscriberImport) -> str:
    return client.get(address(subscriber_import)).content.decode()


def test_a_list_is_shown_as_it_would_be_read_and_nothing_is_brought_in(editor: Client) -> None:
    make_subscriber("a@example.org")
    shown = page(editor, upload(editor))
    assert "The list looks like an export of Ghost." in shown
    assert "Of the first 3 people in the list, 0 are new, 1 are known here" in shown
    assert "1 left according to the list and stay out, and 1 cannot be read." in shown
    assert Subscriber.objects.count() == 1


def test_columns_are_what_the_editor_says(editor: Client) -> None:
    subscriber_import = upload(editor, "email,remark\na@example.org,Reader 7\n")
    answer = choose(editor, subscriber_import, "look", column_1="name")
    assert '<option value="name" selected>' in answer.content.decode()  # type: ignore[attr-defined]
    choose(editor, subscriber_import, "begin", column_1="name", basis="pending")
    uploads.work_on_import(subscriber_import.pk)
    assert (Subscriber.objects.get().name, Subscriber.objects.get().state) == ("Reader 7", "pending")


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({}, "This field is required."),
        ({"basis": "confirmed", "words": " "}, "Say on which basis they get mail"),
        ({"basis": "pending", "column_0": "unused"}, "One column must be the e-mail address."),
    ],
)
def test_it_is_not_begun_without_a_basis_and_an_address(editor: Client, chosen: dict[str, str], sentence: str) -> None:
    subscriber_import = upload(editor)
    assert sentence in choose(editor, subscriber_import, "begin", **chosen).content.decode()  # type: ignore[attr-defined]
    subscriber_import.refresh_from_db()
    assert subscriber_import.is_to_begin


def test_the_worker_brings_them_in_on_the_basis_that_was_given(editor: Client) -> None:
    series = make_series(name="Deep Dives", slug="deep")
    begin(editor, subscriber_import := upload(editor))
    uploads.work_on_import(subscriber_import.pk)
    reader = Subscriber.objects.get()
    assert (reader.email, reader.state, reader.consent_words) == (
        "a@example.org",
        "active",
        "Signed up at our old site.",
    )
    assert (reader.consent_where, list(reader.series.all())) == ("import of members.csv", [series])
    assert not AccountMail.objects.exists()


def test_what_came_of_it_is_told_and_lines_that_were_not_taken_can_be_had(editor: Client) -> None:
    begin(editor, subscriber_import := upload(editor))
    assert 'http-equiv="refresh"' in page(editor, subscriber_import)
    uploads.work_on_import(subscriber_import.pk)
    shown = page(editor, subscriber_import)
    assert "3 lines are read." in shown
    assert 'http-equiv="refresh"' not in shown
    answer = editor.get(f"/admin/subscribers/subscriberimport/{subscriber_import.pk}/report/")
    report = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert [line.partition(",")[0] for line in report.splitlines()] == ["line", "3", "4"]


def test_it_is_brought_in_once_however_often_the_task_runs(editor: Client) -> None:
    begin(editor, subscriber_import := upload(editor))
    uploads.work_on_import(subscriber_import.pk)
    uploads.work_on_import(subscriber_import.pk)
    subscriber_import.refresh_from_db()
    assert (subscriber_import.state, subscriber_import.counts["created"], subscriber_import.lines_done) == (
        "done",
        1,
        3,
    )


def test_a_worker_that_ended_is_followed_by_one_that_goes_on_and_counts_nobody_twice(editor: Client) -> None:
    people = "".join(f"reader-{number}@example.org\n" for number in range(1_200))
    begin(editor, subscriber_import := upload(editor, f"email\n{people}reader-0@example.org\n"))
    uploads.work_on_import(subscriber_import.pk, seconds=0)
    assert ImportedAddress.objects.count() == 1_000
    assert uploads.due_imports(timezone.now()) == (subscriber_import.pk,)
    uploads.work_on_import(subscriber_import.pk)
    subscriber_import.refresh_from_db()
    assert (subscriber_import.state, subscriber_import.lines_done) == ("done", 1_201)
    assert (subscriber_import.counts["created"], subscriber_import.counts["duplicates"]) == (1_200, 1)
    assert not ImportedAddress.objects.exists()


def test_a_list_that_somebody_reads_is_left_to_them(editor: Client) -> None:
    begin(editor, subscriber_import := upload(editor))
    with another() as other:
        other.execute("SELECT pg_advisory_lock(%s)", [zlib.crc32(f"list:{subscriber_import.pk}".encode())])
        assert not uploads.work_on_import(subscriber_import.pk)
    assert not Subscriber.objects.exists()
    uploads.work_on_import(subscriber_import.pk)
    assert Subscriber.objects.count() == 1


def test_a_slice_ends_after_its_time_and_the_next_goes_on(editor: Client) -> None:
    people = "".join(f"reader-{number}@example.org\n" for number in range(1_200))
    begin(editor, subscriber_import := upload(editor, f"email\n{people}"))
    assert uploads.work_on_import(subscriber_import.pk, seconds=0)
    assert "1000 lines are read." in page(editor, subscriber_import)
    assert (SubscriberImport.objects.get().state, Subscriber.objects.count()) == ("reading", 1_000)
    assert not [more for _slice in range(3) if (more := uploads.work_on_import(subscriber_import.pk, seconds=45))]
    assert (SubscriberImport.objects.get().state, SubscriberImport.objects.get().counts["created"]) == ("done", 1_200)


def test_an_editor_stops_a_list_and_who_is_in_stays(editor: Client) -> None:
    people = "".join(f"reader-{number}@example.org\n" for number in range(1_200))
    begin(editor, subscriber_import := upload(editor, f"email\n{people}"))
    uploads.work_on_import(subscriber_import.pk, seconds=0)
    answer = editor.post(f"/admin/subscribers/subscriberimport/{subscriber_import.pk}/stop/", follow=True)
    assert "It is stopped. Who was brought in stays" in answer.content.decode()
    assert not uploads.work_on_import(subscriber_import.pk)
    assert (SubscriberImport.objects.get().state, Subscriber.objects.count()) == ("stopped", 1_000)
    assert not ImportedAddress.objects.exists()


def test_a_worker_in_the_midst_of_a_batch_heeds_the_stop(editor: Client) -> None:
    begin(editor, subscriber_import := upload(editor))
    SubscriberImport.objects.update(state="reading")
    held = SubscriberImport.objects.get()
    assert subscriber_import.stop(timezone.now())
    assert not held.advance(3, {"created": 1}, timezone.now())
    assert not subscriber_import.stop(timezone.now())


def test_what_is_over_is_not_stopped(editor: Client) -> None:
    begin(editor, subscriber_import := upload(editor))
    uploads.work_on_import(subscriber_import.pk)
    assert ">Stop<" not in page(editor, subscriber_import)
    answer = editor.post(f"/admin/subscribers/subscriberimport/{subscriber_import.pk}/stop/", follow=True)
    assert "It is over; nothing was changed." in answer.content.decode()
    assert SubscriberImport.objects.get().state == "done"


def test_the_file_and_the_report_go_after_a_week_and_the_counts_stay(editor: Client) -> None:
    begin(editor, subscriber_import := upload(editor))
    uploads.work_on_import(subscriber_import.pk)
    assert ImportChunk.objects.count() == 2
    uploads.due_imports(timezone.now() + timedelta(days=8))
    subscriber_import.refresh_from_db()
    assert (ImportChunk.objects.count(), subscriber_import.counts["created"]) == (0, 1)
    assert "were thrown away" in page(editor, subscriber_import)
    assert editor.get(f"/admin/subscribers/subscriberimport/{subscriber_import.pk}/report/").status_code == 404


@pytest.mark.parametrize("text", ["", "first,second\n1,2\n"])
def test_what_is_no_list_is_refused_and_not_kept(editor: Client, text: str) -> None:
    answer = editor.post(ADD, {"file": SimpleUploadedFile("x.csv", text.encode())})
    assert answer.status_code == 200
    assert not SubscriberImport.objects.exists()


def test_who_may_only_look_neither_uploads_nor_begins_nor_downloads(editor: Client) -> None:
    subscriber_import = upload(editor)
    viewer = User.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.set(Permission.objects.filter(codename="view_subscriberimport"))
    editor.force_login(viewer)
    assert editor.get(ADD).status_code == 403
    assert editor.get(f"/admin/subscribers/subscriberimport/{subscriber_import.pk}/report/").status_code == 403
    choose(editor, subscriber_import, "begin", basis="pending")
    assert editor.post(f"/admin/subscribers/subscriberimport/{subscriber_import.pk}/stop/").status_code == 403
    subscriber_import.refresh_from_db()
    assert subscriber_import.is_to_begin


def test_an_editor_can_throw_a_file_away_at_once_but_not_what_is_remembered(editor: Client) -> None:
    subscriber_import = upload(editor)
    editor.post(
        "/admin/subscribers/subscriberimport/", {"action": "forget", "_selected_action": [subscriber_import.pk]}
    )
    assert not ImportChunk.objects.exists()
    assert (
        editor.post(f"/admin/subscribers/subscriberimport/{subscriber_import.pk}/delete/", {"post": "yes"}).status_code
        == 403
    )


def test_what_is_being_read_is_not_thrown_away(editor: Client) -> None:
    begin(editor, subscriber_import := upload(editor))
    editor.post(
        "/admin/subscribers/subscriberimport/", {"action": "forget", "_selected_action": [subscriber_import.pk]}
    )
    assert ImportChunk.objects.exists()


def test_a_name_too_long_for_a_file_system_does_no_harm(editor: Client) -> None:
    answer = editor.post(ADD, {"file": SimpleUploadedFile(f"{'é' * 190}.csv", GHOST.encode())})
    assert answer.status_code == 302
    begin(editor, subscriber_import := SubscriberImport.objects.get())
    uploads.work_on_import(subscriber_import.pk)
    assert Subscriber.objects.count() == 1


def test_of_two_workers_the_one_that_comes_late_writes_nothing(editor: Client) -> None:
    begin(editor, upload(editor))
    SubscriberImport.objects.update(state="reading")
    one, other = SubscriberImport.objects.get(), SubscriberImport.objects.get()
    assert one.advance(3, {"created": 1}, timezone.now())
    assert not other.advance(3, {"created": 1}, timezone.now())
    assert SubscriberImport.objects.get().lines_done == 3


def test_the_clock_hands_out_what_was_begun_and_forgets_what_is_old(editor: Client) -> None:
    begin(editor, upload(editor))
    app.control.purge()
    assert dispatch_imports(timezone.now()) == ()
    assert app.control.purge() == 1
    SubscriberImport.objects.update(state="done", uploaded=timezone.now() - timedelta(days=8))
    tick.tick(timezone.now())
    assert not ImportChunk.objects.exists()


def test_the_list_of_lists_is_there(editor: Client) -> None:
    upload(editor)
    assert "members.csv" in editor.get("/admin/subscribers/subscriberimport/").content.decode()
