"""What `tick` does: whatever the database says is due. Safe twice at once; the next tick makes up for a lost one.

It is a list of jobs. A job that fails is named, raises an alarm of its own, and stops no other; what it had committed
stays.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db import Error as DatabaseError
from django.db import connection
from django.utils.translation import gettext as _

import issues.tasks
import mailings.tasks
import papers.tasks
import subscribers.tasks
from core.alarms import TICK_ALARMS, lower_alarm, raise_alarm
from core.command_reports import Problem, Report
from core.models import Alarm, LastRun
from issues.editorial.publish import publish_due
from llmwatch import alarm_mail, mail_alarms
from mailings import lifecycle
from mailings.bounces import process, refusals
from mailings.stats import clicks
from papers.ingest import response_archive
from papers.monitoring import feed_alarms
from subscribers import sign_up

log = logging.getLogger(__name__)

_COUNTS: Final = ("published", "mailings_started", "letters", "mail_events", "alarms_told")


@dataclass(frozen=True, slots=True)
class Job:
    """Something that a tick does; its report may count only what _COUNTS names."""

    name: str
    run: Callable[[datetime], Report]

    @property
    def alarm_key(self) -> str:
        return TICK_ALARMS + self.name


def tick(now: datetime, jobs: Sequence[Job] | None = None) -> Report:
    """Runs each job, in order; the jobs that failed are problems of the report."""
    jobs = TICK_JOBS if jobs is None else jobs
    counts: Counter[str] = Counter(dict.fromkeys(_COUNTS, 0))
    problems: list[Problem] = []
    failed: set[str] = set()
    for job in jobs:
        report, failure = _run(job, now)
        counts.update(report.counts)
        problems += report.problems
        if failure:
            failed.add(job.name)
            problems.append(failure)
    problems += _leave_trace(now, [job for job in jobs if job.name not in failed])
    if problems or any(counts.values()):
        log.info("tick %s problems=%d", " ".join(f"{name}={n}" for name, n in counts.items()), len(problems))
    return Report(dict(counts), tuple(problems))


def _run(job: Job, now: datetime) -> tuple[Report, Problem | None]:
    began = time.monotonic()
    try:
        return job.run(now), None
    # Whatever goes wrong in one job, the jobs behind it must still run: nobody else calls them.
    except Exception as error:
        log.exception("tick.job_failed job=%s seconds=%.1f", job.name, time.monotonic() - began)
        failure = f"{type(error).__name__}: {error}"
    _replace_connection()
    said = _("The job “%(job)s” of the clock failed: %(failure)s") % {"job": job.name, "failure": failure}
    try:
        raise_alarm(job.alarm_key, said, now=now)
    except DatabaseError as error:
        log.warning("tick.no_alarm job=%s error=%s", job.name, error)
        _replace_connection()
    return Report({}), Problem(job.name, said)


def _replace_connection() -> None:
    """Where it broke, or a job left a transaction open in it. A transaction of our caller is the caller's to end."""
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()


def _leave_trace(now: datetime, worked: Sequence[Job]) -> tuple[Problem, ...]:
    """Writes down that the clock has ticked, and lowers the alarms of jobs that work again."""
    try:
        LastRun.objects.leave("tick", now)
        keys = {job.alarm_key for job in worked}
        standing = Alarm.objects.standing().filter(key__startswith=TICK_ALARMS).values_list("key", flat=True)
        for key in keys.intersection(standing):
            lower_alarm(key, now=now)
    except DatabaseError as error:
        log.warning("tick.no_trace error=%s", error)
        _replace_connection()
        return (Problem("tick", _("The database does not answer: %s") % error),)
    return ()


def _quietly(run: Callable[[datetime], object]) -> Callable[[datetime], Report]:
    """As a job that has nothing to report."""

    def report(now: datetime) -> Report:
        run(now)
        return Report({})

    return report


def _counting(name: str, run: Callable[[datetime], int]) -> Callable[[datetime], Report]:
    """As a job that reports one number."""
    return lambda now: Report({name: run(now)})


def _dispatching(dispatch_due: Callable[[datetime], tuple[Problem, ...]]) -> Callable[[datetime], Report]:
    """As a job that hands work to the workers."""
    return lambda now: Report({}, tuple(dispatch_due(now)))


def _publish(now: datetime) -> Report:
    published = publish_due(now)
    return Report({"published": len(published.issues)}, tuple(published.problems))


def _mail_issues(now: datetime) -> Report:
    mail = lifecycle.start_due_mailings(now)
    problems = (*mail.problems, *mailings.tasks.dispatch_mailings(mail.waiting))
    return Report({"mailings_started": len(mail.started)}, problems)


# What watches over the rest is first: a job that hangs must not keep the alarms from being told.
TICK_JOBS: Final[tuple[Job, ...]] = (
    Job("check_feeds", _quietly(feed_alarms.check_feeds)),
    Job("check_mail", _quietly(mail_alarms.check_mail)),
    Job("mail_alarms", _counting("alarms_told", alarm_mail.mail_alarms)),
    Job("publish_issues", _publish),
    Job("mail_issues", _mail_issues),
    Job("dispatch_papers", _dispatching(papers.tasks.dispatch_due)),
    Job("dispatch_links", _dispatching(issues.tasks.dispatch_due)),
    Job("dispatch_mailbox", _dispatching(mailings.tasks.dispatch_mailbox)),
    Job("dispatch_imports", _dispatching(subscribers.tasks.dispatch_imports)),
    Job("process_signups", _quietly(sign_up.process_due_requests)),
    Job("dispatch_account_mail", _counting("letters", subscribers.tasks.dispatch_account_mail)),
    Job("delete_old_responses", _quietly(response_archive.delete_old_responses)),
    Job("forget_old_events", _quietly(process.forget_old_events)),
    Job("settle_clicks", _quietly(clicks.settle_clicks)),
    Job("receive_refusals", _counting("mail_events", refusals.receive_refused_account_mails)),
    Job("process_mail_events", _counting("mail_events", process.process_waiting)),
)
