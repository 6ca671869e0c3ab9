"""A vote on a telephone, with JavaScript off: a button in the mail, one more on the page, and another mind."""

import email
import email.policy
from collections.abc import Generator

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from issues import storage
from issues.document.values import PollValue
from issues.editorial import publish
from issues.models import Choice, Vote
from issues.rendering.mail.mime import PersonalParts
from issues.rendering.mail.sample import sample_message
from tests.builders import make_issue, make_poll, make_subscriber
from tests.documents import make_document

pytestmark = pytest.mark.django_db(transaction=True)
WIDTH = 390
LARGE_ENOUGH = 44  # pixels, for a finger


@pytest.fixture
def telephone(browser: Browser, live_server: LiveServer, settings: Settings) -> Generator[Page]:
    settings.SITE_URL = live_server.url
    cache.clear()
    context = browser.new_context(viewport={"width": WIDTH, "height": 844}, java_script_enabled=False, locale="en-GB")
    yield context.new_page()
    context.close()


def mail_for(token: str) -> str:
    """The HTML of an issue that asks a poll, published, as the holder of the token gets it."""
    poll, issue = make_poll("Four questions", "One paragraph", question="Which form?"), make_issue()
    asked = PollValue(uuid="p", poll=poll.slug, question=poll.question, choices=("Four questions", "One paragraph"))
    storage.save_document(issue, make_document(asked, slug=issue.slug))
    edition = publish.publish(issue, now=timezone.now(), mail=False)
    reader = PersonalParts(token, "reader@example.org", "<one@example.org>")
    message = email.message_from_bytes(
        sample_message(edition.value, timezone.now(), reader), policy=email.policy.default
    )
    return next(str(part.get_content()) for part in message.walk() if part.get_content_type() == "text/html")


def height(page: Page, selector: str) -> float:
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    return box["height"]


def test_a_reader_votes_and_changes_the_vote(telephone: Page) -> None:
    telephone.set_content(mail_for(make_subscriber().token))
    assert height(telephone, ".choice a") >= LARGE_ENOUGH
    telephone.get_by_role("link", name="Four questions").click()
    expect(telephone.get_by_role("heading", name="Which form?")).to_be_visible()
    assert height(telephone, "main button") >= LARGE_ENOUGH <= height(telephone, ".answers a")
    assert telephone.evaluate("document.documentElement.scrollWidth") == WIDTH
    assert not Vote.objects.exists()

    telephone.get_by_role("button", name="Vote for this").press("Enter")
    expect(telephone.get_by_role("heading", name="Thank you, your vote counts")).to_be_visible()
    telephone.get_by_role("link", name="One paragraph").click()
    telephone.get_by_role("button", name="Change my vote to this").click()
    expect(telephone.get_by_text("1 vote, 100%")).to_be_visible()
    assert Choice.objects.get(votes__isnull=False).label == "One paragraph"
    assert telephone.context.cookies() == []
