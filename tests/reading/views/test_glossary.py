"""The glossary as readers see it."""

import pytest
from django.test import Client

from issues.editorial import publish
from issues.models import Glossary, Issue
from tests.builders import NOON, make_issue, make_term
from tests.pages import queries_of

pytestmark = pytest.mark.django_db


def make_explaining(*names: str, **fields: object) -> Issue:
    issue = make_issue(**fields)
    Glossary.objects.create(parent=issue, entries="\n".join(names))
    publish.publish(issue, now=NOON, mail=False)
    return issue


def test_terms_stand_under_their_letters(client: Client) -> None:
    for name in ("beam search", "Attention", "4-bit"):
        make_term(name)
    page = client.get("/glossary/").content.decode()
    assert page.index(">#</h2>") < page.index(">A</h2>") < page.index(">B</h2>")
    assert page.index(">A</h2>") < page.index("Attention") < page.index(">B</h2>")


def test_a_term_has_a_page_with_its_definition_and_the_issues_that_used_it(client: Client) -> None:
    make_term("RAG", slug="rag", qualifier="Retrieval", definition="Fetch *first*.", aliases=["RALM"])
    issue = make_explaining("RAG", title="About retrieval")
    page = client.get("/glossary/rag/").content.decode()
    for words in ("(Retrieval)", "Fetch <em>first</em>.", "Also: RALM", f'href="{issue.get_absolute_url()}"'):
        assert words in page


def test_a_draft_that_uses_a_term_is_not_named(client: Client) -> None:
    make_term("RAG", slug="rag")
    Glossary.objects.create(parent=make_issue(title="Still a draft"), entries="RAG")
    assert "Still a draft" not in client.get("/glossary/rag/").content.decode()


def test_a_term_that_nobody_knows_is_not_found(client: Client) -> None:
    assert client.get("/glossary/nothing/").status_code == 404


def test_an_empty_glossary_says_so(client: Client) -> None:
    assert "No term has been explained yet." in client.get("/glossary/").content.decode()


def test_the_pages_take_a_constant_number_of_queries(client: Client) -> None:
    make_term("RAG", slug="rag")
    make_explaining("RAG")
    few = queries_of(client, "/glossary/"), queries_of(client, "/glossary/rag/")
    for number in range(4):
        make_term(f"Term number {number}")
        make_explaining("RAG", f"Term number {number}")
    assert (queries_of(client, "/glossary/"), queries_of(client, "/glossary/rag/")) == few
