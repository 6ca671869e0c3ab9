"""What an editor is told before an issue is mailed."""

import ast
import re
from pathlib import Path

import pytest
from pytest_django import Settings

from issues import storage
from issues.editorial import preflight, publish
from issues.editorial.run_preflight import before_mailing, faults_of
from issues.models import Highlight, Issue, Paywall, Poll, PollBlock, Text
from tests.builders import NOON, make_issue, make_poll

pytestmark = pytest.mark.django_db


def test_a_closed_poll_is_named_and_an_open_one_is_not() -> None:
    issue, poll = make_issue(), make_poll("Long", "Short", question="Which form?")
    PollBlock.objects.create(parent=issue, poll=poll)
    assert "Which form?" not in " ".join(before_mailing(issue))
    Poll.objects.update(is_open=False)
    assert "The poll “Which form?” is closed" in " ".join(before_mailing(issue))


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
    assert faults_of(storage.read(issue), NOON) == ()
    Highlight.objects.update(text="A long word. " * 8000)
    assert "kB of HTML" in faults_of(storage.read(issue), NOON)[0].what


def test_a_setting_that_makes_no_message_is_a_fault(settings: Settings) -> None:
    settings.POSTAL_ADDRESS, settings.DEFAULT_FROM_EMAIL = "1 Example Street", "nobody"
    faults = faults_of(storage.read(make_public_issue()), NOON)
    assert ["DEFAULT_FROM_EMAIL" in fault.what for fault in faults] == [True]


def test_the_checks_themselves_ask_no_database() -> None:
    modules = sorted(Path(preflight.__path__[0]).glob("*.py"))
    assert modules
    for module in modules:
        imported = [node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.ImportFrom)]
        assert [node.module for node in imported if re.match(r"django\.db|.*\bmodels\b", node.module or "")] == []
