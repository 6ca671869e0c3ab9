"""Does the broker answer, does a worker, and does somebody wind the clock?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from core.alarms import TICK_ALARMS, latest_alarm
from core.clock import Clock
from core.models import Alarm, LastRun
from llmwatch import health
from llmwatch.celery import app
from llmwatch.doctor.finding import Finding, error, ok

MAX_WAIT: Final = 2.0  # seconds for the workers to answer
_LATE: Final = timedelta(minutes=5)
_BEAT: Final = "Start celery -A llmwatch beat, or run manage.py tick each minute by cron."

_JOB: Final = "Look for tick.job_failed in the log. The job is tried again each minute; the others go on."


def check_broker(clock: Clock) -> Iterator[Finding]:
    if not health.broker_answers():
        yield error("broker", "It does not answer.", "Start Redis or Valkey, or mend REDIS_URL.")
        return
    yield ok("broker", "It answers.")
    yield judge_workers(len(app.control.ping(timeout=MAX_WAIT) or ()))


def last_tick(clock: Clock) -> Iterator[Finding]:
    trace = LastRun.objects.filter(name="tick").first()
    yield judge_beat(trace.at if trace else None, clock.now())
    if alarm := latest_alarm(TICK_ALARMS):
        yield judge_job(alarm)


def judge_workers(many: int) -> Finding:
    if not many:
        return error("worker", "No worker answers, so mail and pulls wait.", "Start celery -A llmwatch worker.")
    return ok("worker", f"{many} answer." if many > 1 else "One answers.")


def judge_beat(last: datetime | None, now: datetime) -> Finding:
    if last is None:
        return error("beat", "The clock has never ticked: nothing is published, mailed or pulled by itself.", _BEAT)
    if now - last > _LATE:
        return error("beat", f"The clock ticked last at {last:%Y-%m-%d %H:%M} UTC.", _BEAT)
    return ok("beat", f"The clock ticked at {last:%H:%M:%S} UTC.")


def judge_job(last_failure: Alarm) -> Finding:
    """About the job of the clock that failed last."""
    if last_failure.lowered is None:
        return error("beat.jobs", last_failure.sentence, _JOB)
    name = last_failure.key.removeprefix(TICK_ALARMS)
    return ok("beat.jobs", f"All jobs work; {name} failed last, until {last_failure.lowered:%Y-%m-%d %H:%M} UTC.")
