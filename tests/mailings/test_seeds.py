"""Inboxes of our own: served first, looked into by a person, and only then the others."""

import json
from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from issues.editorial import publish
from issues.models import Text
from mailings import audience, lifecycle
from mailings.models import Delivery, Mailing
from mailings.progress import progress_of
from subscribers.models import Subscriber, Suppression
from tests.builders import NOON, make_editor, make_issue, make_series, make_subscriber
from tests.mailings.cast import make_mailing, needs_commits, run, use
from tests.servers.smtp_server import Script as Answers
from tests.servers.smtp_server import ScriptedServer

MINUTE = timedelta(minutes=1)
LONGER = 11 * MINUTE


@pytest.fixture
def relay(settings: Settings) -> Iterator[ScriptedServer]:
    settings.MAIL_SEED_WAIT = 10
    with ScriptedServer() as server:
        use(server, settings, connections=3)
        yield server


def make_seeded_mailing(readers: int = 5) -> Mailing:
    """Two inboxes of our own, and so many readers."""
    for name in ("one", "two"):
        make_subscriber(f"{name}@our.example", is_seed=True)
    return make_mailing(readers)


def refuse(recipient: str, answer: str) -> Answers:
    return lambda word, who: answer if (word, who) == ("RCPT", recipient) else None


@needs_commits
def test_our_own_inboxes_get_it_and_the_others_wait(relay: ScriptedServer) -> None:
    mailing = make_seeded_mailing()
    assert run(mailing) == run(mailing) == {"sent": 2, "pending": 5}
    assert relay.recipients == ["one@our.example", "two@our.example"]


@needs_commits
def test_when_the_time_is_over_the_others_follow_by_themselves(relay: ScriptedServer) -> None:
    mailing = make_seeded_mailing()
    run(mailing)
    assert lifecycle.start_due_mailings(timezone.now() + 9 * MINUTE).waiting == ()
    assert lifecycle.start_due_mailings(timezone.now() + LONGER).waiting == (mailing.pk,)
    with time_machine.travel(timezone.now() + LONGER):
        assert run(mailing) == {"sent": 7}


@needs_commits
def test_the_wait_begins_only_when_they_were_served(relay: ScriptedServer) -> None:
    mailing = make_seeded_mailing()
    for late in (LONGER, 2 * LONGER):
        assert lifecycle.start_due_mailings(timezone.now() + late).waiting == (mailing.pk,)
    with time_machine.travel(timezone.now() + 2 * LONGER):
        assert run(mailing) == {"sent": 2, "pending": 5}


@needs_commits
def test_an_inbox_that_puts_us_off_or_refuses_holds_up_nobody(relay: ScriptedServer) -> None:
    relay.script = refuse("two@our.example", "450 later")
    mailing = make_seeded_mailing()
    assert run(mailing) == {"sent": 1, "deferred": 1, "pending": 5}
    with time_machine.travel(timezone.now() + LONGER):
        assert run(mailing) == {"sent": 6, "deferred": 1}


@needs_commits
def test_without_a_wait_they_are_only_the_first(relay: ScriptedServer, settings: Settings) -> None:
    settings.MAIL_SEED_WAIT, settings.MAIL_CONNECTIONS = 0, 1
    assert run(make_seeded_mailing()) == {"sent": 7}
    assert [message.recipient for message in relay.messages[:2]] == ["one@our.example", "two@our.example"]


@needs_commits
def test_without_such_an_inbox_nothing_waits(relay: ScriptedServer) -> None:
    assert run(make_mailing(5)) == {"sent": 5}


@needs_commits
def test_a_person_may_send_to_the_others_at_once(relay: ScriptedServer, client: Client) -> None:
    mailing = make_seeded_mailing()
    run(mailing)
    client.force_login(make_editor())
    assert "Send to the others now" in live(client, mailing)
    client.post(reverse("admin:mailings_mailing_go_out", args=[mailing.pk]))
    assert "Send to the others now" not in live(client, mailing)
    assert run(mailing) == {"sent": 7}


@needs_commits
def test_what_they_show_can_be_corrected_before_the_others_get_it(relay: ScriptedServer) -> None:
    mailing = make_seeded_mailing()
    run(mailing)
    mailing.pause()
    Text.objects.update(text="Hello, correct readers.")
    publish.correct(mailing.issue)
    lifecycle.resume_mailing(mailing)
    assert run(mailing) == {"sent": 2, "pending": 5}
    with time_machine.travel(timezone.now() + LONGER):
        assert run(mailing) == {"sent": 7}
    assert [b"correct readers" in message.data for message in relay.messages] == [False] * 2 + [True] * 5


@needs_commits
def test_a_mailing_can_be_cancelled_while_it_waits(relay: ScriptedServer) -> None:
    mailing = make_seeded_mailing()
    run(mailing)
    assert mailing.cancel(timezone.now())
    with time_machine.travel(timezone.now() + LONGER):
        assert run(mailing) == {"sent": 2, "cancelled": 5}


@needs_commits
def test_the_command_says_what_it_waits_for_and_how_to_go_on(relay: ScriptedServer) -> None:
    mailing, out = make_seeded_mailing(), StringIO()
    with pytest.raises(SystemExit, match="1"):
        call_command("send_issue", mailing.issue.slug, "--json", stdout=out, stderr=StringIO())
    report = json.loads(out.getvalue())
    said = report["problems"][0]["what"]
    assert (report["sent"], report["pending"]) == (2, 5)
    assert said.startswith("2 inboxes of our own have it: look there now. The others follow ")
    assert "“Send to the others now” on its page" in said


@pytest.mark.django_db
def test_the_page_says_whose_turn_it_is(settings: Settings) -> None:
    settings.MAIL_SEED_WAIT = 10
    mailing = make_seeded_mailing()
    first = "First to the inboxes of our own; the others get it 10 minutes after that."
    assert progress_of(mailing, NOON).waits == (first,)
    Mailing.objects.update(waits_for_seeds=False, others_from=NOON + 10 * MINUTE)
    mailing.refresh_from_db()
    assert progress_of(mailing, NOON).waits[0].startswith("None of our own inboxes has it: see below")
    assert progress_of(mailing, NOON).waits[0].endswith(" The others follow at 12:10 at the earliest.")
    assert progress_of(mailing, NOON).is_held_back
    assert (progress_of(mailing, NOON + LONGER).waits, progress_of(mailing, NOON + LONGER).is_held_back) == ((), False)


@pytest.mark.django_db
def test_they_get_every_issue_whatever_their_choices_but_not_where_they_are_gone() -> None:
    chosen = make_subscriber("series@our.example", is_seed=True, paused_until=date(2027, 1, 1))
    chosen.series.add(make_series())
    gone = make_subscriber("dead@our.example", is_seed=True)
    Suppression.objects.create(address_hash=gone.address_hash, reason="bounced")
    make_subscriber("left@our.example", is_seed=True, state="unsubscribed")
    people = audience.audience_of(make_issue(series=make_series()), date(2026, 3, 2))
    assert [person.email for person in people] == ["series@our.example"]


@needs_commits
def test_one_that_pauses_gets_it_too(relay: ScriptedServer) -> None:
    mailing = make_seeded_mailing(0)
    Subscriber.objects.update(paused_until=timezone.localdate() + timedelta(days=9))
    assert run(mailing) == {"sent": 2}


@pytest.mark.django_db
def test_a_mailing_to_them_alone_ends_with_them(settings: Settings) -> None:
    settings.MAIL_SEED_WAIT = 10
    mailing = make_seeded_mailing(0)
    Delivery.objects.update(state="sent", sent_at=NOON)
    lifecycle.start_due_mailings(timezone.now())
    mailing.refresh_from_db()
    assert mailing.state == "finished"


def live(client: Client, mailing: Mailing) -> str:
    return client.get(reverse("admin:mailings_mailing_change", args=[mailing.pk])).content.decode()
