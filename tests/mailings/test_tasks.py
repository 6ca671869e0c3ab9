"""What the workers do: a slice of a mailing each, one at a time, harmless when it comes twice or is lost."""

import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from core.mail.servers import MailServer
from llmwatch import tick
from llmwatch.celery import app
from mailings import tasks
from subscribers.models import SendingPermit
from tests.data import ROOT
from tests.mailings.cast import environment_for, make_mailing, needs_commits, tally, use
from tests.servers.smtp_server import ScriptedServer

pytestmark = needs_commits


@pytest.fixture
def relay(settings: Settings) -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        use(server, settings, connections=2)
        yield server


def test_a_slice_delivers_what_is_due(relay: ScriptedServer) -> None:
    mailing = make_mailing(5)
    tasks.send_mailing(mailing.pk)
    assert tally(mailing) == {"sent": 5}


def test_the_same_task_twice_sends_once(relay: ScriptedServer) -> None:
    mailing = make_mailing(5)
    tasks.send_mailing(mailing.pk)
    tasks.send_mailing(mailing.pk)
    assert len(relay.messages) == 5


def test_the_same_task_at_once_keeps_to_the_connections(relay: ScriptedServer) -> None:
    mailing = make_mailing(40)

    def work() -> None:
        tasks.send_mailing(mailing.pk)
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    tasks.send_mailing(mailing.pk)
    assert tally(mailing) == {"sent": 40}
    assert len(relay.messages) == 40


def test_a_task_for_a_mailing_that_is_gone_does_nothing(relay: ScriptedServer) -> None:
    tasks.send_mailing(4711)
    assert relay.connections == 0


def test_a_task_in_a_copied_database_does_nothing(relay: ScriptedServer) -> None:
    mailing = make_mailing(1)
    SendingPermit.objects.all().delete()
    tasks.send_mailing(mailing.pk)
    assert relay.connections == 0


def test_a_paused_mailing_is_left_alone(relay: ScriptedServer) -> None:
    mailing = make_mailing(1)
    mailing.pause()
    tasks.send_mailing(mailing.pk)
    assert relay.connections == 0


def test_without_a_mail_server_a_task_does_nothing(relay: ScriptedServer, settings: Settings) -> None:
    mailing = make_mailing(1)
    settings.MAIL_SERVER = MailServer()
    tasks.send_mailing(mailing.pk)
    assert tally(mailing) == {"pending": 1}


def test_the_clock_hands_out_and_a_worker_delivers(relay: ScriptedServer) -> None:
    mailing = make_mailing(5)
    app.control.purge()
    assert tick.tick(timezone.now()).problems == ()
    command = [sys.executable, "-m", "celery", "-A", "llmwatch.celery", "--quiet", "worker", "--pool", "solo"]
    worker = subprocess.Popen(command, cwd=ROOT, env=environment_for(relay), stderr=subprocess.DEVNULL)
    try:
        relay.wait_for(messages=5, word="QUIT", times=2)
    finally:
        worker.terminate()
        worker.wait(60)
    assert tally(mailing) == {"sent": 5}
