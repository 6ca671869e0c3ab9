"""Published issues found by their words."""

from datetime import timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from issues.editorial import publish
from issues.models import Edition, Paywall, Text
from papers.search.query import parse_query
from reading.issue_search import MAX_ISSUES, find_issues
from tests.builders import NOON, make_issue
from tests.pages import make_published

pytestmark = pytest.mark.django_db


def titles(text: str) -> list[str]:
    return [found.issue.title for found in find_issues(parse_query(text))]


def test_an_issue_is_found_by_its_title_first_and_by_its_words() -> None:
    make_published("On sparrows.", title="Weekly", slug="weekly")
    make_published("Nothing.", title="All about sparrows", slug="sparrows")
    make_published("Other birds.", title="Birds", slug="birds")
    assert titles("sparrow") == ["All about sparrows", "Weekly"]


def test_the_snippet_marks_what_was_found_and_is_safe() -> None:
    make_published("Meet <b>the</b> **sparrows** & co.")
    snippet = find_issues(parse_query("sparrow"))[0].snippet
    assert "<mark>sparrows</mark> &amp; co" in snippet
    assert "<b>" not in snippet


def test_drafts_and_what_was_removed_are_not_found() -> None:
    Text.objects.create(parent=make_issue(slug="draft"), text="Sparrows.")
    publish.remove(make_published("Sparrows.", slug="gone"))
    assert titles("sparrows") == []


def test_a_corrected_issue_is_found_by_its_new_words_alone() -> None:
    issue = make_published("Sparrows.", title="Birds")
    Text.objects.update(text="Ravens.")
    publish.correct(issue, note="", by=None)
    assert (titles("sparrows"), titles("ravens")) == ([], ["Birds"])


def test_what_stands_behind_the_paywall_finds_nothing() -> None:
    issue = make_issue(title="Birds")
    Text.objects.create(parent=issue, text="Ravens.", ordering=1)
    Paywall.objects.create(parent=issue, text="Pay.", ordering=2)
    Text.objects.create(parent=issue, text="Sparrows.", ordering=3)
    publish.publish(issue, now=NOON, mail=False)
    assert (titles("sparrows"), titles("ravens")) == ([], ["Birds"])


def test_the_year_is_that_of_publishing() -> None:
    make_published("Sparrows.", title="Birds")
    assert (titles(f"sparrows year:{NOON.year}"), titles("sparrows year:1999")) == (["Birds"], [])


@pytest.mark.parametrize("text", ["", "sparrows cat:cs.CL", "author:sparrows", "2509.00001", "-ravens", "year:2025"])
def test_questions_about_papers_alone_find_no_issue(text: str) -> None:
    make_published("Sparrows.")
    assert titles(text) == []


def test_the_best_are_found_in_two_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(MAX_ISSUES + 2):
        make_published("Sparrows.", slug=f"n{number}", title=f"No {number}", at=NOON + timedelta(days=number))
    with django_assert_num_queries(2):
        found = titles("sparrows")
    assert found == [f"No {number}" for number in range(MAX_ISSUES + 1, 1, -1)]


def test_only_public_editions_keep_words_and_nobody_loads_them() -> None:
    issue = make_published("Sparrows.")
    publish.save_edition(issue, Edition.Kind.SAVED)
    assert set(Edition.objects.exclude(words="").values_list("kind", flat=True)) == {"published"}
    assert all({"words", "search"} <= edition.get_deferred_fields() for edition in Edition.objects.all())
