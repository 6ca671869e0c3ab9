"""What an editor may correct of a paper from arXiv, and decide about withdrawals, in the admin."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from papers.models import Correction, Paper
from papers.records.corrections import correct_paper
from papers.records.upsert import upsert_records
from tests.builders import make_paper
from tests.desk import posted, queries_of, sign_in
from tests.papers.paper_records import make_record

pytestmark = pytest.mark.django_db
LIST = reverse("admin:papers_paper_changelist")
CORRECTIONS = reverse("admin:papers_correction_changelist")
DESK = reverse("admin:index")
REPLACED = "This paper is withdrawn and replaced by another"


@pytest.fixture
def editor(client: Client) -> Client:
    return sign_in(client)


def text_of(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def change(client: Client, **fields: Any) -> None:
    """What the paper's form sends when an editor has changed these fields of it."""
    address = reverse("admin:papers_paper_change", args=[Paper.objects.get().pk])
    assert client.post(address, {**posted(client.get(address)), **fields}).status_code == 302


def act(client: Client, address: str, action: str, *rows: int) -> None:
    client.post(address, {"action": action, "_selected_action": list(rows)})


def test_saving_a_paper_without_a_change_corrects_nothing(editor: Client) -> None:
    upsert_records([make_record(abstract="One paragraph.\n\nAnother.", comment="9 pages")])
    change(editor)
    assert not Correction.objects.exists()
    assert Paper.objects.get().abstract == "One paragraph.\n\nAnother."


def test_what_an_editor_changes_is_kept_with_what_arxiv_says_and_by_whom(editor: Client) -> None:
    upsert_records([make_record()])
    change(editor, title="AgenTracer, corrected", authors="Guibin Zhang\r\nAda Lovelace")
    paper = Paper.objects.get()
    assert (paper.title, paper.authors) == ("AgenTracer, corrected", ["Guibin Zhang", "Ada Lovelace"])
    theirs = {one.field: one.theirs for one in Correction.objects.filter(by__username="editor")}
    assert theirs == {"title": "AgenTracer", "authors": ["Guibin Zhang", "Junhao Wang"]}


def test_an_editor_may_say_that_a_paper_is_withdrawn(editor: Client) -> None:
    upsert_records([make_record()])
    change(editor, withdrawn="on", withdrawal="The authors told us so.")
    assert Paper.objects.get().withdrawn
    assert Paper.objects.get().events.get().kind == "withdrawal"


@pytest.mark.parametrize(
    ("action", "title"), [("take_theirs", "AgenTracer, revised"), ("keep_ours", "AgenTracer, corrected")]
)
def test_what_arxiv_changed_since_is_shown_and_decided(editor: Client, action: str, title: str) -> None:
    upsert_records([make_record()])
    correct_paper(Paper.objects.get(), {"title": "AgenTracer, corrected"}, None)
    upsert_records([make_record(version=2, title="AgenTracer, revised")])
    assert "arXiv has changed 1 text that you corrected" in text_of(editor, DESK)
    assert "AgenTracer, revised" in text_of(editor, f"{CORRECTIONS}?overtaken__exact=1")
    act(editor, CORRECTIONS, action, Correction.objects.get().pk)
    assert Paper.objects.get().title == title
    assert "arXiv has changed" not in text_of(editor, DESK)


@pytest.mark.parametrize(("action", "withdrawn"), [("judge_withdrawn", True), ("judge_standing", False)])
def test_a_paper_that_may_only_have_been_replaced_waits_for_a_person(
    editor: Client, action: str, withdrawn: bool
) -> None:
    upsert_records([make_record(comment=REPLACED)])
    make_paper(title="No such thing")
    assert "1 paper speaks of its withdrawal" in text_of(editor, DESK)
    listed = text_of(editor, f"{LIST}?withdrawal=doubt")
    assert "AgenTracer" in listed
    assert "No such thing" not in listed
    act(editor, f"{LIST}?withdrawal=doubt", action, Paper.objects.in_doubt().get().pk)
    assert Paper.objects.get(arxiv_id="2509.03312").withdrawn == withdrawn
    assert "withdrawal, but" not in text_of(editor, DESK)


def test_the_list_of_corrections_takes_as_many_queries_for_twice_as_many(editor: Client) -> None:
    def make(count: int) -> None:
        for _ in range(count):
            correct_paper(make_paper(), {"title": "Corrected"}, None)

    make(3)
    few = queries_of(lambda: editor.get(CORRECTIONS))
    make(3)
    assert queries_of(lambda: editor.get(CORRECTIONS)) == few
