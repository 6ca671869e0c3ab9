"""The jobs of the clock: one that fails is named, and stops no other."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client

from core.clock import Clock
from core.command_reports import Report
from core.models import Alarm, LastRun
from issues.models import Issue
from llmwatch import tick
from llmwatch.doctor import broker
from llmwatch.tick import TICK_JOBS, Job
from subscribers.models import SendingPermit
from tests.builders import NOON, make_issue
from tests.connections import another
from tests.servers.outbox import Outbox

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
AT_NOON = Clock(now=lambda: NOON, sleep=lambda seconds: None)


def fail(now: datetime) -> Report:
    raise RuntimeError("It is broken")


def recorded(ran: list[str], job: Job) -> Job:
    """The real job, which also says that it ran."""

    def run(now: datetime) -> Report:
        ran.append(job.name)
        return job.run(now)

    return replace(job, run=run)


def failing(*names: str) -> tuple[Job, ...]:
    """The real jobs; those with these names fail."""
    return tuple(replace(job, run=fail) if job.name in names else job for job in TICK_JOBS)


def standing() -> list[str]:
    return [alarm.key for alarm in Alarm.objects.standing().filter(key__startswith="tick.").order_by("key")]


def failed_jobs(report: Report) -> list[str]:
    return [problem.where for problem in report.problems]


@pytest.mark.parametrize("name", [job.name for job in TICK_JOBS])
def test_a_job_that_fails_is_named_and_all_others_run(name: str) -> None:
    ran: list[str] = []
    report = tick.tick(NOON, [job if job.name == name else recorded(ran, job) for job in failing(name)])
    assert ran == [job.name for job in TICK_JOBS if job.name != name]
    assert failed_jobs(report) == [name]
    assert standing() == [f"tick.{name}"]
    assert LastRun.objects.get(name="tick").at == NOON


def test_all_jobs_may_fail_at_once() -> None:
    names = [job.name for job in TICK_JOBS]
    assert failed_jobs(tick.tick(NOON, failing(*names))) == names
    assert standing() == sorted(f"tick.{name}" for name in names)


def test_all_jobs_that_failed_work_again() -> None:
    tick.tick(NOON, failing(*[job.name for job in TICK_JOBS]))
    assert tick.tick(NOON + MINUTE).problems == ()
    assert standing() == []


def test_the_names_of_the_jobs_differ() -> None:
    assert len({job.name for job in TICK_JOBS}) == len(TICK_JOBS)


def test_the_alarm_of_a_job_keeps_its_first_time() -> None:
    tick.tick(NOON, failing("settle_clicks"))
    tick.tick(NOON + MINUTE, failing("settle_clicks"))
    assert Alarm.objects.get(key="tick.settle_clicks").raised == NOON


def test_the_editors_are_told_once_of_a_job_that_fails(outbox: Outbox) -> None:
    SendingPermit.objects.arm()
    User.objects.create_superuser("owner", "owner@example.org", "a password for tests")
    told = [tick.tick(NOON + hour * 60 * MINUTE, failing("settle_clicks")).counts["alarms_told"] for hour in range(4)]
    assert told == [0, 1, 0, 0]
    assert "settle_clicks" in outbox[0].body


def test_the_log_has_the_name_the_seconds_and_the_error(caplog: pytest.LogCaptureFixture) -> None:
    tick.tick(NOON, failing("settle_clicks"))
    [record] = [record for record in caplog.records if record.message.startswith("tick.job_failed")]
    assert record.message.startswith("tick.job_failed job=settle_clicks seconds=")
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == "It is broken"


def test_what_a_job_did_before_it_failed_stays() -> None:
    def write_and_fail(now: datetime) -> Report:
        make_issue(title="It stays")
        return fail(now)

    tick.tick(NOON, [Job("writes", write_and_fail)])
    assert Issue.objects.filter(title="It stays").exists()


@contextmanager
def missing(table: str) -> Iterator[None]:
    """This table has another name until the block ends."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO elsewhere")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER TABLE elsewhere RENAME TO {table}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("table", ["core_alarm", "mailings_mailing", "subscribers_signuprequest"])
def test_the_command_ends_with_1_and_names_the_job_whose_table_is_broken(table: str) -> None:
    jobs = {
        "core_alarm": "mail_alarms",
        "mailings_mailing": "mail_issues",
        "subscribers_signuprequest": "process_signups",
    }
    out = StringIO()
    with missing(table), pytest.raises(SystemExit) as ended:
        call_command("tick", "--json", stdout=out)
    assert ended.value.code == 1
    assert jobs[table] in [problem["where"] for problem in json.loads(out.getvalue())["problems"]]
    assert LastRun.objects.filter(name="tick").exists()


def kill_our_connection(now: datetime) -> Report:
    """As a restart of the database does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    with another() as killer:
        killer.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])
    return Report({"published": Alarm.objects.count()})


def leave_a_failed_transaction(now: datetime) -> Report:
    connection.set_autocommit(False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 / 0")
    return Report({})


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("broken", [kill_our_connection, leave_a_failed_transaction])
def test_a_job_that_breaks_the_connection_leaves_the_next_a_good_one(broken: Callable[[datetime], Report]) -> None:
    issue = make_issue(state="draft")
    found: list[int] = []

    def look(now: datetime) -> Report:
        found.append(type(issue).objects.count())
        return Report({})

    report = tick.tick(NOON, [Job("breaks", broken), Job("looks", look)])
    assert found == [1]
    assert failed_jobs(report) == ["breaks"]
    assert standing() == ["tick.breaks"]


@pytest.mark.django_db(transaction=True)
def test_a_tick_without_a_database_names_each_job_and_ends() -> None:
    names = [job.name for job in TICK_JOBS]
    there = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict["HOST"] = "/nonexistent"
    try:
        report = tick.tick(NOON)
    finally:
        connection.settings_dict["HOST"] = there
    assert set(failed_jobs(report)) >= {"publish_issues", "mail_issues", "tick"}
    assert set(failed_jobs(report)) <= {*names, "tick"}


def test_ready_names_the_jobs_that_fail_the_last_one_first(client: Client) -> None:
    tick.tick(NOON, failing("publish_issues"))
    tick.tick(NOON + MINUTE, failing("publish_issues", "settle_clicks"))
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.content.decode().splitlines() == [
        "ok",
        f"job settle_clicks fails since {NOON + MINUTE:%Y-%m-%d %H:%M} UTC",
        f"job publish_issues fails since {NOON:%Y-%m-%d %H:%M} UTC",
    ]


def about_jobs(jobs: Sequence[Job]) -> list[tuple[str, bool]]:
    tick.tick(NOON, jobs)
    return [(str(each.level), "settle_clicks" in each.sentence) for each in broker.last_tick(AT_NOON)][1:]


def test_the_doctor_says_which_job_failed_last_also_when_it_works_again() -> None:
    assert about_jobs(TICK_JOBS) == []
    assert about_jobs(failing("settle_clicks")) == [("error", True)]
    assert about_jobs(TICK_JOBS) == [("ok", True)]
