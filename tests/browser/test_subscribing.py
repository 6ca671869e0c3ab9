"""Subscribe, confirm, choose, leave: on a telephone, with JavaScript off, and with the mail of a real server."""

import email
import email.policy
import os
import re
from collections.abc import Generator
from pathlib import Path

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from core.mail.servers import MailServer
from llmwatch import tick
from subscribers import account_mail
from subscribers.models import SendingPermit, Subscriber
from subscribers.proof_of_work import is_proven
from tests.builders import make_series, make_subscriber
from tests.servers.smtp_server import ScriptedServer

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "reader@news.test"
SCREENSHOTS = os.environ.get("SCREENSHOTS", "")  # a folder to keep pictures in, for a person to look at


@pytest.fixture
def mailbox(settings: Settings) -> Generator[ScriptedServer]:
    settings.POSTAL_ADDRESS = "LLM Watch, 1 Example Street, 12345 Example"
    with ScriptedServer() as server:
        settings.MAIL_SERVER = MailServer("127.0.0.1", server.port)
        yield server


@pytest.fixture
def telephone(browser: Browser, live_server: LiveServer, settings: Settings) -> Generator[Page]:
    settings.SITE_URL = live_server.url
    cache.clear()
    SendingPermit.objects.arm()
    context = browser.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False, locale="en-GB")
    yield context.new_page()
    context.close()


def keep_picture(page: Page, name: str) -> None:
    width = page.locator("main").bounding_box()
    assert width is not None
    assert width["width"] <= 390
    if SCREENSHOTS:
        page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png", full_page=True)


def link_in_newest(mailbox: ScriptedServer) -> str:
    """The address in the text part; the HTML part has the same."""
    tick.tick(timezone.now())
    account_mail.send_due(timezone.now())
    message = email.message_from_bytes(mailbox.messages[-1].data, policy=email.policy.default)
    text, html = (part.get_content() for part in message.walk() if part.get_content_maintype() == "text")
    found = re.search(r"http://\S+/me/\S+", text)
    assert found is not None
    assert found[0] in html
    return found[0]


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_a_reader_subscribes_confirms_chooses_and_leaves(
    telephone: Page, mailbox: ScriptedServer, live_server: LiveServer
) -> None:
    make_series(name="Deep Dives"), make_series(name="Papers You Should Know About")
    telephone.goto(f"{live_server.url}/subscribe/")
    keep_picture(telephone, "subscribe")
    telephone.get_by_label("E-mail address").fill(ADDRESS)
    telephone.get_by_label("Name (if you like)").fill("Reader 7")
    press(telephone, "Subscribe")
    expect(telephone.get_by_role("heading", name="Look into your mailbox")).to_be_visible()
    keep_picture(telephone, "asked")

    telephone.goto(link_in_newest(mailbox))
    keep_picture(telephone, "confirm")
    assert Subscriber.objects.get().state == "pending"
    press(telephone, "Yes, send me LLM Watch")
    expect(telephone.get_by_role("heading", name="You are subscribed")).to_be_visible()
    keep_picture(telephone, "confirmed")
    assert Subscriber.objects.get().is_active

    telephone.get_by_role("link", name="Choose what you get").click()
    telephone.get_by_label("Deep Dives").check()
    telephone.get_by_label("the highlights only").check()
    press(telephone, "Save")
    expect(telephone.get_by_text("Saved.")).to_be_visible()
    keep_picture(telephone, "preferences")
    chosen = Subscriber.objects.get()
    assert (chosen.depth, chosen.name, chosen.series.get().name) == ("highlights", "Reader 7", "Deep Dives")

    telephone.get_by_role("link", name="Unsubscribe", exact=True).click()
    keep_picture(telephone, "unsubscribe")
    assert Subscriber.objects.get().is_active
    press(telephone, "Unsubscribe")
    expect(telephone.get_by_role("heading", name="You are unsubscribed")).to_be_visible()
    keep_picture(telephone, "unsubscribed")
    assert Subscriber.objects.get().state == "unsubscribed"
    assert len(mailbox.messages) == 1
    assert telephone.context.cookies() == []


def test_an_address_with_a_slip_is_named(telephone: Page, live_server: LiveServer) -> None:
    telephone.goto(f"{live_server.url}/subscribe/")
    telephone.locator("form").evaluate("form => form.noValidate = true")
    telephone.get_by_label("E-mail address").fill("reader@example")
    press(telephone, "Subscribe")
    expect(telephone.get_by_text("is no mail address")).to_be_visible()
    keep_picture(telephone, "slip")


def test_a_supporter_signs_in_by_mail(telephone: Page, mailbox: ScriptedServer, live_server: LiveServer) -> None:
    make_subscriber(ADDRESS, paid_until=timezone.localdate())
    telephone.goto(f"{live_server.url}/me/login/")
    keep_picture(telephone, "login")
    telephone.get_by_label("E-mail address").fill(ADDRESS)
    press(telephone, "Send me the link")
    telephone.goto(link_in_newest(mailbox))
    keep_picture(telephone, "sign-in")
    press(telephone, "Sign in")
    expect(telephone.get_by_role("heading", name="You are signed in")).to_be_visible()
    keep_picture(telephone, "account")
    press(telephone, "Sign out")
    expect(telephone.get_by_role("heading", name="Sign in")).to_be_visible()


def test_with_javascript_the_browser_works_for_the_form_while_the_person_goes_on(
    browser: Browser, live_server: LiveServer
) -> None:
    page = browser.new_page()
    page.goto(f"{live_server.url}/subscribe/")
    page.get_by_label("E-mail address").fill(" Reader@News.test ")
    page.get_by_label("Name (if you like)").focus()
    proof = page.locator("[name=proof]")
    expect(proof).to_have_value(re.compile(r"^\d+:\d+$"), timeout=30_000)
    assert is_proven(proof.input_value(), "reader@news.test", timezone.now())
    page.close()
