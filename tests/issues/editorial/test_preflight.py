"""What an editor is told before an issue is mailed."""

import ast
import dataclasses
import re
from pathlib import Path

import pytest
from pytest_django import Settings

from issues import storage
from issues.document.values import PaywallBlock
from issues.editorial import preflight, publish
from issues.editorial.preflight.links import FailingLink, check_failing_links, describe_missing_links
from issues.editorial.preflight.structure import find_unwritten
from issues.editorial.run_preflight import before_mailing, faults_of
from issues.models import Highlight, Issue, Paywall, Poll, PollBlock, Text
from tests.builders import NOON, make_issue, make_poll
from tests.documents import make_document, make_highlight, make_reference, make_text

pytestmark = pytest.mark.django_db


def test_a_closed_poll_is_named_and_an_open_one_is_not() -> None:
    issue, poll = make_issue(), make_poll("Long", "Short", question="Which form?")
    PollBlock.objects.create(parent=issue, poll=poll)
    assert "Which form?" not in " ".join(before_mailing(issue, ""))
    Poll.objects.update(is_open=False)
    assert "The poll “Which form?” is closed" in " ".join(before_mailing(issue, ""))


def make_public_issue() -> Issue:
    issue = make_issue(title="Nine Papers", slug="nine-papers")
    Text.objects.create(parent=issue, ordering=1, text="For everybody.")
    Paywall.objects.create(parent=issue, ordering=2, text="More inside.")
    Highlight.objects.create(parent=issue, ordering=3, heading="Second", text="For supporters.")
    publish.publish(issue, now=NOON, mail=False)
    return issue


def test_faults_are_looked_for_behind_the_paywall_too(settings: Settings) -> None:
    settings.POSTAL_ADDRESS, settings.DEFAULT_FROM_EMAIL = "1 Example Street", "news@example.org"
    issue = make_public_issue()
    assert faults_of(storage.load_document(issue), NOON) == ()
    Highlight.objects.update(text="A long word. " * 8000)
    assert "kB of HTML" in faults_of(storage.load_document(issue), NOON)[0].what


def test_a_setting_that_makes_no_message_is_a_fault(settings: Settings) -> None:
    settings.POSTAL_ADDRESS, settings.DEFAULT_FROM_EMAIL = "1 Example Street", "nobody"
    faults = faults_of(storage.load_document(make_public_issue()), NOON)
    assert ["DEFAULT_FROM_EMAIL" in fault.what for fault in faults] == [True]


def test_a_failing_link_is_said_to_be_tried_and_a_dead_one_to_be_mended() -> None:
    failing = FailingLink(
        paper="A title", kind="code", url="https://x.example/", fault="HTTP 500", since=NOON, is_dead=False
    )
    dead = dataclasses.replace(failing, is_dead=True)
    first, second = check_failing_links([failing, dead])
    assert first.endswith("failed when it was checked (HTTP 500): https://x.example/. Try it yourself.")
    assert f"is dead (HTTP 500 since {NOON:%Y-%m-%d}): https://x.example/" in second


def test_what_is_printed_without_an_address_is_named_and_what_has_one_is_not() -> None:
    (sentence,) = describe_missing_links(make_document(make_highlight("Good.", make_reference())))
    assert sentence == "“Paper 2509.03312”: “code” is printed after the title, but no such link is known."


def test_each_block_without_its_words_is_named_by_its_heading_or_its_kind() -> None:
    empty = make_text("", heading="Welcome"), make_highlight(""), PaywallBlock(uuid="p"), make_text("")
    assert [sentence.partition(" is still")[0] for sentence in find_unwritten(make_document(*empty))] == [
        "Block 1 (Welcome)",
        "Block 2 (A heading)",
        "Block 4 (text)",
    ]


def test_the_checks_themselves_ask_no_database() -> None:
    modules = sorted(Path(preflight.__path__[0]).glob("*.py"))
    assert modules
    for module in modules:
        imported = [node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.ImportFrom)]
        assert [node.module for node in imported if re.match(r"django\.db|.*\bmodels\b", node.module or "")] == []
