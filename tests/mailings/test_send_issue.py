"""`send_issue` as an operator runs it: real processes, killed where it hurts, and what the next run makes of it."""

import email
import json
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from email.message import Message
from io import StringIO

import pytest
from django.core.management import call_command
from pytest_django import Settings

from core.command_reports import Refused
from core.concurrency.time_budget import TimeBudget
from core.mail.servers import MailServer
from issues.models import Issue, Text
from mailings.engine import worker
from mailings.models import Delivery, Mailing
from subscribers.models import SendingPermit, Subscriber
from tests.builders import make_issue
from tests.data import ROOT
from tests.mailings.cast import bury, environment_for, make_public_issue, make_readers, needs_commits, tally, use
from tests.servers.smtp_server import SILENCE, ScriptedServer

TOKEN = re.compile(r"/me/([A-Za-z0-9_-]{32})/")
WORD = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9_-]{32}(?![A-Za-z0-9_-])")  # whatever could be a token
STATES = "pending sending sent deferred failed suppressed cancelled uncertain".split()


@pytest.fixture
def relay(settings: Settings) -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        use(server, settings, connections=4)
        yield server


def send_issue(issue: Issue, *options: str) -> dict[str, int]:
    """In this process; the report, proven to add up."""
    out = StringIO()
    call_command("send_issue", issue.slug, "--json", *options, stdout=out, stderr=StringIO())
    return added_up(out.getvalue())


def added_up(text: str) -> dict[str, int]:
    report = json.loads(text.splitlines()[-1])
    assert sum(report[state] for state in STATES) == report["audience"]
    return {key: value for key, value in report.items() if value}


def start(issue: Issue, relay: ScriptedServer, connections: int = 4, **more: str) -> "subprocess.Popen[str]":
    """In a process of its own, on the database of this test."""
    command = [sys.executable, "manage.py", "send_issue", issue.slug, "--json"]
    pipe, environment = subprocess.PIPE, environment_for(relay, connections=connections) | more
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True)


def make_written_issue() -> Issue:
    issue = make_issue()
    Text.objects.create(parent=issue, text="Hello, readers.")
    return issue


def public_issue(readers: int) -> Issue:
    SendingPermit.objects.arm()
    make_readers(readers)
    return make_public_issue()


def bodies(message: bytes) -> tuple[Message, str, str]:
    parsed = email.message_from_bytes(message)
    assert [part.get_content_type() for part in parsed.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    plain, html = (part.get_payload(decode=True) for part in parsed.walk() if not part.is_multipart())
    assert isinstance(plain, bytes)
    assert isinstance(html, bytes)
    return parsed, plain.decode(), html.decode()


@needs_commits
def test_a_thousand_readers_get_one_message_each_with_their_own_token_and_no_other(relay: ScriptedServer) -> None:
    issue = public_issue(1000)
    assert send_issue(issue) == {"audience": 1000, "sent": 1000, "sent_now": 1000}
    tokens = dict(Subscriber.objects.values_list("email", "token"))
    everyones = set(tokens.values())
    assert Counter(message.recipient for message in relay.messages) == dict.fromkeys(tokens, 1)
    for message in relay.messages:
        parsed, plain, html = bodies(message.data)
        own = {tokens[message.recipient]}
        assert set(TOKEN.findall(plain)) == set(TOKEN.findall(html)) == own
        assert set(TOKEN.findall(parsed["List-Unsubscribe"])) == own
        assert parsed["To"] == f"<{message.recipient}>"
        assert set(WORD.findall(message.data.decode("ascii") + plain + html)) & everyones == own
    assert send_issue(issue) == {"audience": 1000, "sent": 1000}
    assert len(relay.messages) == 1000


@needs_commits
def test_killed_in_the_middle_and_run_again_nobody_is_missed_and_nobody_doubled(relay: ScriptedServer) -> None:
    issue = public_issue(150)
    process = start(issue, relay)
    relay.wait_for(messages=40)
    process.kill()
    process.communicate()
    killed = tally(Mailing.objects.get())
    assert killed["pending"] > 0
    assert killed.get("sending", 0) <= 4
    bury(Mailing.objects.get())
    report, code = finish(start(issue, relay))
    assert (report["sent"] + report.get("uncertain", 0), code) == (150, 1 if "uncertain" in report else 0)
    assert report.get("uncertain", 0) <= 4
    assert_everybody_is_accounted_for(relay)


def finish(process: "subprocess.Popen[str]") -> tuple[dict[str, int], int]:
    out, errors = process.communicate(timeout=120)
    assert out, errors
    return added_up(out), process.returncode


def assert_everybody_is_accounted_for(relay: ScriptedServer) -> None:
    """Nobody got two; whoever got none is shown as uncertain."""
    got = Counter(message.recipient for message in relay.messages)
    uncertain = set(Delivery.objects.filter(state="uncertain").values_list("subscriber__email", flat=True))
    assert max(got.values()) == 1
    assert set(Subscriber.objects.values_list("email", flat=True)) - set(got) <= uncertain
    assert set(Delivery.objects.filter(state="sent").values_list("subscriber__email", flat=True)) <= set(got)


@needs_commits
@pytest.mark.parametrize("word", ["EHLO", "MAIL", "RCPT", "DATA", "BODY"])
def test_killed_at_any_step_of_the_protocol_at_most_one_is_uncertain(relay: ScriptedServer, word: str) -> None:
    issue = public_issue(6)
    times = 1 if word == "EHLO" else 4
    heard = "DATA" if word == "BODY" else word
    relay.script = lambda said, _who: SILENCE if said == word and relay.words.count(heard) == times else None
    process = start(issue, relay, connections=1)
    relay.wait_for(word=heard, times=times)
    process.kill()
    process.communicate()
    relay.script = lambda _said, _who: None
    mailing = Mailing.objects.get()
    bury(mailing)
    worker.deliver(mailing, TimeBudget())
    # Nobody is claimed before the connection stands.
    assert tally(mailing) == ({"sent": 6} if word == "EHLO" else {"sent": 5, "uncertain": 1})
    assert_everybody_is_accounted_for(relay)


@needs_commits
def test_two_processes_at_once_send_everything_once(relay: ScriptedServer) -> None:
    issue = public_issue(120)
    reports = [finish(process) for process in [start(issue, relay), start(issue, relay)]]
    assert [code for _report, code in reports] == [0, 0]
    assert sum(report.get("sent_now", 0) for report, _code in reports) >= 120
    assert tally(Mailing.objects.get()) == {"sent": 120}
    assert sorted(Counter(relay.recipients).values()) == [1] * 120


@needs_commits
def test_ctrl_c_ends_it_between_two_messages(relay: ScriptedServer) -> None:
    issue = public_issue(150)
    process = start(issue, relay)
    relay.wait_for(messages=20)
    process.send_signal(signal.SIGINT)
    report, code = finish(process)
    assert (code, report["problems"][0]["what"].startswith("Stopped")) == (1, True)  # type: ignore[index]
    assert tally(Mailing.objects.get()) == {"sent": len(relay.messages), "pending": 150 - len(relay.messages)}


@needs_commits
def test_a_rehearsal_writes_and_sends_nothing(relay: ScriptedServer) -> None:
    issue = public_issue(3)
    assert send_issue(issue, "--dry-run") == {"audience": 3, "pending": 3}
    assert not Mailing.objects.exists()
    assert relay.connections == 0


@needs_commits
@pytest.mark.parametrize("options", [[], ["--dry-run"]])
def test_what_is_wrong_with_the_mail_is_said_and_stops_nothing(
    relay: ScriptedServer, settings: Settings, options: list[str]
) -> None:
    settings.POSTAL_ADDRESS, errors = "", StringIO()
    call_command("send_issue", public_issue(1).slug, *options, stdout=StringIO(), stderr=errors)
    assert "POSTAL_ADDRESS is not set" in errors.getvalue()
    assert len(relay.messages) == (0 if options else 1)


@pytest.mark.django_db
def test_a_rehearsal_says_what_lets_no_mail_leave(settings: Settings) -> None:
    settings.MAIL_SERVER, errors = MailServer(), StringIO()
    call_command("send_issue", make_public_issue().slug, "--dry-run", stdout=StringIO(), stderr=errors)
    assert "set EMAIL_URL" in errors.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize(("options", "said"), [([], True), (["--no-mail"], False)])
def test_publishing_with_mail_says_what_is_wrong_with_it(settings: Settings, options: list[str], said: bool) -> None:
    settings.POSTAL_ADDRESS, errors = "", StringIO()
    call_command("publish_issue", make_written_issue().slug, *options, stdout=StringIO(), stderr=errors)
    assert ("POSTAL_ADDRESS is not set" in errors.getvalue()) is said


@needs_commits
def test_a_refused_recipient_is_named_and_the_exit_code_is_1(relay: ScriptedServer) -> None:
    issue = public_issue(2)
    relay.script = lambda word, who: "550 5.1.1 no" if (word, who) == ("RCPT", "reader-0000@example.org") else None
    out = StringIO()
    with pytest.raises(SystemExit, match="1"):
        call_command("send_issue", issue.slug, stdout=out, stderr=StringIO())
    assert "problem: reader-0000@example.org: 550 5.1.1 no" in out.getvalue()


@pytest.mark.django_db
def test_without_a_mail_server_it_is_refused(settings: Settings) -> None:
    settings.MAIL_SERVER = MailServer()
    with pytest.raises(Refused, match="set EMAIL_URL"):
        call_command("send_issue", make_public_issue().slug)
    assert not Mailing.objects.exists()


@pytest.mark.django_db
def test_a_draft_is_refused(settings: Settings) -> None:
    settings.MAIL_SERVER = MailServer("127.0.0.1", 9)
    with pytest.raises(Refused, match="is draft"):
        call_command("send_issue", make_issue().slug)
