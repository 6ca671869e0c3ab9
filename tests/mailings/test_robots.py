"""A robot that opens every link of every mail, as scanners of mail do, changes nothing."""

import email
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import lxml.html
import pytest
from django.apps import apps
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from issues import storage
from issues.editorial import publish
from issues.models import Issue
from mailings import lifecycle
from subscribers import account_mail
from subscribers.models import AccountMail, SendingPermit, Subscriber
from tests.builders import make_issue, make_subscriber
from tests.documents import EVERYTHING, make_document
from tests.mailings.cast import make_readers, needs_commits, run, use
from tests.servers.smtp_server import ScriptedServer

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
def relay(settings: Settings) -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        use(server, settings)
        yield server


def make_full_issue() -> Issue:
    """One with every kind of block, published with mail."""
    issue = make_issue(slug="everything")
    storage.save_document(issue, make_document(*EVERYTHING, slug="everything"))
    publish.publish(issue, now=timezone.now(), mail=True)
    return issue


def links_of(message: bytes) -> set[str]:
    """All that a robot finds in headers, text and HTML."""
    parsed = email.message_from_bytes(message)
    plain, html = (part.get_payload(decode=True) for part in parsed.walk() if not part.is_multipart())
    assert isinstance(plain, bytes)
    assert isinstance(html, bytes)
    found = re.findall(r"https?://[^\s<>)]+", "\n".join((*map(str, parsed.values()), plain.decode())))
    return {*found, *(link for _, _, link, _ in lxml.html.fromstring(html.decode()).iterlinks())}


def own(links: set[str]) -> list[str]:
    host = urlsplit(settings.SITE_URL).netloc
    return sorted(link for link in links if urlsplit(link).netloc == host)


def everything_kept() -> Rows:
    """The whole database."""
    return {model._meta.label: list(model._default_manager.order_by("pk").values()) for model in apps.get_models()}


def open_all(links: list[str]) -> None:
    """Each by GET and HEAD, by a browser that keeps cookies, twice."""
    robot = Client()
    for link in links * 2:
        address = link.removeprefix(settings.SITE_URL).partition("#")[0] or "/"
        assert robot.get(address).status_code == robot.head(address).status_code < 500, link


@needs_commits
def test_opening_every_link_of_an_issue_s_mail_changes_nothing(relay: ScriptedServer) -> None:
    SendingPermit.objects.arm()
    make_readers(1, paid_until=timezone.localdate())
    run(lifecycle.start_mailing(make_full_issue(), timezone.now()))
    links, before = own(links_of(relay.messages[0].data)), everything_kept()
    token = Subscriber.objects.get().token
    assert {f"{settings.SITE_URL}/me/{token}/", f"{settings.SITE_URL}/me/{token}/unsubscribe/"} <= set(links)
    assert sum(f"/{token}/" in link and "/polls/form/" in link for link in links) == 2
    assert len(links) > 8
    open_all(links)
    assert everything_kept() == before


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "state"),
    [(kind, "pending" if kind == AccountMail.Kind.CONFIRM else "active") for kind in AccountMail.Kind],
)
def test_opening_every_link_of_a_letter_changes_nothing(kind: AccountMail.Kind, state: str) -> None:
    letter = account_mail.request_mail(make_subscriber(state=state), kind, timezone.now())
    assert letter is not None
    message: EmailMultiAlternatives = account_mail.compose_mail(letter, timezone.now())
    links, before = own(links_of(message.message().as_bytes())), everything_kept()
    assert any("/me/" in link for link in links) is (kind != AccountMail.Kind.MOVED)
    open_all(links)
    assert everything_kept() == before
