"""`make demo` as a stranger runs it: a copy of the sources with nothing beside them, and a real process."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import dj_database_url
import httpx
import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from psycopg import sql

from core.command_reports import Refused
from issues.models import Issue
from llmwatch.demo import demo, sample
from papers.models import Paper
from tests.builders import make_editor, make_issue, make_paper
from tests.data import ROOT
from tests.llmwatch.demo.test_supervisor import alive, eventually
from tests.servers.nginx import free_port


def clean_environment() -> dict[str, str]:
    """As on a fresh machine: none of our variables is set."""
    ours = {
        "DATABASE_URL",
        "REDIS_URL",
        "SECRET_KEY",
        "ADDRESS_KEY",
        "SITE_URL",
        "ALLOWED_HOSTS",
        "PAGE_CACHE",
        "MEDIA_ROOT",
    }
    return {name: value for name, value in os.environ.items() if name not in ours} | {"DEBUG": "1"}


@dataclass
class Run:
    """One run of the demo, until Ctrl-C."""

    folder: Path
    port: int = field(default_factory=free_port)
    said: str = ""

    def __post_init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--port", str(self.port)],
            cwd=self.folder,
            env=clean_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if "Ctrl-C" in line:
                return
        pytest.fail(f"the demo did not start: {self.said}{self.process.communicate()[1]}")

    @property
    def password(self) -> str:
        return str(re.findall(r"password ([\w-]+)\)", self.said)[0])

    def descendants(self) -> dict[int, str]:
        """Process ids and commands of all that it started."""
        listed = subprocess.run(["ps", "axwwo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
        rows = [line.split(None, 2) for line in listed.splitlines()[1:]]
        family = {self.process.pid}
        while more := {int(pid) for pid, parent, _ in rows if int(parent) in family} - family:
            family |= more
        return {int(pid): command for pid, _, command in rows if int(pid) in family - {self.process.pid}}

    def stop(self, number: int) -> int:
        self.process.send_signal(number)
        self.process.communicate()
        return self.process.returncode


@contextmanager
def clone() -> Iterator[Path]:
    """A folder with what a clone holds, that the user of the servers can get to."""
    folder = Path(tempfile.mkdtemp(prefix="llmwatch-demo-", dir="/tmp"))
    folder.chmod(0o755)
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(listed, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines():
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    """A demo that runs."""
    with clone() as folder:
        running = Run(folder)
        yield running
        running.stop(signal.SIGINT)


@pytest.fixture(scope="module")
def checkout() -> Iterator[Path]:
    """A clone in which demos are started and stopped."""
    with clone() as folder:
        yield folder


def get(run: Run, path: str) -> httpx.Response:
    return httpx.get(f"http://127.0.0.1:{run.port}{path}", follow_redirects=True, trust_env=False, timeout=30)


def test_demo_says_where_everything_is(run: Run) -> None:
    assert f"http://127.0.0.1:{run.port}/\n" in run.said
    assert f"http://127.0.0.1:{run.port}/admin/" in run.said
    assert f"user {demo.EDITOR_NAME}, password" in run.said


def test_site_shows_the_sample_issue_with_its_picture(run: Run) -> None:
    assert "Eight Papers That Gave the Language Model Its Shape" in get(run, "/").text
    page = get(run, f"/p/{sample.SAMPLE_SLUG}/")
    assert page.status_code == 200
    picture = re.findall(r'src="(/media/figures/[^"]+)"', page.text)[0]
    assert get(run, picture).headers["Content-Type"] == "image/png"


def test_style_sheets_of_the_site_are_there(run: Run) -> None:
    sheets = re.findall(r'href="(/static/[^"]+\.css)"', get(run, "/").text)
    assert sheets
    assert {get(run, sheet).status_code for sheet in sheets} == {200}


def test_sample_issue_was_mailed_to_its_readers_and_is_shown_as_caught(run: Run) -> None:
    page = get(run, "/outbox/").text
    assert all(f"reader-{number}@example.org" in page for number in range(1, sample.SAMPLE_READERS + 1))
    assert len(list((run.folder / "var" / "outbox").glob("*.eml"))) == sample.SAMPLE_READERS


def test_printed_password_opens_the_admin(run: Run) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{run.port}", trust_env=False, timeout=30) as browser:
        token = re.findall(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get("/admin/login/").text)[0]
        form = {"username": demo.EDITOR_NAME, "password": run.password, "csrfmiddlewaretoken": token, "next": "/admin/"}
        answer = browser.post("/admin/login/", data=form)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")


def test_worker_and_clock_run_beside_the_site(run: Run) -> None:
    commands = " ".join(run.descendants().values())
    assert "llmwatch.demo.mail_catcher" in commands
    assert all(
        part in commands for part in ("gunicorn llmwatch.wsgi", "llmwatch.celery --quiet worker", "--quiet beat")
    )


def test_second_demo_of_the_same_checkout_says_that_the_port_is_taken(run: Run) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "demo", "--port", str(run.port)],
        cwd=run.folder, env=clean_environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert f"Port {run.port} is in use; choose another one: PORT={run.port + 1} make demo" in done.stderr


def test_stopped_demo_leaves_no_process_and_starts_again_with_its_data(checkout: Path) -> None:
    first = Run(checkout)
    assert processes_left_by(first, signal.SIGINT) == []
    second = Run(checkout)
    assert "Loading" not in second.said
    assert "Mailing" not in second.said
    assert second.password == first.password
    assert processes_left_by(second, signal.SIGTERM) == []


def processes_left_by(run: Run, number: int) -> list[str]:
    started = run.descendants()
    assert len(started) >= 3
    assert run.stop(number) == 0
    return [command for pid, command in started.items() if alive(pid)] + servers_of(run.folder)


def test_killed_demo_leaves_no_process(checkout: Path) -> None:
    killed = Run(checkout)
    started = killed.descendants()
    killed.stop(signal.SIGKILL)
    assert eventually(lambda: not any(alive(pid) for pid in started))
    assert eventually(lambda: servers_of(checkout) == [])


def servers_of(folder: Path) -> list[str]:
    """PostgreSQL and Valkey of this checkout."""
    listed = subprocess.run(["ps", "axwwo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(folder) in line]


@pytest.mark.django_db
def test_database_with_other_work_is_refused_and_untouched() -> None:
    make_issue(), make_paper()
    with pytest.raises(Refused, match="This database holds other work"):
        demo.prepare_demo(print)
    assert (Issue.objects.count(), Paper.objects.count()) == (1, 1)


@pytest.mark.django_db
def test_database_with_nothing_but_an_account_is_refused() -> None:
    make_editor("somebody")
    with pytest.raises(Refused, match="This database holds other work"):
        demo.prepare_demo(print)


@pytest.mark.django_db
def test_database_that_a_stopped_demo_left_half_full_is_filled() -> None:
    make_paper(sample.paper_ids()[0])
    assert demo._is_empty()


def test_database_of_another_program_is_refused_and_untouched(foreign: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "demo", "--port", str(free_port())],
        cwd=ROOT, env=clean_environment() | {"DATABASE_URL": foreign, "REDIS_URL": settings.REDIS_URL},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "This database holds other work" in done.stderr
    with connect(foreign) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert tables == [("precious",)]


@pytest.fixture
def foreign() -> Iterator[str]:
    """A database beside ours with somebody's table."""
    ours = os.environ["DATABASE_URL"]
    url = re.sub(r"/[^/]*$", "/foreign", ours)
    with connect(ours) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier("foreign")))
        with connect(url) as other:
            other.execute("CREATE TABLE precious AS SELECT 1 AS number")
        yield url
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier("foreign")))


def connect(url: str) -> psycopg.Connection[tuple[object, ...]]:
    to = dj_database_url.parse(url)
    return psycopg.connect(
        host=to["HOST"], port=to["PORT"], user=to["USER"], password=to["PASSWORD"], dbname=to["NAME"], autocommit=True
    )


def test_taken_port_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(Refused, match=f"Port {port} is in use"):
            demo.refuse_taken_port(port)


def test_demo_is_refused_outside_debug() -> None:
    with pytest.raises(Refused, match="set DEBUG=1 or use `make demo`"):
        call_command("demo")
