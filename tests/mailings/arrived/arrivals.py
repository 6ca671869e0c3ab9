"""What arrives: the messages of a real mailing as a mail server took them, each with whose it is.

Made once for a whole run of the tests: they are values, and need no database any more.
"""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from django.core.management import call_command
from django.test import override_settings
from django.utils import timezone

from core.mail.servers import MailServer
from issues.imports.import_issue import import_issue
from issues.models import Issue
from llmwatch.demo import sample
from mailings import lifecycle
from mailings.models import Mailing
from papers.ingest.bulk_load import load_files as load_papers
from subscribers import account_mail
from subscribers.models import AccountMail, SendingPermit, Subscriber
from tests.builders import make_subscriber
from tests.data import data_path
from tests.mailings.cast import run
from tests.servers.smtp_server import ScriptedServer

SITE = "https://news.example.org"
TITLE = "9 Papers You Should Know About"
KINDS = tuple((depth, is_supporter) for depth in ("full", "highlights") for is_supporter in (False, True))


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message, and of whom it must speak."""

    name: str
    recipient: str
    token: str
    data: bytes

    @property
    def message(self) -> EmailMessage:
        found = email.message_from_bytes(self.data, _class=EmailMessage, policy=email.policy.default)
        assert not any(part.defects for part in found.walk())
        return found

    @property
    def bodies(self) -> dict[str, str]:
        """By the kind of text, `plain` and `html`, with \\n at the end of lines."""
        parts = (part for part in self.message.walk() if not part.is_multipart())
        return {part.get_content_subtype(): part.get_content().replace("\r\n", "\n") for part in parts}

    @property
    def html(self) -> str:
        return self.bodies["html"]


def publish_seed() -> Issue:
    """The newsletter that the project starts from; it lies among the recorded data."""
    load_papers([data_path("seed/papers.jsonl")])
    import_issue(data_path("seed/issue.txt"), title=TITLE, number=1, publish=True)
    return Issue.objects.get()


def publish_sample() -> Issue:
    """The issue of the demo, without its readers: a paywall, a poll, a sponsor, pictures and formulas."""
    sample.load_files()
    Subscriber.objects.all().delete()
    return Issue.objects.get()


@contextmanager
def house(server: ScriptedServer, site: str = SITE) -> Iterator[None]:
    """Settings as of a site that is really there."""
    with (
        TemporaryDirectory() as media,
        override_settings(
            SITE_URL=site,
            SITE_HOST=urlsplit(site).hostname,
            MEDIA_ROOT=Path(media),
            DEFAULT_FROM_EMAIL="LLM Watch <news@news.example.org>",
            REPLY_TO="editor@news.example.org",
            BOUNCE_ADDRESS="bounces@news.example.org",
            POSTAL_ADDRESS="LLM Watch\n1 Example Street\n10115 Berlin\nGermany",
            MAIL_SERVER=MailServer("127.0.0.1", server.port),
            MAIL_CONNECTIONS=1,
        ),
    ):
        yield


def delivered(publish: Callable[[], Issue], each: int, site: str = SITE) -> list[Arrival]:
    """A mailing to so many readers of each kind, worked off to its end, in a database that is empty before."""
    call_command("flush", interactive=False, verbosity=0)
    with ScriptedServer() as server, house(server, site):
        mailing = start(publish(), each)
        assert run(mailing) == {"sent": each * len(KINDS)}
        names = {row.email: _name(row) for row in Subscriber.objects.all()}
        tokens = dict(Subscriber.objects.values_list("email", "token"))
        messages = sorted(server.messages, key=lambda message: message.recipient)
        return [Arrival(names[one.recipient], one.recipient, tokens[one.recipient], one.data) for one in messages]


def start(issue: Issue, each: int) -> Mailing:
    """Readers in each depth, half of them supporters, and a mailing to them all."""
    SendingPermit.objects.arm()  # the row of the migration goes with the first test that commits
    today = timezone.localdate()
    for depth, is_supporter in KINDS:
        for number in range(each):
            address = f"{depth}-{'supporter' if is_supporter else 'reader'}-{number}@example.net"
            make_subscriber(address, depth=depth, paid_until=today if is_supporter else None)
    Issue.objects.filter(pk=issue.pk).update(mail_at=timezone.now())
    issue.refresh_from_db()
    return lifecycle.start_mailing(issue, timezone.now())


@cache
def of_seed() -> tuple[Arrival, ...]:
    return tuple(delivered(publish_seed, each=2))


@cache
def of_sample() -> tuple[Arrival, ...]:
    return tuple(delivered(publish_sample, each=1))


@cache
def of_counted() -> tuple[Arrival, ...]:
    """The issue of the demo where clicks are counted: its links lead over the site, and there is a trap for robots."""
    with override_settings(COUNT_CLICKS=True):
        return tuple(delivered(publish_sample, each=1))


@cache
def of_letters() -> tuple[Arrival, ...]:
    """One of each kind of letter, the welcome with a latest issue."""
    call_command("flush", interactive=False, verbosity=0)
    with ScriptedServer() as server, house(server):
        SendingPermit.objects.arm()
        publish_sample()
        return tuple(_letter(kind, server) for kind in AccountMail.Kind)


def _letter(kind: AccountMail.Kind, server: ScriptedServer) -> Arrival:
    state = "pending" if kind == AccountMail.Kind.CONFIRM else "active"
    subscriber = make_subscriber(f"{kind}@example.net", state=state)
    letter = account_mail.request_mail(subscriber, kind, timezone.now())
    assert letter is not None
    account_mail.send_mail(letter.pk, timezone.now())
    return Arrival(kind, subscriber.email, subscriber.token, server.messages[-1].data)


def _name(subscriber: Subscriber) -> str:
    return f"{subscriber.depth}-{'supporter' if subscriber.paid_until else 'reader'}"


def relayed(data: bytes) -> bytes:
    """As it lies in the mailbox: the relay and the receiving server have each put their line on top."""
    day = format_datetime(timezone.now())
    lines = (
        "Return-Path: <news@news.example.org>",
        "Received: from mail.news.example.org (mail.news.example.org [192.88.99.25])",
        "\tby mx.example.net (Postfix) with ESMTPS id 4XyGq81Z2pz9rxB",
        f"\tfor <reader@example.net>; {day}",
        "Received: from news.example.org (app.news.example.org [192.88.99.24])",
        f"\tby mail.news.example.org (Postfix) with ESMTPSA id 4XyGq72Vbbz9rxA; {day}",
        "",
    )
    return "\r\n".join(lines).encode() + data
