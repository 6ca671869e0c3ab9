"""Terms: what the database refuses, and how they are found."""

import pytest
from django.db import IntegrityError, transaction

from glossary.models import GlossaryTerm
from tests.builders import make_term

pytestmark = pytest.mark.django_db


def test_a_name_is_there_once_whatever_its_case() -> None:
    make_term("RAG")
    with pytest.raises(IntegrityError, match="glossaryterm_name_once"), transaction.atomic():
        make_term("rag", slug="another")


def test_a_term_has_a_name() -> None:
    with pytest.raises(IntegrityError, match="glossaryterm_has_a_name"), transaction.atomic():
        GlossaryTerm.objects.create(name="", slug="nameless", definition="Nothing.")


def test_two_terms_never_share_an_address() -> None:
    make_term("RAG")
    with pytest.raises(IntegrityError, match="slug"), transaction.atomic():
        make_term("Retrieval", slug="rag")


def test_terms_stand_in_the_order_of_the_alphabet_whatever_their_case() -> None:
    for name in ("beam", "Agent", "Zero-shot", "attention"):
        make_term(name)
    assert [term.name for term in GlossaryTerm.objects.all().alphabetical()] == [
        "Agent",
        "attention",
        "beam",
        "Zero-shot",
    ]


def test_a_term_is_called_by_its_name_and_its_qualifier() -> None:
    assert str(make_term("RAG", qualifier="retrieval-augmented generation")) == "RAG (retrieval-augmented generation)"
    assert str(make_term("Token")) == "Token"
