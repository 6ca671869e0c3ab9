"""Account mails leave in a job of their own: by a worker, and without one by a process that the clock starts."""

import json
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO

import pytest
import redis
from django.core.management import call_command
from django.utils import timezone
from kombu import Connection
from kombu.pools import producers

from core.concurrency.advisory_locks import lock_key
from core.models import LastRun
from llmwatch import tick
from llmwatch.celery import app
from subscribers import account_mail, tasks
from subscribers.models import AccountMail, SendingPermit
from tests.builders import NOON, make_subscriber
from tests.connections import another
from tests.mailings.cast import environment_for, needs_commits
from tests.servers.outbox import Outbox
from tests.servers.smtp_server import PATIENCE, SILENCE, ScriptedServer

MINUTE = timedelta(minutes=1)


def request_confirmation(now: datetime) -> AccountMail:
    SendingPermit.objects.arm()
    requested = account_mail.request_mail(make_subscriber(state="pending"), AccountMail.Kind.CONFIRM, now)
    assert requested is not None
    return requested


@pytest.fixture
def no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = producers[Connection("redis+socket:///nonexistent/valkey.sock")]
    monkeypatch.setattr(app.amqp, "_producer_pool", nowhere)


def wait_for_the_process() -> None:
    """Until whoever sends account mails has done so."""
    with another() as watcher:
        watcher.execute("SELECT pg_advisory_lock(%s)", [lock_key(tasks.SENDER_LOCK)])


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ScriptedServer]:
    """A mail server that processes of their own use, on the database of this test."""
    with ScriptedServer() as server:
        for name, value in environment_for(server).items():
            monkeypatch.setenv(name, value)
        yield server


@needs_commits
def test_without_a_broker_a_process_sends_them(server: ScriptedServer, no_broker: None) -> None:
    requested = request_confirmation(timezone.now())
    report = tick.tick(timezone.now())
    assert (report.counts["letters"], report.problems) == (1, ())
    server.wait_for(messages=1, word="QUIT", times=1)
    wait_for_the_process()
    requested.refresh_from_db()
    assert requested.state == AccountMail.State.SENT


@needs_commits
def test_a_mail_server_that_says_nothing_holds_up_no_job(server: ScriptedServer, no_broker: None) -> None:
    connected = threading.Event()

    def fall_silent(word: str, recipient: str) -> str:
        connected.set()
        return SILENCE

    server.script = fall_silent
    request_confirmation(timezone.now())
    assert tick.tick(timezone.now()).problems == ()
    assert connected.wait(PATIENCE)
    second = tick.tick(timezone.now())
    assert (second.counts["letters"], second.problems) == (0, ())
    assert LastRun.objects.filter(name="tick").exists()
    assert server.connections == 1
    server.end_silence()
    wait_for_the_process()


@needs_commits
def test_what_no_worker_has_taken_up_a_process_sends_at_the_next_tick(
    server: ScriptedServer, queue: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    request_confirmation(timezone.now())
    tasks.dispatch_account_mail(timezone.now())
    assert started(caplog) == 0
    tasks.dispatch_account_mail(timezone.now())
    assert started(caplog) == 1
    server.wait_for(messages=1, word="QUIT", times=1)
    wait_for_the_process()


def started(caplog: pytest.LogCaptureFixture) -> int:
    return sum(record.message.startswith("account_mail.process_started") for record in caplog.records)


@pytest.mark.django_db
def test_while_a_worker_takes_them_up_no_process_is_started(
    outbox: Outbox, queue: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    for minute in range(3):
        request_confirmation(timezone.now())
        assert tasks.dispatch_account_mail(timezone.now()) == 1
        tasks.send_due_account_mail()
        assert len(outbox) == minute + 1
    assert started(caplog) == 0


@pytest.mark.django_db
def test_a_database_that_is_not_armed_asks_nobody_to_send(queue: redis.Redis) -> None:
    request_confirmation(NOON)
    SendingPermit.objects.all().delete()
    queue.delete("celery")
    assert tasks.dispatch_account_mail(NOON) == 0
    assert queue.llen("celery") == 0


@pytest.mark.django_db
def test_nothing_is_sent_while_another_process_sends(outbox: Outbox, queue: redis.Redis) -> None:
    request_confirmation(timezone.now())
    with another() as sender:
        sender.execute("SELECT pg_advisory_lock(%s)", [lock_key(tasks.SENDER_LOCK)])
        assert tasks.dispatch_account_mail(timezone.now()) == 0
        assert tasks.send_waiting_mail(timezone.now()) == 0
    assert len(outbox) == 0


@pytest.mark.django_db
def test_the_command_reports_how_many_were_sent_and_is_safe_twice(outbox: Outbox) -> None:
    request_confirmation(timezone.now())
    assert [report_of_the_command(), report_of_the_command()] == [1, 0]
    assert len(outbox) == 1


def report_of_the_command() -> int:
    out = StringIO()
    call_command("send_account_mail", "--json", stdout=out)
    sent: int = json.loads(out.getvalue())["sent"]
    return sent


@pytest.mark.django_db
def test_old_ones_are_forgotten_also_where_none_is_due() -> None:
    request_confirmation(NOON)
    tasks.dispatch_account_mail(NOON + timedelta(days=31))
    assert not AccountMail.objects.exists()
