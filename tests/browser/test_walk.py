"""The whole road once: a draft goes to the site, the feed and fifty mailboxes; then two leave by what they got."""

import email
import email.policy
import re
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import NamedTuple

import httpx
import pytest
import time_machine
from django.core.cache import cache
from django.utils import timezone
from lxml import etree
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from issues.editorial.publish import UNDO_WINDOW
from issues.models import Text
from llmwatch import tick
from mailings.models import Mailing
from mailings.tasks import send_mailing
from subscribers import account_mail
from subscribers.models import SendingPermit, Subscriber
from tests.builders import make_editor, make_issue
from tests.mailings.cast import make_readers, needs_commits, use
from tests.servers.smtp_server import ScriptedServer

pytestmark = needs_commits
NEWCOMER = "newcomer@news.test"
TITLE = "Nine papers"
TOKEN = re.compile(r"/me/([A-Za-z0-9_-]{32})/")


class Site(NamedTuple):
    """Where readers and editors go, and the mailboxes of all readers."""

    url: str
    mailboxes: ScriptedServer


@pytest.fixture
def site(live_server: LiveServer, settings: Settings) -> Iterator[Site]:
    """Forty-nine readers, and a draft."""
    settings.SITE_URL = live_server.url
    settings.POSTAL_ADDRESS = "LLM Watch, 1 Example Street, 12345 Example"
    cache.clear()
    SendingPermit.objects.arm()
    make_readers(49)
    draft = make_issue(title=TITLE, slug="nine-papers", mail_subject="Nine papers to read")
    Text.objects.create(parent=draft, heading="Welcome", text="Hello, readers.")
    with ScriptedServer() as server:
        use(server, settings, connections=2)
        yield Site(live_server.url, server)


@pytest.fixture
def reader(browser: Browser) -> Iterator[Page]:
    """Somebody whose browser runs no script."""
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    context.set_default_timeout(15_000)
    yield context.new_page()
    assert context.cookies() == []
    context.close()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def see(page: Page, heading: str) -> None:
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()


def mailbox(site: Site, address: str) -> list[EmailMessage]:
    """What arrived there, the oldest first."""
    arrived = [message.data for message in site.mailboxes.messages if message.recipient == address]
    return [email.message_from_bytes(data, policy=email.policy.default) for data in arrived]


def parts(message: EmailMessage) -> list[str]:
    """The text and the HTML."""
    return [part.get_content() for part in message.walk() if part.get_content_maintype() == "text"]


def link(message: EmailMessage, ending: str) -> str:
    """The address that ends so; both parts have it."""
    text, html = parts(message)
    found = re.search(rf"http://\S+/me/\S+{ending}", text)
    assert found is not None
    assert found[0] in html
    return found[0]


def subscribe_and_confirm(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/")
    page.get_by_role("link", name="Subscribe").first.click()
    page.get_by_label("E-mail address").fill(NEWCOMER)
    press(page, "Subscribe")
    see(page, "Look into your mailbox")
    tick.tick(timezone.now())
    account_mail.send_due(timezone.now())
    [asked] = mailbox(site, NEWCOMER)
    page.goto(link(asked, "/"))
    press(page, "Yes, send me LLM Watch")
    see(page, "You are subscribed")
    account_mail.send_due(timezone.now())  # the welcome


def preview_and_publish(page: Page, site: Site) -> None:
    make_editor()
    page.goto(f"{site.url}/admin/")
    page.get_by_label("Username").fill("editor")
    page.get_by_label("Password").fill("a password for tests")
    press(page, "Log in")
    page.get_by_role("link", name=TITLE).first.click()
    press(page, "Save and preview")
    expect(page.frame_locator(".desktop iframe").get_by_text("Hello, readers.")).to_be_visible()
    page.get_by_role("link", name="Publish…").click()
    page.get_by_label("on the web and by mail").check()
    press(page, "Continue")
    expect(page.locator(".outcome")).to_contain_text("it is mailed to 50 people with the subject “Nine papers to read”")
    press(page, "Publish and mail it")
    expect(page.locator(".live")).to_contain_text("published")


def see_it_on_the_site_and_in_the_feed(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/p/nine-papers/")
    see(page, TITLE)
    expect(page.get_by_text("Hello, readers.")).to_be_visible()
    feed = etree.fromstring(httpx.get(f"{site.url}/feeds/issues.atom").content)
    assert feed.xpath("string(//*[local-name()='entry']/*[local-name()='title'])") == TITLE


def let_a_worker_mail_it(site: Site) -> None:
    """What the clock hands out."""
    before = len(site.mailboxes.messages)
    assert tick.tick(timezone.now()).counts["mailings_started"] == 1
    assert len(site.mailboxes.messages) == before
    send_mailing(Mailing.objects.get().pk)


def see_the_mailing_done(page: Page) -> None:
    page.reload()  # of the publish page
    page.get_by_role("link", name="How the mailing goes").click()
    expect(page.locator(".live")).to_contain_text("50 of 50 are done (100%)")


def issues_in(messages: list[EmailMessage]) -> list[EmailMessage]:
    return [message for message in messages if message["Subject"] == "Nine papers to read"]


def check_the_mailboxes(site: Site) -> None:
    """One message each, and of all the tokens only its reader's, in each place."""
    readers = dict(Subscriber.objects.values_list("email", "token"))
    assert len(readers) == 50
    assert len(site.mailboxes.messages) == 52  # and two to the newcomer: to confirm, and the welcome
    for address, token in readers.items():
        [message] = issues_in(mailbox(site, address))
        for place in (*parts(message), message["List-Unsubscribe"]):
            assert set(TOKEN.findall(place)) == {token}


def test_a_draft_is_published_and_reaches_fifty_mailboxes_and_two_of_them_leave(
    page: Page, reader: Page, site: Site
) -> None:
    subscribe_and_confirm(reader, site)
    preview_and_publish(page, site)
    see_it_on_the_site_and_in_the_feed(reader, site)
    assert tick.tick(timezone.now()).counts["mailings_started"] == 0
    with time_machine.travel(timezone.now() + UNDO_WINDOW + timedelta(seconds=1)):
        let_a_worker_mail_it(site)
        see_the_mailing_done(page)
    check_the_mailboxes(site)
    leave_by_the_link(reader, site)
    leave_in_one_click(site, "reader-0007@example.org")
    assert Subscriber.objects.active().count() == 48


def leave_by_the_link(page: Page, site: Site) -> None:
    [message] = issues_in(mailbox(site, NEWCOMER))
    page.goto(link(message, "/unsubscribe/"))
    assert Subscriber.objects.active().filter(email=NEWCOMER).exists()
    press(page, "Unsubscribe")
    see(page, "You are unsubscribed")
    assert not Subscriber.objects.active().filter(email=NEWCOMER).exists()


def leave_in_one_click(site: Site, address: str) -> None:
    """As a mail provider does it for its reader: the header's address, and the header's body."""
    [message] = mailbox(site, address)
    found = re.search(r"<(http[^>]+)>", message["List-Unsubscribe"])
    assert found is not None
    body = dict([message["List-Unsubscribe-Post"].split("=")])
    answer = httpx.post(found[1], data=body)
    assert (answer.status_code, answer.cookies, answer.history) == (200, httpx.Cookies(), [])
    assert not Subscriber.objects.active().filter(email=address).exists()
