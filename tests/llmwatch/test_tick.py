"""The one clock: what is due happens once."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from core.models import LastRun
from issues.models import Text
from llmwatch import tasks, tick
from papers.arxiv.polite_http import HttpAnswer
from papers.ingest import response_archive
from papers.models import ArxivResponse, Watch
from subscribers.models import SendingPermit
from tests.builders import NOON, make_issue
from tests.servers.outbox import Outbox

pytestmark = pytest.mark.django_db


def test_tick_publishes_what_is_due_once() -> None:
    issue = make_issue(state="scheduled", publish_at=NOON)
    Text.objects.create(parent=issue, text="Hello.")
    assert [count for count in tick.tick(NOON).counts.items() if count[1]] == [("published", 1)]
    assert not any(tick.tick(NOON).counts.values())


def test_tick_forgets_old_answers_of_arxiv() -> None:
    response_archive.store_response(
        "rss", "https://rss.arxiv.org/rss/cs.CL", HttpAnswer(200, b"<rss/>"), "", NOON - timedelta(days=31)
    )
    tick.tick(NOON)
    assert not ArxivResponse.objects.exists()


def test_the_command_reports_what_was_done() -> None:
    Text.objects.create(parent=make_issue(state="scheduled", publish_at=NOON), text="Hello.")
    out = StringIO()
    call_command("tick", "--json", stdout=out)
    report = json.loads(out.getvalue())
    assert (report["published"], report["alarms_told"], report["problems"]) == (1, 0, [])


def test_an_issue_that_cannot_be_published_is_a_problem_of_the_report() -> None:
    issue = make_issue(state="scheduled", publish_at=NOON)
    assert [problem.where for problem in tick.tick(NOON).problems] == [issue.slug]


def test_the_task_of_beat_does_the_same() -> None:
    issue = make_issue(state="scheduled", publish_at=NOON)
    Text.objects.create(parent=issue, text="Hello.")
    tasks.tick()
    issue.refresh_from_db()
    assert issue.is_published


def test_beat_calls_the_task_by_its_name() -> None:
    assert tasks.tick.name == "llmwatch.tasks.tick"


def test_a_tick_leaves_a_trace_of_when_it_was() -> None:
    tick.tick(NOON)
    tick.tick(NOON + timedelta(minutes=1))
    assert LastRun.objects.get(name="tick").at == NOON + timedelta(minutes=1)


def test_silence_is_noticed_and_the_editors_are_told_once(outbox: Outbox) -> None:
    SendingPermit.objects.arm()
    User.objects.create_superuser("owner", "owner@example.org", "a password for tests")
    Watch.objects.create(name="Agents", slug="agents", categories=["cs.CL"], created=NOON - timedelta(days=30))
    assert tick.tick(NOON).counts["alarms_told"] == 1
    assert tick.tick(NOON + timedelta(hours=2)).counts["alarms_told"] == 0
    assert "cs.CL since Monday 25 August" in outbox[0].body
    assert len(outbox) == 1
