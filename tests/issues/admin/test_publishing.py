"""The publish page: a sentence before anything happens, then one thin door for each move."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.mail.servers import MailServer
from issues.admin.publish_form import both_zones, describe_outcome
from issues.editorial import publish
from issues.models import Erratum, Issue, Text
from mailings.models import Mailing
from tests.builders import NOON, make_issue
from tests.desk import posted, queries_of, sign_in
from tests.mailings.cast import make_readers

pytestmark = pytest.mark.django_db
NOW = {"when": "now", "at": "", "mail": "no"}


@pytest.fixture
def editor(client: Client) -> Client:
    return sign_in(client)


@pytest.fixture
def readers() -> None:
    """1,234 of them."""
    make_readers(1234)


def make_written_issue(**fields: Any) -> Issue:
    issue = make_issue(**{"title": "The first", "slug": "the-first", **fields})
    Text.objects.create(parent=issue, text="Hello.")
    return issue


def make_published_issue() -> Issue:
    issue = make_written_issue()
    publish.publish(issue, now=NOON, mail=False)
    return issue


def address(name: str, issue: Issue) -> str:
    return reverse(f"admin:issues_{name}", args=[issue.pk])


def read(response: Any) -> str:
    return " ".join(response.content.decode().split())


def post(editor: Client, name: str, issue: Issue, **data: Any) -> str:
    """What the page says after this move."""
    text = read(editor.post(address(name, issue), data, follow=True))
    issue.refresh_from_db()
    return text


def test_a_plan_changes_nothing_and_is_said_in_one_sentence(editor: Client, readers: None) -> None:
    issue = make_written_issue(mail_subject="Nine papers")
    page = read(editor.get(address("publish", issue), NOW | {"mail": "yes"}))
    assert "“The first” goes on the web now at http://testserver/p/the-first/" in page
    assert "unless you stop it within 2 minutes it is mailed to 1,234 people with the subject “Nine papers”." in page
    issue.refresh_from_db()
    assert issue.state == "draft"


def test_without_mail_nobody_is_counted(editor: Client) -> None:
    page = read(editor.get(address("publish", make_written_issue()), NOW))
    assert "and nobody gets a mail." in page


def test_confirming_publishes_and_names_who(editor: Client) -> None:
    issue = make_written_issue()
    page = post(editor, "publish_confirm", issue, **NOW)
    assert "It is published." in page
    assert '<a href="/p/the-first/">' in page
    assert (issue.is_published, issue.mail_at) == (True, None)
    assert issue.public_edition is not None
    assert str(issue.public_edition.by) == "editor"


def test_the_mail_waits_two_minutes_in_which_it_can_be_stopped(editor: Client) -> None:
    issue = make_written_issue()
    assert "Do not mail" in post(editor, "publish_confirm", issue, **NOW | {"mail": "yes"})
    assert issue.mail_at is not None
    assert issue.published_at is not None
    assert issue.mail_at - issue.published_at == timedelta(minutes=2)
    assert "Nobody gets a mail." in post(editor, "do_not_mail", issue)
    assert issue.mail_at is None


def test_a_mail_whose_time_has_come_is_not_stopped(editor: Client) -> None:
    issue = make_published_issue()
    Issue.objects.update(mail_at=NOON)
    assert "too late" in post(editor, "do_not_mail", issue)
    assert issue.mail_at == NOON


def test_the_mail_may_be_asked_for_after_publishing(editor: Client, readers: None) -> None:
    issue = make_published_issue()
    page = read(editor.get(address("publish", issue), NOW | {"mail": "yes"}))
    assert "is on the web already" in page
    post(editor, "publish_confirm", issue, **NOW | {"mail": "yes"})
    assert issue.mail_at is not None


def test_a_mail_whose_time_is_long_past_may_be_asked_for_again(editor: Client) -> None:
    issue = make_published_issue()
    Issue.objects.update(mail_at=timezone.now() - timedelta(hours=7))
    page = read(editor.get(address("publish", issue)))
    assert ("too long ago to begin by itself" in page, "Mail it…" in page) == (True, True)
    assert "Do not mail" in post(editor, "publish_confirm", issue, **NOW | {"mail": "yes"})


def test_an_hour_is_read_in_the_editor_s_zone_and_said_in_both(editor: Client, settings: Any) -> None:
    settings.TIME_ZONE = "Europe/Berlin"
    with timezone.override("Europe/Berlin"):
        issue = make_written_issue()
        page = read(editor.get(address("publish", issue), {"when": "at", "at": "2099-01-05T09:00", "mail": "no"}))
        assert "2099-01-05 09:00 Europe/Berlin (08:00 UTC)" in page
        post(editor, "publish_confirm", issue, when="at", at="2099-01-05T09:00", mail="yes")
    assert issue.publish_at == issue.mail_at == datetime(2099, 1, 5, 8, 0, tzinfo=UTC)


def test_a_time_just_after_midnight_says_the_other_day(settings: Any) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    with timezone.override("Asia/Tokyo"):
        assert (
            both_zones(datetime(2099, 1, 5, 20, 0, tzinfo=UTC)) == "2099-01-06 05:00 Asia/Tokyo (2099-01-05 20:00 UTC)"
        )


def test_where_nobody_counts_no_number_is_made_up() -> None:
    assert "to its subscribers with the subject" in describe_outcome(make_issue(), hour=NOON, mail=True, audience=None)


@pytest.mark.parametrize("at", ["", "2001-01-01T09:00", "soon"])
def test_an_hour_that_cannot_be_is_refused_and_nothing_planned(editor: Client, at: str) -> None:
    issue = make_written_issue()
    assert editor.get(address("publish", issue), {"when": "at", "at": at, "mail": "no"}).context["form"].errors
    post(editor, "publish_confirm", issue, when="at", at=at, mail="no")
    assert issue.state == "draft"


def test_a_scheduled_issue_is_moved_and_taken_back(editor: Client) -> None:
    issue = make_written_issue()
    post(editor, "publish_confirm", issue, when="at", at="2099-01-05T09:00", mail="no")
    post(editor, "publish_confirm", issue, when="at", at="2099-01-06T09:00", mail="no")
    assert issue.publish_at == datetime(2099, 1, 6, 9, 0, tzinfo=UTC)
    form = posted(editor.get(address("publish", issue)), "plan")
    assert (form["when"], form["at"], form["mail"]) == (["at"], ["2099-01-06T09:00"], ["no"])
    assert "It is a draft again" in post(editor, "unschedule", issue)
    assert issue.state == "draft"


def test_what_hinders_is_named_before_anybody_plans(editor: Client) -> None:
    issue = make_issue(title="Nothing yet")
    page = read(editor.get(address("publish", issue), NOW))
    assert "“Nothing yet” has no blocks yet" in page
    assert "“Nothing yet” has no blocks yet" in post(editor, "publish_confirm", issue, **NOW)
    assert issue.state == "draft"


def test_what_would_be_wrong_with_the_mail_is_named_before_it_goes_out(editor: Client, settings: Any) -> None:
    settings.POSTAL_ADDRESS, settings.MAIL_SERVER = "", MailServer()
    issue = make_written_issue(mail_subject="Nine papers " * 12)
    Text.objects.create(parent=issue, text="A long word. " * 8000)
    for plan in ({}, NOW | {"mail": "yes"}):
        page = read(editor.get(address("publish", issue), plan))
        for sentence in ("POSTAL_ADDRESS is not set", "set EMAIL_URL", "kB of HTML", "longer than 120 characters"):
            assert page.count(sentence) == 1


def test_of_the_mail_nothing_is_said_where_nobody_gets_one(editor: Client, settings: Any) -> None:
    settings.POSTAL_ADDRESS = ""
    assert "POSTAL_ADDRESS" not in read(editor.get(address("publish", make_written_issue()), NOW))


def test_a_mail_in_order_has_no_findings(editor: Client, settings: Any) -> None:
    settings.POSTAL_ADDRESS, settings.MAIL_SERVER = "LLM Watch, 1 Example Street", MailServer("127.0.0.1")
    settings.DEFAULT_FROM_EMAIL = "LLM Watch <news@example.org>"
    assert "Before it is mailed" not in read(editor.get(address("publish", make_written_issue())))


def test_a_mailing_that_has_begun_is_linked(editor: Client) -> None:
    issue = make_published_issue()
    mailing = Mailing.objects.create(issue=issue)
    assert f'<a href="/admin/mailings/mailing/{mailing.pk}/change/">' in read(editor.get(address("publish", issue)))


def test_changes_of_a_published_issue_are_listed_and_published_with_a_note(editor: Client) -> None:
    issue = make_published_issue()
    Text.objects.update(text="Hello, world.")
    assert "“Hello.” → “Hello, world.”" in read(editor.get(address("publish", issue)))
    assert "Readers see the changes." in post(editor, "correct", issue, note="It greeted \0nobody.")
    assert Erratum.objects.get().text == "It greeted nobody."
    assert "None: readers see what is written here." in read(editor.get(address("publish", issue)))


def test_a_typing_error_is_mended_without_a_word(editor: Client) -> None:
    issue = make_published_issue()
    Text.objects.update(text="Hello!")
    post(editor, "correct", issue, note="")
    assert not Erratum.objects.exists()
    assert issue.public_edition is not None
    assert issue.public_edition.kind == "corrected"


def test_a_removed_issue_says_what_its_readers_are_told(editor: Client) -> None:
    issue = make_published_issue()
    assert "answers 410 from now on" in post(editor, "remove", issue)
    assert issue.is_removed
    page = read(editor.get(address("publish", issue)))
    assert "told that it was removed (410)" in page
    assert "Continue" not in page


@pytest.mark.parametrize("door", ["publish_confirm", "unschedule", "do_not_mail", "correct", "remove"])
def test_no_door_opens_by_a_link(editor: Client, door: str) -> None:
    assert editor.get(address(door, make_written_issue())).status_code == 405


@pytest.mark.parametrize("door", ["publish_confirm", "unschedule", "do_not_mail", "correct", "remove"])
def test_no_door_opens_without_the_page_s_own_token(door: str) -> None:
    strict = sign_in(Client(enforce_csrf_checks=True))
    assert strict.post(address(door, make_written_issue()), NOW).status_code == 403


@pytest.mark.parametrize("page", ["publish", "preview", "preview_page", "editions"])
def test_strangers_are_sent_to_the_door(client: Client, page: str) -> None:
    response = client.get(address(page, make_written_issue()))
    assert response.headers["Location"].startswith("/admin/login/")


def test_staff_without_the_permission_are_refused(client: Client, django_user_model: Any) -> None:
    client.force_login(django_user_model.objects.create_user("helper", is_staff=True))
    issue = make_written_issue()
    assert client.get(address("publish", issue)).status_code == 403
    assert client.post(address("publish_confirm", issue), NOW).status_code == 403


def test_the_page_takes_as_many_queries_for_twice_as_many_blocks(editor: Client) -> None:
    one, two = make_published_issue(), make_written_issue(slug="two")
    Text.objects.create(parent=two, text="More.")
    publish.publish(two, now=NOON, mail=False)
    assert queries_of(lambda: editor.get(address("publish", one))) == queries_of(
        lambda: editor.get(address("publish", two))
    )
