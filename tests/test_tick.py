"""The one clock: what is due happens once."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from issues.models import Text
from llmwatch import clock, tasks
from llmwatch.lib.models import Trace
from tests.builders import NOON, make_issue

pytestmark = pytest.mark.django_db


def test_tick_publishes_what_is_due_once() -> None:
    issue = make_issue(state="scheduled", publish_at=NOON)
    Text.objects.create(parent=issue, text="Hello.")
    assert clock.tick(NOON).counts == {"published": 1, "mailings_started": 0, "letters": 0}
    assert clock.tick(NOON).counts == {"published": 0, "mailings_started": 0, "letters": 0}


def test_the_command_reports_what_was_done() -> None:
    Text.objects.create(parent=make_issue(state="scheduled", publish_at=NOON), text="Hello.")
    out = StringIO()
    call_command("tick", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {"published": 1, "mailings_started": 0, "letters": 0, "problems": []}


def test_an_issue_that_cannot_be_published_is_a_problem_of_the_report() -> None:
    issue = make_issue(state="scheduled", publish_at=NOON)
    assert [problem.where for problem in clock.tick(NOON).problems] == [issue.slug]


def test_the_task_of_beat_does_the_same() -> None:
    issue = make_issue(state="scheduled", publish_at=NOON)
    Text.objects.create(parent=issue, text="Hello.")
    tasks.tick()
    issue.refresh_from_db()
    assert issue.is_published


def test_beat_calls_the_task_by_its_name() -> None:
    assert tasks.tick.name == "llmwatch.tasks.tick"


def test_a_tick_leaves_a_trace_of_when_it_was() -> None:
    clock.tick(NOON)
    clock.tick(NOON + timedelta(minutes=1))
    assert Trace.objects.get(name="tick").at == NOON + timedelta(minutes=1)
