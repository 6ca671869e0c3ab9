"""The glossary's admin."""

import pytest
from django.test import Client
from django.urls import reverse

from glossary.models import GlossaryTerm
from tests.builders import make_term
from tests.desk import posted, queries_of, sign_in

pytestmark = pytest.mark.django_db
LIST = reverse("admin:glossary_glossaryterm_changelist")


@pytest.fixture
def editor(client: Client) -> Client:
    return sign_in(client)


@pytest.mark.parametrize("query", ["", "?q=term", "?qualifier__isempty=1"])
def test_the_list_takes_as_many_queries_for_twice_as_many_terms(editor: Client, query: str) -> None:
    for _ in range(4):
        make_term()
    few = queries_of(lambda: editor.get(LIST + query))
    for _ in range(4):
        make_term()
    assert queries_of(lambda: editor.get(LIST + query)) == few


@pytest.mark.parametrize("text", ["rag", "augmented", "retrieval aug", "grounded generation", "looks things up"])
def test_a_term_is_found_by_its_name_its_other_forms_and_its_definition(editor: Client, text: str) -> None:
    make_term(
        "RAG",
        qualifier="retrieval-augmented generation",
        aliases=["grounded generation"],
        definition="A model that looks things up.",
    )
    make_term("Token")
    found = editor.get(LIST, {"q": text}).context["cl"].queryset
    assert [term.name for term in found] == ["RAG"]


def test_a_definition_is_kept_as_one_line(editor: Client) -> None:
    data = {"name": "RAG", "slug": "rag", "definition": "A model that\r\nlooks things up. "}
    assert editor.post(reverse("admin:glossary_glossaryterm_add"), data).status_code == 302
    assert GlossaryTerm.objects.get().definition == "A model that looks things up."


def test_terms_without_a_qualifier_are_filtered(editor: Client) -> None:
    make_term("RAG", qualifier="retrieval-augmented generation")
    make_term("Token")
    found = editor.get(LIST, {"qualifier__isempty": "1"}).context["cl"].queryset
    assert [term.name for term in found] == ["Token"]


def test_other_forms_are_written_with_commas(editor: Client) -> None:
    term = make_term("RAG", aliases=["one", "two"])
    address = reverse("admin:glossary_glossaryterm_change", args=[term.pk])
    data = posted(editor.get(address)) | {"aliases": "one, three"}
    assert editor.post(address, data).status_code == 302
    assert GlossaryTerm.objects.get().aliases == ["one", "three"]


def test_a_name_that_is_there_in_another_case_is_refused(editor: Client) -> None:
    make_term("RAG")
    data = {"name": "rag", "slug": "other", "definition": "Again."}
    response = editor.post(reverse("admin:glossary_glossaryterm_add"), data)
    assert response.context["adminform"].form.errors
    assert GlossaryTerm.objects.count() == 1
