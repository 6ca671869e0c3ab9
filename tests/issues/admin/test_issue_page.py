"""The issue's page: every kind of block, saved as they were ordered, each save an edition."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from glossary.models import GlossaryTerm
from issues import storage
from issues.models import Choice, Figure, Glossary, Highlight, Issue, Poll, PollBlock, PollResults, Sponsor, Text
from issues.storage.papers import link_papers
from tests.builders import NOON, make_issue, make_paper, make_series, make_term
from tests.desk import Posted, asked_of_arxiv, posted, queries_of, sign_in
from tests.documents import EVERYTHING, make_document

pytestmark = pytest.mark.django_db
LIST = reverse("admin:issues_issue_changelist")
ADD = reverse("admin:issues_issue_add")


@pytest.fixture
def editor(client: Client) -> Client:
    return sign_in(client)


def change(issue: Issue) -> str:
    return reverse("admin:issues_issue_change", args=[issue.pk])


def new_block(data: Posted, kind: str, **fields: Any) -> Posted:
    """The form with one block more of this kind, at the end."""
    prefix = next(name for name in data if name.startswith(f"{kind}_blocks") and name.endswith("TOTAL_FORMS"))
    prefix = prefix.removesuffix("-TOTAL_FORMS")
    count = int(data[f"{prefix}-TOTAL_FORMS"][0])
    block = {"region": "main", "ordering": 1000 + count, "origin": "person", **fields}
    more = {f"{prefix}-{count}-{name}": value for name, value in block.items()}
    return {**data, f"{prefix}-TOTAL_FORMS": [str(count + 1)], **more}


def saved(editor: Client, issue: Issue, kind: str, **fields: Any) -> Any:
    """The answer to saving the issue with a new block."""
    return editor.post(change(issue), new_block(posted(editor.get(change(issue))), kind, **fields))


def faults(response: Any) -> str:
    return " ".join(str(fault) for fault in response.context["errors"])


def make_full_issue(times: int = 1) -> Issue:
    """An issue with every kind of block that refers to other rows, `times` over."""
    issue = make_issue(series=make_series())
    for number in range(times):
        poll = Poll.objects.create(slug=f"poll-{issue.pk}-{number}", question="What next?")
        Choice.objects.create(poll=poll, label="Agents")
        PollBlock.objects.create(parent=issue, poll=poll, ordering=30)
        PollResults.objects.create(parent=issue, poll=poll, ordering=40)
        highlight = Highlight.objects.create(parent=issue, text="Good.", ordering=10)
        link_papers(highlight, [make_paper(), make_paper()])
        make_term(f"T{issue.pk}{number}")
        Glossary.objects.create(parent=issue, entries=f"T{issue.pk}{number}", ordering=20)
    return issue


@pytest.mark.parametrize("query", ["", "?q=issue", "?state__exact=draft"])
def test_the_list_takes_as_many_queries_for_twice_as_many_issues(editor: Client, query: str) -> None:
    for _ in range(3):
        make_issue(series=make_series(), state="draft")
    few = queries_of(lambda: editor.get(LIST + query))
    for _ in range(3):
        make_issue(series=Issue.objects.all()[0].series)
    assert queries_of(lambda: editor.get(LIST + query)) == few


def test_the_page_takes_as_many_queries_for_twice_as_many_blocks(editor: Client) -> None:
    one, two = make_full_issue(2), make_full_issue(4)
    assert queries_of(lambda: editor.get(change(one))) == queries_of(lambda: editor.get(change(two)))


def test_saving_the_page_as_it_stands_changes_no_word(editor: Client) -> None:
    issue = make_full_issue(2)
    before = storage.load_document(issue)
    assert editor.post(change(issue), posted(editor.get(change(issue)))).status_code == 302
    assert storage.load_document(issue) == before


def test_every_save_is_an_edition_that_says_who(editor: Client) -> None:
    issue = make_issue()
    saved(editor, issue, "text", text="Hello.")
    saved(editor, issue, "text", text="And goodbye.")
    editions = issue.editions.all()
    assert [(edition.kind, edition.by.username) for edition in editions] == [("saved", "editor")] * 2  # type: ignore[union-attr]
    assert [len(edition.value.blocks) for edition in editions] == [2, 1]


def test_the_papers_of_a_highlight_keep_the_order_in_which_they_were_chosen(editor: Client) -> None:
    issue, papers = make_issue(), [make_paper(), make_paper(), make_paper()]
    chosen = [papers[2].pk, papers[0].pk, papers[1].pk]
    saved(editor, issue, "highlight", text="Good.", papers=chosen)
    assert [paper.arxiv_id for paper in storage.load_document(issue).papers()] == [
        papers[n].arxiv_id for n in (2, 0, 1)
    ]
    page = posted(editor.get(change(issue)))
    assert page["highlight_blocks-0-papers"] == list(map(str, chosen))


def test_another_order_of_the_same_papers_is_a_change(editor: Client) -> None:
    issue, first, second = make_issue(), make_paper(), make_paper()
    saved(editor, issue, "highlight", text="Good.", papers=[first.pk, second.pk])
    data = posted(editor.get(change(issue))) | {"highlight_blocks-0-papers": [second.pk, first.pk]}
    editor.post(change(issue), data)
    assert [paper.arxiv_id for paper in storage.load_document(issue).papers()] == [second.arxiv_id, first.arxiv_id]


def test_a_highlight_records_who_wrote_it_and_who_checked_it(editor: Client) -> None:
    issue = make_issue()
    saved(editor, issue, "highlight", text="Good.", checked="on")
    highlight = Highlight.objects.get()
    assert [str(person) for person in (highlight.written_by, highlight.checked_by)] == ["editor", "editor"]
    data = posted(editor.get(change(issue)))
    del data["highlight_blocks-0-checked"]
    editor.post(change(issue), data)
    highlight.refresh_from_db()
    assert (highlight.checked_by, highlight.checked_at) == (None, None)


def test_a_new_highlight_begins_with_the_labels_of_the_series(editor: Client) -> None:
    issue = make_issue(series=make_series(part_labels="What problem?\nWhy care?"))
    data = posted(editor.get(change(issue)))
    assert data["highlight_blocks-__prefix__-text"] == ["### What problem?\r\n\r\n### Why care?"]


def test_the_address_that_begins_an_issue_of_a_series_brings_its_labels(editor: Client) -> None:
    series = make_series(part_labels="What problem?")
    data = posted(editor.get(ADD, {"series": series.pk, "number": 7}))
    assert (data["number"], data["series"]) == (["7"], [str(series.pk)])
    assert data["highlight_blocks-__prefix__-text"] == ["### What problem?"]


def test_an_issue_is_written_with_its_blocks_in_one_go(editor: Client) -> None:
    data = posted(editor.get(ADD)) | {"title": "The first", "slug": "the-first"}
    assert editor.post(ADD, new_block(data, "text", text="Hello.")).status_code == 302
    assert [block.kind for block in storage.load_document(Issue.objects.get()).blocks] == ["text"]


def test_pasted_ids_become_highlights_and_unknown_papers_are_asked_for(
    editor: Client, queue: Any, django_capture_on_commit_callbacks: Any
) -> None:
    issue, paper = make_issue(series=make_series(part_labels="How?")), make_paper("2509.00001")
    Text.objects.create(parent=issue, text="Hello.", ordering=50)
    data = posted(editor.get(change(issue))) | {"add_papers": "arxiv.org/abs/2509.00002 2509.00001v3"}
    with django_capture_on_commit_callbacks(execute=True):
        assert editor.post(change(issue), data).status_code == 302
    assert [block.kind for block in storage.load_document(issue).blocks] == ["text", "highlight", "highlight"]
    assert [ref.arxiv_id for ref in storage.load_document(issue).papers()] == ["2509.00002", paper.arxiv_id]
    assert set(Highlight.objects.values_list("text", flat=True)) == {"### How?"}
    assert asked_of_arxiv(queue) == [["2509.00002"]]


def test_a_paper_that_the_issue_has_is_not_added_again(editor: Client) -> None:
    issue, paper = make_issue(), make_paper("2509.00001")
    link_papers(Highlight.objects.create(parent=issue, text="Good."), [paper])
    editor.post(change(issue), posted(editor.get(change(issue))) | {"add_papers": "2509.00001"})
    assert Highlight.objects.count() == 1


def test_a_pasted_id_that_is_none_is_named(editor: Client) -> None:
    issue = make_issue()
    response = editor.post(change(issue), posted(editor.get(change(issue))) | {"add_papers": "2513.00001"})
    assert "“2513.00001” is not an arXiv identifier" in faults(response)


def test_saving_what_nobody_edited_changes_nothing(editor: Client) -> None:
    issue = make_issue(slug="three-papers", title="Three papers")
    storage.save_document(issue, make_document(*(block for block in EVERYTHING if block.kind != "figure")))
    before = storage.load_document(issue)
    assert editor.post(change(issue), posted(editor.get(change(issue)))).status_code == 302
    assert storage.load_document(issue) == before


def test_a_highlight_still_to_be_written_can_be_saved(editor: Client) -> None:
    issue = make_issue()
    assert saved(editor, issue, "highlight", text="", papers=[make_paper().pk]).status_code == 302


@pytest.mark.parametrize(
    ("label", "sentence"),
    [
        ("paper/cod", "“cod” is no kind of link"),
        ("paper, paper", "Links are named for 2 papers, but there is 1 paper."),
    ],
)
def test_links_that_cannot_be_printed_are_refused(editor: Client, label: str, sentence: str) -> None:
    issue = make_issue()
    response = saved(editor, issue, "highlight", text="x", papers=[make_paper().pk], printed_links=label)
    assert sentence in faults(response)


@pytest.mark.parametrize("label", ["", "-", "paper, -", "paper/code", "paper / code"])
def test_links_that_can_be_printed_are_kept(editor: Client, label: str) -> None:
    issue = make_issue()
    assert (
        saved(
            editor, issue, "highlight", text="x", papers=[make_paper().pk, make_paper().pk], printed_links=label
        ).status_code
        == 302
    )


def test_a_line_with_a_definition_adds_the_term_and_follows_it(editor: Client) -> None:
    issue = make_issue()
    saved(editor, issue, "glossary", entries="RAG (retrieval-augmented generation): Looks things up.")
    term, block = GlossaryTerm.objects.get(), Glossary.objects.get()
    assert (term.name, term.qualifier, term.definition) == ("RAG", "retrieval-augmented generation", "Looks things up.")
    assert (block.entries, list(block.terms.all())) == ("RAG", [term])


def test_a_wording_of_the_issue_s_own_leaves_the_glossary_alone(editor: Client) -> None:
    issue, term = make_issue(), make_term("RAG", definition="Looks things up.")
    saved(editor, issue, "glossary", entries="RAG: Reads before it writes.")
    term.refresh_from_db()
    assert term.definition == "Looks things up."
    assert Glossary.objects.get().entries == "RAG: Reads before it writes."


def test_a_bare_name_that_the_glossary_lacks_is_refused(editor: Client) -> None:
    response = saved(editor, make_issue(), "glossary", entries="RAG")
    assert "“RAG” is not in the glossary" in faults(response)


def test_a_term_that_no_column_can_hold_is_refused(editor: Client) -> None:
    response = saved(editor, make_issue(), "glossary", entries=f"{'x' * 130}: Too long.")
    assert "longer than 120 characters" in faults(response)
    assert not GlossaryTerm.objects.exists()


@pytest.mark.parametrize("url", ["javascript:alert(1)", "ftp://example.org/x", "https://"])
def test_a_sponsor_s_address_is_one_of_a_web_page(editor: Client, url: str) -> None:
    response = saved(editor, make_issue(), "sponsor", heading="A sponsor", text="Buy.", url=url)
    assert response.status_code == 200
    assert not Sponsor.objects.exists()


def test_an_image_is_uploaded_and_measured(editor: Client, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    image = Path("llmwatch/demo/sample/figures/positional-encoding.png")
    with image.open("rb") as file:
        saved(editor, make_issue(), "figure", image=file, alt="Waves.")
    assert Figure.objects.get().width


def test_the_address_of_an_uploaded_image_cannot_be_guessed(editor: Client, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    image = Path("llmwatch/demo/sample/figures/positional-encoding.png")
    for _ in range(2):
        with image.open("rb") as file:
            saved(editor, make_issue(), "figure", image=file, alt="Waves.")
    names = [str(figure.image.name) for figure in Figure.objects.all()]
    assert all(re.fullmatch(r"figures/[\w-]{12}/positional-encoding\.png", name) for name in names)
    assert len(set(names)) == 2


def test_a_block_is_called_by_its_paper_where_it_has_no_heading(editor: Client) -> None:
    issue = make_issue()
    highlight = Highlight.objects.create(parent=issue, text="Good.")
    link_papers(highlight, [make_paper(title="Attention, again")])
    assert '<span class="inline_label">Attention, again' in " ".join(editor.get(change(issue)).content.decode().split())


def test_the_address_of_a_published_issue_stays(editor: Client) -> None:
    issue = make_issue(slug="seen", state="published", published_at=NOON)
    Text.objects.create(parent=issue, text="Hello.")
    editor.post(change(issue), posted(editor.get(change(issue))) | {"slug": "moved", "title": "Another"})
    issue.refresh_from_db()
    assert (issue.slug, issue.title) == ("seen", "Another")


def test_what_readers_have_seen_is_not_deleted(editor: Client) -> None:
    draft, seen = make_issue(), make_issue(state="published", published_at=NOON)
    answers = [editor.post(reverse("admin:issues_issue_delete", args=[i.pk]), {"post": "yes"}) for i in (draft, seen)]
    assert [answer.status_code for answer in answers] == [302, 403]
    assert list(Issue.objects.all()) == [seen]


@pytest.mark.parametrize(("button", "page"), [("_preview", "issues_preview"), ("_publish", "issues_publish")])
def test_save_and_go_on_leads_to_the_next_page(editor: Client, button: str, page: str) -> None:
    issue = make_issue()
    response = editor.post(change(issue), posted(editor.get(change(issue))) | {button: "1"})
    assert response.headers["Location"] == reverse(f"admin:{page}", args=[issue.pk])
