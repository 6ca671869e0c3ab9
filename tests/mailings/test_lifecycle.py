"""From the intent to mail to a mailing: begun once, only where somebody asked for it, and told in counts."""

import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from core.mail.servers import MailServer
from issues.editorial import publish
from issues.models import Issue
from llmwatch.tick import tick
from mailings import lifecycle
from mailings.lifecycle import NotMailable
from mailings.models import Delivery, Mailing
from subscribers.models import SendingPermit
from tests.builders import NOON, make_issue
from tests.mailings.cast import make_mailing, make_public_issue, make_readers, needs_commits

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def somewhere(settings: Settings) -> None:
    """A mail server is named; nothing here speaks to it."""
    settings.MAIL_SERVER = MailServer("127.0.0.1", 9)


def started(now: datetime) -> int:
    return len(lifecycle.start_due_mailings(now).started)


def test_a_published_issue_is_mailed_once_where_that_was_asked_for() -> None:
    make_readers(3)
    issue = make_public_issue(now=NOON)
    assert started(NOON) == 1
    mailing = Mailing.objects.get()
    assert (mailing.issue, mailing.state, mailing.audience, mailing.prepared_at) == (issue, "sending", 3, NOON)
    assert mailing.renditions.count() == 4
    assert started(NOON) == 0


def test_what_was_started_waits_for_the_workers() -> None:
    make_readers(1)
    make_public_issue(now=NOON)
    assert lifecycle.start_due_mailings(NOON).waiting == (Mailing.objects.get().pk,)


def test_without_the_wish_to_mail_nothing_is_mailed() -> None:
    make_public_issue(mail=False, now=NOON)
    assert started(NOON) == 0


def test_an_issue_that_is_not_published_is_not_mailed() -> None:
    Issue.objects.filter(pk=make_issue().pk).update(mail_at=NOON)
    assert started(NOON) == 0


def test_nothing_is_mailed_while_the_wish_can_be_taken_back() -> None:
    issue = make_public_issue(mail=False, now=NOON)
    publish.publish(issue, now=NOON, mail=True, undo=publish.UNDO_WINDOW)
    assert started(NOON + publish.UNDO_WINDOW - timedelta(seconds=1)) == 0
    assert publish.do_not_mail(issue, now=NOON)
    assert started(NOON + publish.UNDO_WINDOW) == 0


def test_a_mailing_that_is_hours_late_does_not_start_by_itself_and_says_so() -> None:
    issue = make_public_issue(now=NOON)
    seen = lifecycle.start_due_mailings(NOON + timedelta(hours=7))
    assert seen.started == ()
    assert (seen.problems[0].where, f"send_issue {issue.slug}" in seen.problems[0].what) == (issue.slug, True)


def test_a_person_may_still_send_what_is_hours_late() -> None:
    issue = make_public_issue(now=NOON)
    assert lifecycle.prepare_mailing(issue, NOON + timedelta(hours=7)).state == "sending"


def test_a_copied_database_starts_nothing_and_says_how_to_arm_it() -> None:
    issue = make_public_issue(now=NOON)
    SendingPermit.objects.all().delete()
    seen = lifecycle.start_due_mailings(NOON)
    assert (seen.started, seen.waiting) == ((), ())
    assert [(problem.where, "manage.py arm" in problem.what) for problem in seen.problems] == [(issue.slug, True)]
    with pytest.raises(NotMailable, match=r"manage\.py arm"):
        lifecycle.prepare_mailing(issue, NOON)


def test_a_copied_database_does_not_go_on_with_what_was_being_sent() -> None:
    make_readers(1)
    lifecycle.start_mailing(make_public_issue(now=NOON), NOON)
    SendingPermit.objects.all().delete()
    assert lifecycle.start_due_mailings(NOON).waiting == ()


def test_arming_lets_it_go_on() -> None:
    make_public_issue(now=NOON)
    SendingPermit.objects.all().delete()
    call_command("arm")
    assert started(NOON) == 1


def test_a_copied_database_with_nothing_to_mail_has_no_problem() -> None:
    SendingPermit.objects.all().delete()
    assert lifecycle.start_due_mailings(NOON).problems == ()


def test_without_a_mail_server_a_due_mailing_is_a_problem(settings: Settings) -> None:
    make_public_issue(now=NOON)
    settings.MAIL_SERVER = MailServer()
    seen = lifecycle.start_due_mailings(NOON)
    assert (seen.started, "EMAIL_URL" in seen.problems[0].what) == ((), True)


def test_a_mailing_is_started_whole_or_not_at_all(settings: Settings) -> None:
    make_readers(1)
    make_public_issue(now=NOON)
    settings.DEFAULT_FROM_EMAIL = "nobody in particular"
    seen = lifecycle.start_due_mailings(NOON)
    assert (len(seen.problems), "cannot be mailed" in seen.problems[0].what) == (1, True)
    assert not Mailing.objects.exists()
    assert not Delivery.objects.exists()


def test_a_draft_is_refused_with_the_way_to_publish_it() -> None:
    issue = make_issue()
    with pytest.raises(NotMailable, match=f"publish_issue {issue.slug}"):
        lifecycle.prepare_mailing(issue, NOON)


def test_a_persons_word_is_an_intent_to_mail() -> None:
    issue = make_public_issue(mail=False, now=NOON)
    lifecycle.prepare_mailing(issue, NOON + timedelta(minutes=1))
    issue.refresh_from_db()
    assert issue.mail_at == NOON + timedelta(minutes=1)


def test_a_paused_mailing_is_not_sent_by_the_command() -> None:
    mailing = make_mailing()
    mailing.pause("The server said no.")
    with pytest.raises(NotMailable, match=r"paused\. The server said no\. Resume it"):
        lifecycle.prepare_mailing(mailing.issue, NOON)


@pytest.mark.parametrize(
    ("move", "before", "after"),
    [
        ("pause", "sending", "paused"),
        ("pause", "finished", "finished"),
        ("resume", "paused", "sending"),
        ("resume", "cancelled", "cancelled"),
        ("resume", "finished", "finished"),
    ],
)
def test_a_mailing_moves_only_from_where_it_may(move: str, before: str, after: str) -> None:
    mailing = make_mailing()
    Mailing.objects.update(state=before)
    assert (mailing.pause() if move == "pause" else mailing.resume(NOON)) is (before != after)
    assert mailing.state == after


@pytest.mark.parametrize("before", ["sending", "paused"])
def test_cancelling_closes_what_waits(before: str) -> None:
    mailing = make_mailing(4)
    Mailing.objects.update(state=before)
    first, second, third, _last = mailing.deliveries.order_by("pk").values_list("pk", flat=True)
    Delivery.objects.filter(pk=first).update(state="sent", sent_at=NOON)
    Delivery.objects.filter(pk=second).update(state="deferred", retry_at=NOON)
    Delivery.objects.filter(pk=third).update(state="sending")
    assert mailing.cancel(NOON)
    assert not mailing.cancel(NOON)
    counts = mailing.counts()
    assert (counts["cancelled"], counts["sent"], counts["sending"]) == (2, 1, 1)


@needs_commits
def test_two_clocks_at_once_start_one_mailing() -> None:
    SendingPermit.objects.arm()
    make_readers(5)
    make_public_issue(now=NOON)
    barrier = threading.Barrier(2)
    started: list[int] = []

    def tick() -> None:
        barrier.wait()
        started.extend(lifecycle.start_due_mailings(NOON).started)
        connection.close()

    clocks = [threading.Thread(target=tick) for _ in range(2)]
    for one in clocks:
        one.start()
    for one in clocks:
        one.join()
    assert started == [Mailing.objects.get().pk]
    assert Delivery.objects.count() == 5


@needs_commits
def test_two_operators_at_once_start_one_mailing() -> None:
    SendingPermit.objects.arm()
    make_readers(5)
    issue, barrier, begun = make_public_issue(), threading.Barrier(2), []

    def begin() -> None:
        barrier.wait()
        begun.append(lifecycle.prepare_mailing(issue, timezone.now()))
        connection.close()

    operators = [threading.Thread(target=begin) for _ in range(2)]
    for one in operators:
        one.start()
    for one in operators:
        one.join()
    assert begun == [Mailing.objects.get()] * 2


def test_an_import_never_mails_however_often_the_clock_ticks(tmp_path: Path) -> None:
    make_readers(2)
    written = tmp_path / "issue.md"
    written.write_text("---\ntitle: From a file\n---\n\nHello.\n")
    call_command("import_issue", str(written), "--publish")
    assert Issue.objects.get().is_published
    for minutes in (0, 1, 60, 600):
        tick(timezone.now() + timedelta(minutes=minutes))
    assert not Mailing.objects.exists()


def test_publishing_without_mail_never_mails_however_often_the_clock_ticks() -> None:
    make_readers(2)
    issue = make_public_issue(mail=False)
    call_command("publish_issue", issue.slug, "--no-mail")
    for minutes in (0, 1, 60, 600):
        tick(timezone.now() + timedelta(minutes=minutes))
    assert not Mailing.objects.exists()


def test_publishing_with_mail_is_followed_by_the_mailing() -> None:
    make_readers(2)
    issue = make_public_issue(mail=False)
    call_command("publish_issue", issue.slug)
    later = timezone.now() + publish.UNDO_WINDOW
    assert tick(later).counts["mailings_started"] == 1
    assert tick(later).counts["mailings_started"] == 0
