"""An issue as one message to a sample recipient: `export_issue --format email`."""

import email
import email.policy
from io import StringIO

import pytest
from django.core.management import call_command
from pytest_django import Settings

from core.command_reports import Refused
from issues.editorial import publish
from issues.models import Highlight, Issue, Paywall, Text
from tests.builders import NOON, make_issue

pytestmark = pytest.mark.django_db


def make_public_issue() -> Issue:
    issue = make_issue(title="Nine Papers", slug="nine-papers")
    Text.objects.create(parent=issue, ordering=1, text="For everybody.")
    Paywall.objects.create(parent=issue, ordering=2, text="More inside.")
    Highlight.objects.create(parent=issue, ordering=3, heading="Second", text="For supporters.")
    publish.publish(issue, now=NOON, mail=False)
    return issue


def exported(name: str) -> str:
    out = StringIO()
    call_command("export_issue", name, format="email", stdout=out)
    return out.getvalue()


def test_an_issue_is_exported_as_one_message_to_a_sample_recipient() -> None:
    make_public_issue()
    message = email.message_from_bytes(exported("nine-papers").encode("ascii"), policy=email.policy.default)
    assert (message["To"], message["Subject"]) == ("reader@example.org", "Nine Papers")
    assert message["Date"].datetime == NOON
    assert [part.get_content_type() for part in message.walk()][1:] == ["text/plain", "text/html"]


def test_the_sample_holds_nothing_for_supporters_alone() -> None:
    make_public_issue()
    text = exported("nine-papers")
    assert "For everybody." in text
    assert "For supporters." not in text
    assert "/me/read/nine-papers/" in text.replace("=\r\n", "")


def test_a_draft_is_exported_too() -> None:
    Text.objects.create(parent=make_issue(slug="a-draft"), text="Not yet.")
    assert "Not yet." in exported("a-draft")


def test_a_setting_that_makes_no_message_is_named(settings: Settings) -> None:
    make_public_issue()
    settings.DEFAULT_FROM_EMAIL = "nobody"
    with pytest.raises(Refused, match="DEFAULT_FROM_EMAIL"):
        exported("nine-papers")
