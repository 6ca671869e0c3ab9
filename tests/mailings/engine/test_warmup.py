"""The ramp of a new sender: so many a day, of all mailings together; the rest waits, and goes on by itself."""

import json
import threading
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from core.concurrency.time_budget import TimeBudget
from core.mail.servers import MailServer
from mailings import lifecycle
from mailings.engine import warmup, worker
from mailings.engine.warmup import WarmupStep
from mailings.models import Delivery, Mailing, WarmupDay
from mailings.progress import progress_of
from subscribers import account_mail
from subscribers.models import AccountMail
from tests.builders import NOON, make_subscriber
from tests.connections import another
from tests.mailings.cast import bury, make_mailing, make_public_issue, make_readers, needs_commits, run, tally, use
from tests.mailings.test_send_issue import start
from tests.servers.smtp_server import DROP, ScriptedServer

DAY = timedelta(days=1)
TONIGHT = datetime(2026, 3, 2, 18, 30, tzinfo=NOON.tzinfo)


@pytest.fixture
def relay(settings: Settings) -> Iterator[ScriptedServer]:
    settings.MAIL_RAMP = 4
    with ScriptedServer() as server:
        use(server, settings, connections=3)
        yield server


@pytest.fixture
def somewhere(settings: Settings) -> None:
    """A mail server is named; nothing here speaks to it."""
    settings.MAIL_RAMP, settings.MAIL_SERVER = 4, MailServer("127.0.0.1", 9)
    settings.DEFAULT_FROM_EMAIL = "LLM Watch <news@example.org>"


def went_out(mailing: Mailing, count: int, at: datetime) -> None:
    rows = mailing.deliveries.filter(state="pending").order_by("pk").values_list("pk", flat=True)[:count]
    Delivery.objects.filter(pk__in=list(rows)).update(state="sent", sent_at=at)


def day(mailing: Mailing, count: int, at: datetime) -> None:
    """A day of the ramp that begins at this hour, and on which so many went out."""
    warmup.begin_day(at)
    went_out(mailing, count, at)


def make_readers_of_another_list() -> None:
    for _ in range(3):
        make_subscriber()


def days() -> list[tuple[int, int]]:
    return list(WarmupDay.objects.order_by("sender", "number").values_list("number", "cap"))


@needs_commits
def test_no_more_go_out_than_the_first_day_allows(relay: ScriptedServer) -> None:
    mailing = make_mailing(10)
    assert run(mailing) == run(mailing) == {"sent": 4, "pending": 6}
    assert mailing.is_sending


@needs_commits
def test_each_day_allows_half_as_many_again_until_everybody_has_it(relay: ScriptedServer) -> None:
    mailing, seen = make_mailing(30), list[int]()
    began = timezone.now()
    while mailing.is_sending:
        with time_machine.travel(began + len(seen) * (DAY + timedelta(minutes=1))):
            assert lifecycle.start_due_mailings(timezone.now()).waiting == (mailing.pk,)
            seen.append(run(mailing)["sent"])
    assert seen == [4, 4 + 6, 4 + 6 + 9, 30]
    assert len(set(relay.recipients)) == len(relay.messages) == 30


@needs_commits
def test_what_is_used_up_neither_wakes_a_worker_nor_troubles_the_mail_server(relay: ScriptedServer) -> None:
    mailing = make_mailing(10)
    run(mailing)
    asked = relay.connections
    assert lifecycle.start_due_mailings(timezone.now()).waiting == ()
    lifecycle.work_on_mailing(mailing.pk)
    assert relay.connections == asked
    assert lifecycle.start_due_mailings(timezone.now() + DAY + timedelta(minutes=1)).waiting == (mailing.pk,)


@needs_commits
def test_two_mailings_share_the_day(relay: ScriptedServer) -> None:
    first = make_mailing(3)
    make_readers_of_another_list()
    second = lifecycle.start_mailing(make_public_issue(), timezone.now())
    assert [run(first)["sent"], run(second)["sent"]] == [3, 1]


@needs_commits
def test_two_workers_at_once_keep_to_the_day_together(relay: ScriptedServer) -> None:
    mailing, barrier = make_mailing(20), threading.Barrier(2)

    def work() -> None:
        barrier.wait()
        worker.deliver(Mailing.objects.get(pk=mailing.pk), TimeBudget())
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert tally(mailing) == {"sent": 4, "pending": 16}


@needs_commits
def test_while_another_process_is_at_it_the_command_sends_nothing_and_says_so(relay: ScriptedServer) -> None:
    mailing, out = make_mailing(10), StringIO()
    with another() as other:
        other.execute("SELECT pg_advisory_lock(%s)", [zlib.crc32(b"ramp")])
        with pytest.raises(SystemExit):
            call_command("send_issue", mailing.issue.slug, stdout=out, stderr=StringIO())
    assert "Another process is at the rest; run this again for those that it leaves." in out.getvalue()
    assert (tally(mailing), relay.connections) == ({"pending": 10}, 0)


@needs_commits
def test_a_killed_process_forgets_nothing_of_what_it_sent(relay: ScriptedServer, settings: Settings) -> None:
    mailing = make_mailing(40)
    settings.MAIL_RAMP = 12
    process = start(mailing.issue, relay, connections=3, MAIL_RAMP="12/day")
    relay.wait_for(messages=6)
    process.kill()
    process.communicate()
    bury(mailing)
    run(mailing)
    counts = tally(mailing)
    assert counts["sent"] + counts.get("uncertain", 0) == 12
    assert len(relay.messages) <= 12


@needs_commits
def test_who_was_refused_takes_nobodys_place(relay: ScriptedServer) -> None:
    relay.script = lambda word, who: "550 no" if (word, who) == ("RCPT", "reader-0001@example.org") else None
    assert run(make_mailing(10)) == {"sent": 4, "failed": 1, "pending": 5}


@needs_commits
def test_what_may_have_arrived_counts(relay: ScriptedServer) -> None:
    relay.script = lambda word, who: DROP if (word, who) == ("BODY", "reader-0001@example.org") else None
    assert run(make_mailing(10)) == {"sent": 3, "uncertain": 1, "pending": 6}


@needs_commits
def test_a_day_without_a_message_was_none(relay: ScriptedServer) -> None:
    mailing = make_mailing(10)
    relay.script = lambda word, _who: "421 not now" if word == "CONNECT" else None
    run(mailing)
    relay.script = lambda _word, _who: None
    with time_machine.travel(timezone.now() + DAY + timedelta(minutes=1)):
        assert run(mailing) == {"sent": 4, "pending": 6}
    assert days() == [(1, 4)]


@needs_commits
def test_once_it_is_past_the_largest_audience_nothing_is_held_back(relay: ScriptedServer) -> None:
    assert run(make_mailing(3)) == {"sent": 3}
    assert run(lifecycle.start_mailing(make_public_issue(), timezone.now())) == {"sent": 3}


@needs_commits
def test_single_mails_are_never_held_back(relay: ScriptedServer, settings: Settings) -> None:
    run(make_mailing(10))
    account_mail.request_mail(
        make_subscriber("new@example.org", state="pending"), AccountMail.Kind.CONFIRM, timezone.now()
    )
    assert account_mail.send_due(timezone.now() + timedelta(seconds=1)) == 1
    assert "new@example.org" in relay.recipients


@needs_commits
def test_the_command_says_what_it_waits_for_and_how_to_go_on(relay: ScriptedServer) -> None:
    mailing, out = make_mailing(10), StringIO()
    with pytest.raises(SystemExit, match="1"):
        call_command("send_issue", mailing.issue.slug, "--json", stdout=out, stderr=StringIO())
    report = json.loads(out.getvalue())
    assert (report["sent_now"], report["pending"]) == (4, 6)
    said = report["problems"][0]["what"]
    assert "Day 1 of the ramp: 4 a day, 4 sent today; goes on by itself tomorrow at " in said
    assert said.endswith("The worker goes on then by itself; without one, run this again.")


@pytest.mark.django_db
@pytest.mark.usefixtures("somewhere")
def test_a_mailing_that_waits_for_days_is_not_too_old() -> None:
    make_readers(10)
    make_public_issue(now=NOON)
    (key,) = lifecycle.start_due_mailings(NOON).started
    day(Mailing.objects.get(), 4, NOON)
    assert lifecycle.start_due_mailings(NOON + timedelta(hours=23)).waiting == ()
    assert lifecycle.start_due_mailings(NOON + 9 * DAY).waiting == (key,)


@pytest.mark.django_db
@pytest.mark.usefixtures("somewhere")
def test_the_next_day_begins_a_day_after_the_first_message_of_this_one() -> None:
    mailing = make_mailing(20)
    day(mailing, 4, TONIGHT)
    assert warmup.current_step(TONIGHT + DAY - timedelta(seconds=1)) == WarmupStep(1, 4, 4, TONIGHT + DAY)
    assert warmup.current_step(TONIGHT + DAY) == WarmupStep(2, 6, 0, TONIGHT + 2 * DAY)


@pytest.mark.django_db
@pytest.mark.usefixtures("somewhere")
def test_a_day_that_was_not_used_up_allows_no_more_than_it_proved() -> None:
    mailing = make_mailing(30)
    day(mailing, 4, NOON)
    day(mailing, 2, NOON + DAY)
    day(mailing, 5, NOON + 2 * DAY)
    warmup.begin_day(NOON + 3 * DAY)
    assert days() == [(1, 4), (2, 6), (3, 6), (4, 7)]


@pytest.mark.django_db
@pytest.mark.usefixtures("somewhere")
def test_another_domain_or_another_mail_server_is_another_sender(settings: Settings) -> None:
    day(make_mailing(20), 4, NOON)
    warmup.begin_day(NOON + DAY)
    for change in ({"DEFAULT_FROM_EMAIL": "news@other.example"}, {"MAIL_SERVER": MailServer("mx.example", 25)}):
        for name, value in change.items():
            setattr(settings, name, value)
        assert warmup.current_step(NOON + DAY) == WarmupStep(1, 4, 0, NOON + 2 * DAY)


@pytest.mark.django_db
@pytest.mark.usefixtures("somewhere")
def test_without_the_setting_there_is_no_ramp(settings: Settings) -> None:
    settings.MAIL_RAMP = 0
    make_mailing(20)
    warmup.begin_day(NOON)
    assert (warmup.current_step(NOON), warmup.has_room(NOON), days()) == (None, True, [])


@pytest.mark.django_db
@pytest.mark.usefixtures("somewhere")
@pytest.mark.parametrize(
    ("audience", "sentence"),
    [
        (10, "goes on by itself tomorrow at 18:30 and ends that day."),
        (11, "goes on by itself tomorrow at 18:30, and takes 2 more days."),
        (30, "goes on by itself tomorrow at 18:30, and takes 3 more days."),
    ],
)
def test_the_page_says_how_many_days_it_takes(audience: int, sentence: str) -> None:
    mailing = make_mailing(audience)
    day(mailing, 4, TONIGHT)
    progress = progress_of(mailing, TONIGHT + timedelta(minutes=1))
    assert progress.waits == (f"Day 1 of the ramp: 4 a day, 4 sent today; {sentence}",)
    assert progress.minutes_left is None


@pytest.mark.django_db
@pytest.mark.usefixtures("somewhere")
def test_the_last_day_has_minutes_left() -> None:
    mailing = make_mailing(8)
    day(mailing, 4, NOON)
    day(mailing, 2, NOON + DAY)
    progress = progress_of(mailing, NOON + DAY)
    assert (progress.waits, progress.minutes_left) == (("Day 2 of the ramp: 6 a day, 2 sent today.",), 1)


@pytest.mark.django_db
@pytest.mark.usefixtures("somewhere")
def test_who_began_before_is_served_before() -> None:
    make_mailing(10)
    second = lifecycle.start_mailing(make_public_issue(), timezone.now())
    warmup.begin_day(TONIGHT)
    assert "takes 3 more days." in progress_of(second, TONIGHT).waits[0]


@pytest.mark.parametrize(("messages", "further"), [(0, 0), (3, 0), (4, 1), (4 + 14, 1), (4 + 15, 2)])
def test_days_are_counted_as_they_grow(messages: int, further: int) -> None:
    assert WarmupStep(number=3, cap=10, sent=7, ends=NOON).days_for(messages) == further


def test_even_one_a_day_grows() -> None:
    assert [warmup.next_cap(cap) for cap in (1, 2, 3, 200)] == [2, 3, 4, 300]
