"""The demo: the sample issue in a database of its own, mailed to a catcher; web, worker and beat until Ctrl-C."""

import http.client
import secrets
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from core.command_reports import Refused
from issues.models import Issue
from llmwatch.demo import sample
from llmwatch.demo.supervisor import Supervisor
from mailings.models import Mailing
from papers.models import Paper
from subscribers.models import Subscriber

EDITOR_NAME = "editor"
_STARTUP = 60.0  # seconds that the web server may take on a slow machine
CELERY_AS_ROOT = "ignore:You're running the worker with superuser privileges"  # what a container's only user is
OTHER_WORK = (
    "This database holds other work, and the demo touches none of it: give it an empty one (DATABASE_URL), "
    "or unset DATABASE_URL for a private one below var/."
)
_Say = Callable[[str], None]


def prepare_demo(say: _Say) -> str:
    """Migrates and fills an empty database, takes up one that the demo made, and touches no other (Refused).

    Gives the editor's password, "" where it was changed.
    """
    tables = connection.introspection.table_names()
    if "django_migrations" in tables:
        _refuse_another_version()
    elif tables:
        raise Refused(OTHER_WORK)
    else:
        say("Preparing the database ...")
        call_command("migrate", verbosity=0, interactive=False)
    if not Issue.objects.filter(slug=sample.SAMPLE_SLUG).exists():
        if not _is_empty():
            raise Refused(OTHER_WORK)
        say("Loading the sample issue ...")
        sample.load_files()
    return _known_password() if User.objects.exists() else _make_editor()


def _refuse_another_version() -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise Refused("This database was made by another version; run `python manage.py migrate` first.")


def _is_empty() -> bool:
    """Also where an earlier demo was stopped while it loaded: the papers of the sample are no other work."""
    others = Paper.objects.exclude(arxiv_id__in=sample.paper_ids())
    return not (User.objects.exists() or Issue.objects.exists() or Subscriber.objects.exists() or others.exists())


def _password_file() -> Path:
    return settings.BASE_DIR / "var" / "demo-password"


def _make_editor() -> str:
    password = secrets.token_urlsafe(9)
    User.objects.create_superuser(EDITOR_NAME, password=password)
    _password_file().parent.mkdir(exist_ok=True)
    _password_file().write_text(password)
    _password_file().chmod(0o600)
    return password


def _known_password() -> str:
    """The password of an earlier demo, while it still opens the door."""
    editor = User.objects.filter(username=EDITOR_NAME).first()
    with suppress(FileNotFoundError):
        password = _password_file().read_text()
        if editor and editor.check_password(password):
            return password
    return ""


def refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise Refused(f"Port {port} is in use; choose another one: PORT={port + 1} make demo") from None


def serve_demo(port: int, password: str, say: _Say) -> bool:
    """Web, worker, beat and mail catcher until a signal (True) or until one of them ends by itself (False).

    Leaves no process.
    """
    mail_port = _free_port()
    supervisor = Supervisor(_environment(port, mail_port))
    supervisor.catch_signals()
    try:
        _start(supervisor, port, mail_port)
        if _answers(supervisor, port):
            _deliver(supervisor, say)
            say(_banner(port, password))
        ended = supervisor.wait()
    finally:
        supervisor.stop()
    if ended:
        say(f"The {ended} process ended by itself; the demo stops. Its last words stand above.")
    return ended is None


def _environment(port: int, mail_port: int) -> dict[str, str]:
    return {
        "DEBUG": "1",
        "SITE_URL": f"http://127.0.0.1:{port}",
        # Whatever server is set otherwise: the demo mails to nobody.
        "EMAIL_URL": f"smtp://127.0.0.1:{mail_port}",
        "POSTAL_ADDRESS": settings.POSTAL_ADDRESS or "LLM Watch, 1 Example Street, 00000 Exampletown",
        "PYTHONWARNINGS": CELERY_AS_ROOT,
    }


def _start(supervisor: Supervisor, port: int, mail_port: int) -> None:
    schedule = settings.BASE_DIR / "var" / "celerybeat-schedule"
    celery = [sys.executable, "-m", "celery", "-A", "llmwatch.celery", "--quiet"]
    web = ["llmwatch.wsgi", "--bind", f"127.0.0.1:{port}", "--workers", "2", "--log-level", "warning"]
    catcher = ["llmwatch.demo.mail_catcher", str(mail_port), str(settings.OUTBOX_FOLDER)]
    supervisor.start("catcher", [sys.executable, "-m", *catcher])
    supervisor.start("web", [sys.executable, "-m", "gunicorn", *web])
    supervisor.start("worker", [*celery, "worker", "--concurrency", "1", "--loglevel", "WARNING"])
    supervisor.start("beat", [*celery, "beat", "--loglevel", "WARNING", "--schedule", str(schedule)])


def _deliver(supervisor: Supervisor, say: _Say) -> None:
    """The sample issue to its readers, once; where that fails, the report of the command says why."""
    if Mailing.objects.filter(issue__slug=sample.SAMPLE_SLUG, finished_at__isnull=False).exists():
        return
    say("Mailing the sample issue to its readers ...")
    supervisor.run("mailing", [sys.executable, str(settings.BASE_DIR / "manage.py"), "send_issue", sample.SAMPLE_SLUG])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(supervisor: Supervisor, port: int) -> bool:
    deadline = time.monotonic() + _STARTUP
    while time.monotonic() < deadline and not supervisor.stopping and not supervisor.ended():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        with suppress(OSError, http.client.HTTPException):
            connection.request("GET", "/healthz")
            if connection.getresponse().status == 200:
                return True
        connection.close()
        time.sleep(0.1)
    return False


def _banner(port: int, password: str) -> str:
    address = f"http://127.0.0.1:{port}"
    key = f"user {EDITOR_NAME}, password {password}" if password else "with the accounts of this database"
    mail = f"  The mail   {address}/outbox/   (caught here, sent to nobody)\n"
    return f"\n  The site   {address}/\n  The admin  {address}/admin/   ({key})\n{mail}\n  Ctrl-C stops everything.\n"
