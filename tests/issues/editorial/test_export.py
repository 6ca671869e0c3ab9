"""Exports: each form on stdout and nothing else; what is public where there is something public, else the draft."""

import email
import email.policy
import json
from io import StringIO

import pytest
from bibtexparser.entrypoint import parse_string
from django.core.management import CommandError, call_command
from lxml import etree, html

from core.command_reports import Refused
from issues import storage
from issues.editorial import publish
from issues.editorial.export import EXPORT_FORMS
from issues.imports.parsers import parse_markdown
from issues.models import Highlight, Issue, Paywall, Text
from tests.builders import NOON, make_issue, make_paper

pytestmark = pytest.mark.django_db


@pytest.fixture
def issue() -> Issue:
    made = make_issue(slug="an-issue", number=7, title="An issue & more")
    Text.objects.create(parent=made, text="As it was.", ordering=10)
    highlight = Highlight.objects.create(parent=made, text="It shows $d$.", ordering=20)
    highlight.papers.add(make_paper("2508.21038", title="On the Limits"))
    return made


def exported(form: str, name: str = "an-issue") -> str:
    out, err = StringIO(), StringIO()
    call_command("export_issue", name, "--format", form, stdout=out, stderr=err)
    assert err.getvalue() == ""
    return out.getvalue()


def publish_and_edit(issue: Issue) -> None:
    publish.publish(issue, now=NOON, mail=False)
    Text.objects.update(text="As it is now.")


@pytest.mark.parametrize("form", sorted({*EXPORT_FORMS} - {"bibtex", "ris", "csl"}))
def test_the_public_edition_goes_before_the_draft(issue: Issue, form: str) -> None:
    assert "As it was." in exported(form)
    publish_and_edit(issue)
    assert "As it was." in exported(form)
    assert "As it is now." not in exported(form)


def test_an_issue_is_named_by_its_number_too(issue: Issue) -> None:
    assert exported("text", "7") == exported("text")


def test_markdown_is_the_document(issue: Issue) -> None:
    assert parse_markdown(exported("markdown")).document == storage.load_document(issue)


def test_json_is_one_object_with_the_time_of_publication(issue: Issue) -> None:
    assert json.loads(exported("json"))["published_at"] is None
    publish_and_edit(issue)
    value = json.loads(exported("json"))
    assert (value["slug"], value["published_at"]) == ("an-issue", "2025-09-07T12:00:00+00:00")
    assert [block["kind"] for block in value["blocks"]] == ["text", "highlight"]


def test_html_is_the_page_as_a_reader_gets_it(issue: Issue) -> None:
    Paywall.objects.create(parent=issue, text="For supporters.", ordering=30)
    Text.objects.create(parent=issue, text="The secret.", ordering=40)
    publish_and_edit(issue)
    root: etree._Element = html.document_fromstring(exported("html"))
    assert [heading.text for heading in root.iter("h1")] == ["An issue & more"]
    assert "The secret." not in exported("html")
    assert "The secret." in exported("text")


def test_email_is_one_message_as_a_subscriber_gets_it(issue: Issue) -> None:
    Paywall.objects.create(parent=issue, text="For supporters.", ordering=30)
    Text.objects.create(parent=issue, text="The secret.", ordering=40)
    message = email.message_from_string(exported("email"), policy=email.policy.default)
    assert message["Subject"] == "An issue & more"
    body = message.get_body(["plain"])
    assert body is not None
    assert "As it was." in body.get_content()
    assert "The secret." not in body.get_content()


def test_citations_are_files_of_their_kind(issue: Issue) -> None:
    assert [entry.key for entry in parse_string(exported("bibtex")).entries] == ["weller2025limits"]
    assert exported("ris").startswith("TY  - GEN\r\nTI  - On the Limits\r\n")
    assert [item["DOI"] for item in json.loads(exported("csl"))] == ["10.48550/arXiv.2508.21038"]


def test_an_unknown_issue_is_refused_with_the_names_that_are_known(issue: Issue) -> None:
    with pytest.raises(Refused, match=r"There is no issue “another”; .* Known: an-issue \(7\)."):
        exported("text", "another")


def test_an_unknown_form_is_refused() -> None:
    with pytest.raises(CommandError, match="invalid choice: 'word'"):
        exported("word")
