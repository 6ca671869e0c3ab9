"""Published issues found by their words."""

import importlib
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from issues.document.values import to_json
from issues.editorial import publish as publishing
from issues.models import Edition, Issue, Paywall, Text
from papers.search.query import parse
from reading.issue_search import MOST, find_issues
from tests.builders import NOON, make_issue
from tests.documents import EVERYTHING, make_document
from tests.pages import make_published

pytestmark = pytest.mark.django_db
BOTH = "Orion Weller, Michael Boratko"  # who wrote the papers of a whole document


def titles(text: str) -> list[str]:
    return [found.issue.title for found in find_issues(parse(text))]


def test_an_issue_is_found_by_its_title_first_and_by_its_words() -> None:
    make_published("On sparrows.", title="Weekly", slug="weekly")
    make_published("Nothing.", title="All about sparrows", slug="sparrows")
    make_published("Other birds.", title="Birds", slug="birds")
    assert titles("sparrow") == ["All about sparrows", "Weekly"]


def test_the_snippet_marks_what_was_found_and_is_safe() -> None:
    make_published("Meet <b>the</b> **sparrows** & co.")
    snippet = find_issues(parse("sparrow"))[0].snippet
    assert "<mark>sparrows</mark> &amp; co" in snippet
    assert "<b>" not in snippet


def test_drafts_and_what_was_removed_are_not_found() -> None:
    Text.objects.create(parent=make_issue(slug="draft"), text="Sparrows.")
    publishing.remove(make_published("Sparrows.", slug="gone"))
    assert titles("sparrows") == []


def test_a_corrected_issue_is_found_by_its_new_words_alone() -> None:
    issue = make_published("Sparrows.", title="Birds")
    Text.objects.update(text="Ravens.")
    publishing.correct(issue, note="", by=None)
    assert (titles("sparrows"), titles("ravens")) == ([], ["Birds"])


def test_what_stands_behind_the_paywall_finds_nothing() -> None:
    issue = make_issue(title="Birds")
    Text.objects.create(parent=issue, text="Ravens.", ordering=1)
    Paywall.objects.create(parent=issue, text="Pay.", ordering=2)
    Text.objects.create(parent=issue, text="Sparrows.", ordering=3)
    publishing.publish(issue, now=NOON, mail=False)
    assert (titles("sparrows"), titles("ravens")) == ([], ["Birds"])


def test_the_year_is_that_of_publishing() -> None:
    make_published("Sparrows.", title="Birds")
    assert (titles(f"sparrows year:{NOON.year}"), titles("sparrows year:1999")) == (["Birds"], [])


@pytest.mark.parametrize("text", ["", "sparrows cat:cs.CL", "author:sparrows", "2509.00001", "-ravens", "year:2025"])
def test_questions_about_papers_alone_find_no_issue(text: str) -> None:
    make_published("Sparrows.")
    assert titles(text) == []


def test_the_best_are_found_in_two_queries(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for number in range(MOST + 2):
        make_published("Sparrows.", slug=f"n{number}", title=f"No {number}", at=NOON + timedelta(days=number))
    with django_assert_num_queries(2):
        found = titles("sparrows")
    assert found == [f"No {number}" for number in range(MOST + 1, 1, -1)]


def test_only_public_editions_keep_words_and_nobody_loads_them() -> None:
    issue = make_published("Sparrows.")
    publishing.save_edition(issue, Edition.Kind.SAVED)
    assert set(Edition.objects.exclude(words="").values_list("kind", flat=True)) == {"published"}
    assert all({"words", "search"} <= edition.get_deferred_fields() for edition in Edition.objects.all())


def test_the_migration_fills_the_words_of_what_was_published_before() -> None:
    make_published("Sparrows.", title="Birds")
    Edition.objects.update(words="")
    with connection.schema_editor() as editor:
        importlib.import_module("issues.migrations.0006_fill_the_words_of_editions").fill(apps, editor)
    assert titles("sparrows") == ["Birds"]
    assert Issue.objects.count() == 1


def test_the_migration_reads_every_kind_of_block_by_itself() -> None:
    issue = make_published("Sparrows.")
    document = make_document(*EVERYTHING, subtitle="Sub *x*", series_name="Deep Dives")
    Edition.objects.filter(issue=issue).update(document=to_json(document), words="")
    with connection.schema_editor() as editor:
        importlib.import_module("issues.migrations.0006_fill_the_words_of_editions").fill(apps, editor)
    assert Edition.objects.exclude(words="").values_list("words", flat=True).get().splitlines() == [
        "Sub x Deep Dives",
        "Welcome. مرحبا بالعالم \\sum_i x_i The first note.",
        "The highlights: One Two And more.",
        "In short First. See this.",
        "Glossary Agent: Something that acts. TIR (Tool-Integrated Reasoning): Reasoning with tools.",
        f"Paper 2509.03312 {BOTH} An agent, and an agent again. agent = 1 a b 1 2 Note.",
        "A plot Cap",
        "Which form? Long Short",
        f"Two at once 🎉 Paper hep-th/9901001 {BOTH} From elsewhere {BOTH} Paper 2509.03312 {BOTH} An agent. TIR.",
        "Last week So.",
    ]
