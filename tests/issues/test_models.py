"""Issues: what the database refuses, and a rule said for many and for one says the same."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, models, transaction

from issues.document.json_form import to_json
from issues.models import Choice, Decision, Edition, Highlight, Issue, Poll, Series, Vote
from tests.builders import NOON, make_issue, make_paper, make_series
from tests.documents import make_document

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)


def refused(constraint: str, write: Callable[[], object]) -> bool:
    """Whether the database names this constraint when the rows are written."""
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        write()
    return constraint in str(error.value)


def make_issue_in_every_state() -> list[Issue]:
    return [
        make_issue(),
        make_issue(state="scheduled", publish_at=NOON),
        make_issue(state="scheduled", publish_at=LATER),
        make_issue(state="published", published_at=NOON),
        make_issue(state="removed", published_at=NOON),
        make_issue(state="removed"),
    ]


def test_a_state_is_a_known_one() -> None:
    assert refused("issue_state_known", lambda: make_issue(state="lost"))


def test_a_published_issue_has_the_time_it_was_published() -> None:
    assert refused("issue_published_has_a_time", lambda: make_issue(state="published"))


@pytest.mark.parametrize("state", ["draft", "published", "removed"])
def test_only_a_scheduled_issue_has_an_hour(state: str) -> None:
    fields = {"state": state, "publish_at": LATER, "published_at": NOON}
    assert refused("issue_publish_at_only_when_scheduled", lambda: make_issue(**fields))


def test_a_scheduled_issue_has_an_hour() -> None:
    assert refused("issue_publish_at_only_when_scheduled", lambda: make_issue(state="scheduled"))


def test_an_issue_has_a_title() -> None:
    assert refused("issue_has_a_title", lambda: make_issue(title=""))


def test_two_issues_never_share_a_number_or_an_address() -> None:
    make_issue(number=1, slug="first")
    assert refused("number", lambda: make_issue(number=1))
    assert refused("slug", lambda: make_issue(slug="first"))


def test_many_issues_have_no_number() -> None:
    make_issue(number=None)
    make_issue(number=None)
    assert Issue.objects.filter(number=None).count() == 2


def test_an_edition_is_numbered_once_an_issue_and_of_a_known_kind() -> None:
    issue = make_issue()
    Edition.objects.create(issue=issue, number=1, kind="saved", document={})
    again = {"issue": issue, "document": {}}
    assert refused("edition_number_once_an_issue", lambda: Edition.objects.create(number=1, kind="saved", **again))
    assert refused("edition_kind_known", lambda: Edition.objects.create(number=2, kind="dreamt", **again))


def test_a_decision_is_of_a_known_state() -> None:
    fields = {"series": make_series(), "paper": make_paper()}
    assert refused("decision_state_known", lambda: Decision.objects.create(state="adored", **fields))


def test_a_highlight_says_where_its_text_is_from() -> None:
    issue = make_issue()
    assert refused("highlight_origin_known", lambda: Highlight.objects.create(parent=issue, text="x", origin="dream"))


def test_a_poll_has_a_choice_once_and_a_voter_votes_once() -> None:
    poll = Poll.objects.create(slug="next", question="What next?")
    choice = Choice.objects.create(poll=poll, label="Agents")
    other = Choice.objects.create(poll=poll, label="Retrieval")
    Vote.objects.create(poll=poll, choice=choice, voter="a")
    assert refused("choice_once", lambda: Choice.objects.create(poll=poll, label="Agents"))
    assert refused("vote_once_a_voter", lambda: Vote.objects.create(poll=poll, choice=other, voter="a"))


def test_two_series_never_share_a_name_or_an_address() -> None:
    make_series(name="Weekly", slug="weekly")
    assert refused("name", lambda: make_series(name="Weekly"))
    assert refused("slug", lambda: make_series(slug="weekly"))


def test_a_series_with_issues_is_not_deleted() -> None:
    series = make_series()
    make_issue(series=series)
    with pytest.raises(models.ProtectedError):
        series.delete()
    assert Series.objects.filter(pk=series.pk).exists()


def test_the_published_issues_are_those_that_say_they_are() -> None:
    issues = make_issue_in_every_state()
    assert set(Issue.objects.published()) == {issue for issue in issues if issue.is_published} != set()


def test_the_publishable_issues_are_those_that_say_they_are() -> None:
    issues = make_issue_in_every_state()
    assert set(Issue.objects.all().publishable()) == {issue for issue in issues if issue.is_publishable} != set()


@pytest.mark.parametrize("now", [NOON - timedelta(seconds=1), NOON, LATER])
def test_the_due_issues_are_those_that_say_they_are(now: object) -> None:
    issues = make_issue_in_every_state()
    assert set(Issue.objects.due(now)) == {issue for issue in issues if issue.is_due(now)}  # type: ignore[arg-type]


def test_the_public_editions_are_those_that_say_they_are() -> None:
    issue = make_issue()
    kinds = enumerate(Edition.Kind.values, start=1)
    document = to_json(make_document())
    editions = [Edition.objects.create(issue=issue, number=n, kind=kind, document=document) for n, kind in kinds]
    assert set(Edition.objects.public()) == {edition for edition in editions if edition.is_public} != set()


def test_published_issues_come_the_newest_first() -> None:
    older = make_issue(state="published", published_at=NOON)
    newer = make_issue(state="published", published_at=LATER)
    assert list(Issue.objects.published()) == [newer, older]


def test_an_issue_is_named_by_its_slug_or_its_number() -> None:
    issue = make_issue(number=42, slug="forty-two")
    make_issue(slug="another")
    assert [list(Issue.objects.named(name)) for name in ("42", "forty-two")] == [[issue], [issue]]


def test_counted_choices_keep_the_order_of_the_poll() -> None:
    poll = Poll.objects.create(slug="shape", question="Which shape?")
    for position, label in ((3, "Third"), (1, "First"), (2, "Second")):
        Choice.objects.create(poll=poll, label=label, position=position)
    counted = poll.choices.counted()
    assert [choice.label for choice in counted] == ["First", "Second", "Third"]
    assert counted.ordered
