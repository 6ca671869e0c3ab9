"""A copy of the database, however it was made, sends nothing until a person arms it."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from mailings import lifecycle
from mailings.models import Mailing
from subscribers.models import SendingPermit
from subscribers.models.sending_permit import identity_of_the_database
from tests.data import ROOT
from tests.mailings.cast import database_url, environment_for, make_public_issue, make_readers, needs_commits, use
from tests.servers.smtp_server import ScriptedServer

pytestmark = needs_commits
COPY = "copy_of_the_tests"


@pytest.fixture
def relay(settings: Settings) -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        use(server, settings)
        yield server


@pytest.fixture
def copy() -> Iterator[str]:
    """A copy of this database while it holds one issue that waits to be mailed, and one half-way through."""
    SendingPermit.objects.arm()
    make_readers(3)
    lifecycle.start_mailing(make_public_issue(slug="half-way"), timezone.now())
    make_public_issue(slug="waiting")
    name = str(connection.settings_dict["NAME"])
    connection.close()
    with psycopg.connect(database_url("postgres"), autocommit=True) as server:
        # The server of the browser tests may still hold a connection, and a template must have none.
        server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        server.execute(f"CREATE DATABASE {COPY} TEMPLATE {name}".encode())
        yield COPY
        server.execute(f"DROP DATABASE {COPY} WITH (FORCE)".encode())


def manage(relay: ScriptedServer, database: str, *command: str) -> "subprocess.CompletedProcess[str]":
    environment = environment_for(relay, database=database)
    line = [sys.executable, "manage.py", *command]
    return subprocess.run(line, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("ticks", [1, pytest.param(2, marks=pytest.mark.soak)])
def test_a_copy_mails_nothing_however_often_the_clock_ticks_until_it_is_armed(
    relay: ScriptedServer, copy: str, ticks: int
) -> None:
    for _ in range(ticks):
        ticked = manage(relay, copy, "tick", "--json")
        report = json.loads(ticked.stdout)
        assert (ticked.returncode, report["mailings_started"]) == (1, 0)
        assert [problem["where"] for problem in report["problems"]] == ["waiting", "half-way"]
    refused = manage(relay, copy, "send_issue", "half-way")
    assert (refused.returncode, "manage.py arm" in refused.stderr) == (2, True)
    assert (relay.connections, relay.messages) == (0, [])
    assert manage(relay, copy, "arm").returncode == 0
    assert manage(relay, copy, "send_issue", "half-way").returncode == 0
    assert len(relay.messages) == 3


def test_the_original_stays_armed(relay: ScriptedServer, copy: str) -> None:
    assert SendingPermit.objects.is_armed()
    assert len(lifecycle.start_due_mailings(timezone.now()).started) == 1


def restore_in_place(name: str) -> None:
    dump, load = shutil.which("pg_dump"), shutil.which("psql")
    if not dump or not load:
        pytest.skip("pg_dump and psql are missing: apt-get install postgresql-client")
    url = database_url(name)
    dumped = subprocess.run([dump, "--clean", "--if-exists", url], capture_output=True, text=True, check=False)
    if "server version mismatch" in dumped.stderr:
        pytest.skip("pg_dump is older than the server: apt-get install a newer postgresql-client")
    assert dumped.returncode == 0, dumped.stderr
    loading = [load, "--quiet", "--set=ON_ERROR_STOP=1", url]
    subprocess.run(loading, input=dumped.stdout, text=True, check=True, stdout=subprocess.DEVNULL)


def test_a_restore_in_place_disarms_too() -> None:
    SendingPermit.objects.arm()
    before = identity_of_the_database()
    connection.close()
    restore_in_place(str(connection.settings_dict["NAME"]))
    assert identity_of_the_database() != before
    assert not SendingPermit.objects.is_armed()
    assert SendingPermit.objects.filter(identity=before).exists()
    assert not Mailing.objects.exists()
