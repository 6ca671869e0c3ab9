"""What editors decided, as the admin keeps it: a list that only grows."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from issues.models import Decision
from tests.builders import make_decision, make_editor, make_paper, make_series
from tests.desk import posted, queries_of, sign_in

pytestmark = pytest.mark.django_db
LIST = reverse("admin:issues_decision_changelist")
ADD = reverse("admin:issues_decision_add")


@pytest.fixture
def editor(client: Client) -> Client:
    return sign_in(client)


def listed(editor: Client, query: str = "") -> list[str]:
    return [row.note for row in editor.get(LIST + query).context["cl"].result_list]


def test_the_list_says_what_was_decided_by_whom_and_when(editor: Client) -> None:
    make_decision(paper=make_paper("2509.00001", title="Limits"), by=User.objects.get(), note="Read it twice.")
    page = editor.get(LIST).content.decode()
    for words in ("Limits (2509.00001)", "shortlisted", "Read it twice.", "editor", "Series"):
        assert words in page


def test_the_newest_decision_stands_first(editor: Client) -> None:
    paper, series = make_paper(), make_series()
    for state in ("shortlisted", "dismissed", "restored"):
        make_decision(paper=paper, series=series, state=state, note=state)
    assert listed(editor) == ["restored", "dismissed", "shortlisted"]


def test_decisions_are_filtered_by_state_series_and_person(editor: Client) -> None:
    somebody = make_editor("somebody")
    mine = make_decision(state="dismissed", by=User.objects.get(username="editor"), note="mine")
    make_decision(by=somebody, note="theirs")
    assert listed(editor, "?state__exact=dismissed") == ["mine"]
    assert listed(editor, f"?series__id__exact={mine.series_id}") == ["mine"]
    assert listed(editor, f"?by__id__exact={somebody.pk}") == ["theirs"]


@pytest.mark.parametrize("words", ["limits", "2509.00001", "twice"])
def test_decisions_are_found_by_paper_and_by_note(editor: Client, words: str) -> None:
    make_decision(paper=make_paper("2509.00001", title="Limits"), note="Read it twice.")
    make_decision(note="Another.")
    assert listed(editor, f"?q={words}") == ["Read it twice."]


def test_the_list_takes_as_many_queries_for_twice_as_many_decisions(editor: Client) -> None:
    by = User.objects.get()
    for _ in range(2):
        make_decision(by=by)
    few = queries_of(lambda: editor.get(LIST))
    for _ in range(2):
        make_decision(by=by)
    assert queries_of(lambda: editor.get(LIST)) == few


def test_an_added_decision_is_that_of_who_added_it(editor: Client) -> None:
    series, paper = make_series(), make_paper()
    data = posted(editor.get(ADD)) | {"series": series.pk, "paper": paper.pk, "state": "dismissed", "note": "Old."}
    assert editor.post(ADD, data).status_code == 302
    assert Decision.objects.get().by == User.objects.get()


def test_a_decision_is_neither_changed_nor_deleted(editor: Client) -> None:
    decision = make_decision(note="So it is.")
    for page in ("change", "delete"):
        address = reverse(f"admin:issues_decision_{page}", args=[decision.pk])
        assert editor.post(address, {"note": "Otherwise.", "post": "yes"}).status_code == 403
    assert Decision.objects.get().note == "So it is."
    assert editor.get(reverse("admin:issues_decision_change", args=[decision.pk])).status_code == 200
