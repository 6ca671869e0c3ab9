"""The papers' admin: quick over many rows, found by any form of an id, pulled by the worker."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from papers.models import Paper, PaperEvent, PaperLink, PaperVersion
from tests.builders import NOON, make_paper
from tests.desk import asked_of_arxiv, posted, queries_of, sign_in

pytestmark = pytest.mark.django_db
LIST = reverse("admin:papers_paper_changelist")
PULL = reverse("admin:papers_paper_pull")


@pytest.fixture
def editor(client: Client) -> Client:
    return sign_in(client)


def change(paper: Paper) -> str:
    return reverse("admin:papers_paper_change", args=[paper.pk])


def make_papers(count: int) -> None:
    for number in range(count):
        paper = make_paper(authors=["A", "B", "C"])
        PaperLink.objects.create(paper=paper, kind="code", url=f"https://github.com/a/{number}")


@pytest.mark.parametrize("query", ["", "?q=paper", "?stub__exact=0", "?primary_category=cs.CL", "?withdrawn__exact=0"])
def test_the_list_takes_as_many_queries_for_twice_as_many_papers(editor: Client, query: str) -> None:
    make_papers(5)
    few = queries_of(lambda: editor.get(LIST + query))
    make_papers(5)
    assert queries_of(lambda: editor.get(LIST + query)) == few


def test_the_list_counts_no_more_than_ten_thousand_rows(editor: Client, django_assert_num_queries: Any) -> None:
    make_papers(1)
    with django_assert_num_queries(10, exact=False) as captured:
        editor.get(LIST)
    counts = [query["sql"] for query in captured.captured_queries if "COUNT(" in query["sql"]]
    assert counts
    assert all("LIMIT 10000" in count for count in counts)


@pytest.mark.parametrize("text", ["2509.00001v2", "https://arxiv.org/abs/2509.00001", "limitations embedding"])
def test_a_paper_is_found_by_any_form_of_its_id_or_words_of_its_title(editor: Client, text: str) -> None:
    make_paper("2509.00001", title="On the Limitations of Embedding")
    make_paper("2509.00002", title="Another paper")
    page = editor.get(LIST, {"q": text}).content.decode()
    assert "On the Limitations of Embedding" in page
    assert "Another paper" not in page


def test_autocompletion_finds_a_paper_by_its_address(editor: Client) -> None:
    paper = make_paper("2509.00001")
    make_paper()
    asked = {
        "app_label": "issues",
        "model_name": "highlight",
        "field_name": "papers",
        "term": "arxiv.org/abs/2509.00001",
    }
    found = editor.get(reverse("admin:autocomplete"), asked).json()["results"]
    assert [row["id"] for row in found] == [str(paper.pk)]


def test_what_changes_at_arxiv_without_a_new_version_is_not_changed_here_but_links_are(editor: Client) -> None:
    paper = make_paper("2509.00001", journal_ref="As arXiv has it")
    data = posted(editor.get(change(paper))) | {"journal_ref": "Forged", "links-TOTAL_FORMS": "1"}
    data |= {"links-0-kind": "code", "links-0-url": "https://github.com/a/b", "links-0-paper": paper.pk}
    assert editor.post(change(paper), data).status_code == 302
    paper.refresh_from_db()
    assert paper.journal_ref == "As arXiv has it"
    assert [(link.kind, link.where) for link in paper.links.all()] == [("code", "editor")]


def test_versions_and_events_are_shown_and_changed_by_nobody(editor: Client) -> None:
    paper = make_paper()
    PaperVersion.objects.create(paper=paper, version=7, submitted=NOON)
    PaperEvent.objects.create(paper=paper, kind="publication", detail="In the Journal of Tests")
    response = editor.get(change(paper))
    assert "In the Journal of Tests" in response.content.decode()
    assert not [name for name in posted(response) if name.endswith(("-0-version", "-0-detail"))]


def test_a_stub_is_given_an_arxiv_id_in_any_form(editor: Client) -> None:
    stub = make_paper(slug="a-stub", stub=True, authors=["Ann", "Ben"])
    data = posted(editor.get(change(stub))) | {"arxiv_id": "https://arxiv.org/abs/2509.00009v2", "slug": ""}
    assert editor.post(change(stub), data).status_code == 302
    stub.refresh_from_db()
    assert (stub.arxiv_id, stub.slug, stub.authors) == ("2509.00009", None, ["Ann", "Ben"])


def test_a_paper_with_an_id_and_a_slug_is_refused_in_a_sentence(editor: Client) -> None:
    stub = make_paper(slug="a-stub", stub=True)
    data = posted(editor.get(change(stub))) | {"arxiv_id": "2509.00009"}
    assert "one of them" in editor.post(change(stub), data).content.decode()


def test_pasted_ids_are_handed_to_the_worker(editor: Client, queue: Any) -> None:
    response = editor.post(PULL, {"ids": "2509.00001v1, https://arxiv.org/abs/2509.00002\n2509.00001"}, follow=True)
    assert asked_of_arxiv(queue) == [["2509.00001", "2509.00002"]]
    assert "The worker asks arXiv for 2 papers" in response.content.decode()


def test_an_id_that_is_none_is_named_and_nothing_is_asked(editor: Client, queue: Any) -> None:
    response = editor.post(PULL, {"ids": "2509.00001 2513.00001"})
    assert "“2513.00001” is not an arXiv identifier" in response.content.decode()
    assert asked_of_arxiv(queue) == []


def test_selected_papers_are_pulled_again(editor: Client, queue: Any) -> None:
    papers = [make_paper("2509.00001"), make_paper(slug="elsewhere")]
    editor.post(LIST, {"action": "pull_again", "_selected_action": [paper.pk for paper in papers]})
    assert asked_of_arxiv(queue) == [["2509.00001"]]


def test_a_stranger_pulls_nothing(client: Client, queue: Any) -> None:
    assert client.post(PULL, {"ids": "2509.00001"}).status_code == 302
    assert asked_of_arxiv(queue) == []


def test_the_list_of_papers_is_searched_as_the_site_is_and_the_last_word_may_be_half_typed(editor: Client) -> None:
    make_paper(title="Sparse attention", authors=["Kaiming He"])
    make_paper(title="Sparse coding")
    page = editor.get(LIST, {"q": "author:he sparse atten"}).content.decode()
    assert "Sparse attention" in page
    assert "Sparse coding" not in page


def test_the_list_of_papers_says_what_it_did_not_understand(editor: Client) -> None:
    make_paper(title="Sparse attention")
    page = editor.get(LIST, {"q": "sparse cat:nonsense"}).content.decode()
    assert "“nonsense” is no category of arXiv" in page
    assert "Sparse attention" in page


def test_where_the_list_of_papers_finds_nothing_it_offers_what_may_have_been_meant(editor: Client) -> None:
    make_paper(title="An attention mechanism")
    page = editor.get(LIST, {"q": "atention mechansim"}).content.decode()
    assert 'Did you mean <a href="?q=attention+mechanism">attention mechanism</a>?' in page
    assert "Did you mean" not in editor.get(LIST, {"q": "attention"}).content.decode()
