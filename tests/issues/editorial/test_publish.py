"""Publishing: every move happens once, and what is public stays as it was."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from glossary.models import GlossaryTerm
from issues.editorial import publish
from issues.editorial.publish import NotPublishable
from issues.models import Edition, Erratum, Glossary, Highlight, Issue, Text
from tests.builders import NOON, make_editor, make_issue, make_paper, make_term

LATER = NOON + timedelta(days=1)
pytestmark = pytest.mark.django_db


def make_written_issue(text: str = "Hello.", **fields: object) -> Issue:
    issue = make_issue(**fields)
    Text.objects.create(parent=issue, text=text)
    return issue


def test_publishing_makes_an_edition_and_sets_the_time() -> None:
    issue = make_written_issue()
    edition = publish.publish(issue, now=NOON, mail=False, by=make_editor())
    assert (issue.is_published, issue.published_at, issue.mail_at) == (True, NOON, None)
    assert (edition.number, edition.kind, edition.by.username) == (1, "published", "editor")  # type: ignore[union-attr]
    assert issue.public_edition == edition


def test_publishing_twice_publishes_once() -> None:
    issue = make_written_issue()
    first = publish.publish(issue, now=NOON, mail=True)
    again = publish.publish(issue, now=NOON + publish.LATEST_HOUR, mail=True)
    assert first == again
    assert (issue.published_at, issue.mail_at) == (NOON, NOON)
    assert issue.editions.count() == 1


def test_mail_may_be_asked_for_after_publishing_without_it() -> None:
    issue = make_written_issue()
    publish.publish(issue, now=NOON, mail=False)
    publish.publish(issue, now=LATER, mail=True)
    assert (issue.published_at, issue.mail_at) == (NOON, LATER)


def test_mail_whose_time_is_long_past_may_be_asked_for_again() -> None:
    issue = make_written_issue()
    publish.publish(issue, now=NOON, mail=True)
    publish.publish(issue, now=LATER, mail=True)
    assert (issue.published_at, issue.mail_at) == (NOON, LATER)


def test_an_issue_without_blocks_stays_a_draft() -> None:
    issue = make_issue(title="Nothing yet")
    with pytest.raises(NotPublishable, match="“Nothing yet” has no blocks"):
        publish.publish(issue, now=NOON, mail=False)
    issue.refresh_from_db()
    assert issue.state == "draft"
    assert not issue.editions.exists()


def test_a_removed_issue_is_not_published() -> None:
    issue = make_written_issue(state="removed")
    with pytest.raises(NotPublishable, match="is removed"):
        publish.publish(issue, now=NOON, mail=False)


def test_a_scheduled_issue_is_published_when_its_hour_has_come() -> None:
    issue = make_written_issue()
    publish.schedule(issue, LATER, now=NOON, mail=True)
    assert publish.publish_due(LATER - timedelta(seconds=1)).issues == ()
    assert publish.publish_due(LATER).issues == (issue.pk,)
    issue.refresh_from_db()
    assert (issue.state, issue.publish_at, issue.mail_at) == ("published", None, LATER)
    assert publish.publish_due(LATER).issues == ()


def test_scheduling_without_mail_plans_no_mailing() -> None:
    issue = make_written_issue()
    publish.schedule(issue, LATER, now=NOON, mail=False)
    publish.publish_due(LATER)
    issue.refresh_from_db()
    assert issue.mail_at is None


def test_scheduling_again_moves_the_hour() -> None:
    issue = make_written_issue()
    publish.schedule(issue, LATER, now=NOON, mail=True)
    publish.schedule(issue, LATER + timedelta(hours=1), now=NOON, mail=False)
    assert (issue.publish_at, issue.mail_at) == (LATER + timedelta(hours=1), None)


def test_an_hour_that_has_passed_is_refused() -> None:
    issue = make_written_issue()
    with pytest.raises(NotPublishable, match="2025-09-07 12:00 UTC has passed"):
        publish.schedule(issue, NOON, now=NOON, mail=False)


def test_a_published_issue_is_not_scheduled() -> None:
    issue = make_written_issue()
    publish.publish(issue, now=NOON, mail=False)
    with pytest.raises(NotPublishable, match="published already"):
        publish.schedule(issue, LATER, now=NOON, mail=False)


def test_unscheduling_drops_the_hour_and_the_mailing() -> None:
    issue = make_written_issue()
    publish.schedule(issue, LATER, now=NOON, mail=True)
    assert publish.unschedule(issue)
    assert (issue.state, issue.publish_at, issue.mail_at) == ("draft", None, None)
    assert not publish.unschedule(issue)


def test_one_issue_that_cannot_be_published_does_not_hold_up_the_others() -> None:
    empty = make_issue(title="Emptied", state="scheduled", publish_at=NOON)
    full = make_written_issue(state="scheduled", publish_at=NOON)
    done = publish.publish_due(LATER)
    assert done.issues == (full.pk,)
    assert [problem.where for problem in done.problems] == [empty.slug]


@pytest.mark.django_db(transaction=True)
def test_two_clocks_at_once_publish_once() -> None:
    issue = make_written_issue(state="scheduled", publish_at=NOON)
    start, done = threading.Barrier(2), []

    def tick() -> None:
        start.wait()
        done.append(publish.publish_due(LATER).issues)
        connection.close()

    clocks = [threading.Thread(target=tick) for _ in range(2)]
    for clock in clocks:
        clock.start()
    for clock in clocks:
        clock.join()
    assert sorted(done) == [(), (issue.pk,)]
    assert issue.editions.count() == 1


def test_what_is_public_stays_when_papers_terms_and_rows_change() -> None:
    issue, paper, term = make_issue(), make_paper(), make_term("RAG")
    Highlight.objects.create(parent=issue, text="Good.").papers.add(paper)
    Glossary.objects.create(parent=issue, entries="RAG")
    document = publish.publish(issue, now=NOON, mail=False).value
    type(paper).objects.update(title="Another title")
    GlossaryTerm.objects.filter(pk=term.pk).update(definition="Another definition.")
    Highlight.objects.update(text="Better.")
    assert issue.public_edition is not None
    assert issue.public_edition.value == document


def test_a_correction_makes_the_new_words_public_with_an_erratum() -> None:
    issue = make_written_issue("Wrong.")
    publish.publish(issue, now=NOON, mail=False)
    Text.objects.update(text="Right.")
    edition = publish.correct(issue, by=make_editor(), note="It said wrong.")
    assert edition is not None
    assert (edition.number, edition.kind, edition.erratum.text) == (2, "corrected", "It said wrong.")
    assert issue.public_edition == edition


def test_a_correction_that_changes_nothing_is_none() -> None:
    issue = make_written_issue()
    publish.publish(issue, now=NOON, mail=False)
    assert publish.correct(issue, note="Nothing.") is None
    assert not Erratum.objects.exists()


def test_a_silent_correction_has_no_erratum() -> None:
    issue = make_written_issue("Tpyo.")
    publish.publish(issue, now=NOON, mail=False)
    Text.objects.update(text="Typo.")
    assert publish.correct(issue) is not None
    assert not Erratum.objects.exists()


def test_correcting_back_to_the_first_words_is_a_correction_too() -> None:
    issue = make_written_issue("One.")
    publish.publish(issue, now=NOON, mail=False)
    Text.objects.update(text="Two.")
    publish.correct(issue)
    Text.objects.update(text="One.")
    edition = publish.correct(issue)
    assert edition is not None
    assert edition.number == 3


def test_a_draft_is_not_corrected() -> None:
    with pytest.raises(NotPublishable, match="not published"):
        publish.correct(make_written_issue())


def test_removing_takes_the_issue_and_its_planned_mailing_back() -> None:
    issue = make_written_issue()
    publish.publish(issue, now=NOON, mail=True)
    assert publish.remove(issue)
    assert (issue.state, issue.mail_at) == ("removed", None)
    assert not publish.remove(issue)


def test_saving_the_same_words_twice_keeps_one_edition() -> None:
    issue = make_written_issue()
    first = publish.save_edition(issue, Edition.Kind.SAVED)
    assert publish.save_edition(issue, Edition.Kind.SAVED) == first
    assert publish.save_edition(issue, Edition.Kind.AUTOSAVED).number == 2
