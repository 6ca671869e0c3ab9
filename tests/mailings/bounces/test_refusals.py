"""The same answer ends the same, whichever way it came: at RCPT, after DATA, in a report, by a mail service."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.utils import timezone
from pytest_django import Settings

from core.mail.servers import MailServer
from core.mail.smtp import SmtpAnswer, Stage
from mailings import tasks
from mailings.bounces.process import receive_mail
from mailings.bounces.refusals import receive_refusal
from mailings.models import Delivery, MailEvent
from subscribers import account_mail
from subscribers.models import AccountMail, SendingPermit, Subscriber, Suppression
from tests.builders import make_subscriber
from tests.mailings.bounces.returned import bounce
from tests.mailings.bounces.services import SECRETS, WRITERS, Event
from tests.mailings.cast import make_mailing, needs_commits, run, use
from tests.servers.smtp_server import ScriptedServer

# What a mail server said, and how it ends: dead and soft are told by the event, wait by there being none yet.
ORDER = [
    ("550 5.1.1 <reader-0000@example.org>: User unknown", "dead"),
    ("550 5.2.1 The mailbox was closed", "dead"),
    ("550 5.4.4 Nowhere to route this", "dead"),
    ("550 User unknown", "dead"),
    ("550 5.1.0 Address rejected", "dead"),
    ("550 5.1.10 RESOLVER.ADR.RecipientNotFound", "dead"),
    ("552 5.2.2 Mailbox full", "soft"),
    ("554 5.7.1 Message rejected as spam", "soft"),
    ("450 4.2.1 Try again later", "wait"),
]
READER = "reader-0000@example.org"


@dataclass(frozen=True)
class Told(Event):
    """A service's report of what another mail server said."""

    words: str = ""

    @property
    def said(self) -> str:
        return self.words


@pytest.fixture(autouse=True)
def house(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = "bounces@news.example.org"
    settings.MAIL_HOOKS = dict(SECRETS)


def at(word: str, settings: Settings) -> Callable[[str], str]:
    def deliver(said: str) -> str:
        with ScriptedServer(lambda heard, who: said if heard == word else None) as relay:
            use(relay, settings)
            run(make_mailing(1))
        return "wait" if Delivery.objects.get().state == "deferred" else end()

    return deliver


def in_an_account_mail(settings: Settings) -> Callable[[str], str]:
    def send(said: str) -> str:
        SendingPermit.objects.arm()
        reader, now = make_subscriber(READER), timezone.now()
        mail = account_mail.request_mail(reader, AccountMail.Kind.SIGN_IN, now)
        assert mail is not None
        with ScriptedServer(lambda heard, who: said if heard == "RCPT" else None) as relay:
            settings.MAIL_SERVER = MailServer("127.0.0.1", relay.port)
            account_mail.send_mail(mail.pk, now)
        tasks.process_mail_events()
        mail.refresh_from_db()
        return "wait" if mail.state == "due" else end()

    return send


def in_a_report(settings: Settings) -> Callable[[str], str]:
    def receive(said: str) -> str:
        code = said.split()[1] if said.split()[1][0].isdigit() else "5.0.0"
        id_of = make_mailing(1).deliveries.get()
        message_id = f"<{id_of.mailing_id}.{id_of.address_hash[:32]}@example.org>"
        action = "delayed" if code.startswith("4") else "failed"
        receive_mail(bounce(status=code, said=said, action=action, message_id=message_id), timezone.now())
        return end()

    return receive


def by_a_service(provider: str) -> Callable[[str], str]:
    def report(said: str) -> str:
        make_mailing(1)
        assert WRITERS[provider]([Told(words=said)], SECRETS[provider]).send().status_code == 200
        tasks.process_mail_events()
        return end()

    return report


def end() -> str:
    event, reader = MailEvent.objects.get(), Subscriber.objects.get(email=READER)
    dead = (event.kind == "hard", reader.state == "bounced", Suppression.objects.exists())
    assert set(dead) in ({True}, {False}), dead
    if dead[0]:
        return "dead"
    return "wait" if event.kind == "delayed" or event.status.startswith("4.") else event.kind


@needs_commits
@pytest.mark.parametrize(("said", "verdict"), ORDER)
@pytest.mark.parametrize("place", ["RCPT", "BODY", "account mail", "report", "postmark", "sparkpost"])
def test_the_same_words_end_the_same_at_every_place(place: str, said: str, verdict: str, settings: Settings) -> None:
    roads = {
        "RCPT": at("RCPT", settings),
        "BODY": at("BODY", settings),
        "account mail": in_an_account_mail(settings),
        "report": in_a_report(settings),
        "postmark": by_a_service("postmark"),
        "sparkpost": by_a_service("sparkpost"),
    }
    assert roads[place](said) == verdict


@pytest.mark.django_db
def test_a_refusal_is_one_event_however_often_it_is_told() -> None:
    delivery = make_mailing(1).deliveries.get()
    message_id = f"<{delivery.mailing_id}.{delivery.address_hash[:32]}@example.org>"
    for _ in range(2):
        receive_refusal(message_id, SmtpAnswer(Stage.RCPT, 552, "5.2.2 Mailbox full"), timezone.now())
    event = MailEvent.objects.get()
    assert (event.source, event.kind, event.status, event.delivery) == ("smtp", "soft", "5.2.2", delivery)


@needs_commits
def test_what_was_put_off_too_often_is_a_soft_bounce(settings: Settings) -> None:
    mailing = make_mailing(1)
    with ScriptedServer(lambda heard, who: "450 4.2.1 later" if heard == "RCPT" else None) as relay:
        use(relay, settings)
        Delivery.objects.update(attempts=26)
        run(mailing)
    assert (Delivery.objects.get().state, MailEvent.objects.get().kind) == ("failed", "soft")
