"""Do the clocks agree? Schedules, sign-in links and Retry-After rest on it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from core.clock import Clock
from llmwatch.doctor.finding import Finding, error, ok, warning

_CLOSE: Final = timedelta(seconds=5)
_FAR: Final = timedelta(minutes=1)
_MEND: Final = "Set the time by NTP (systemd-timesyncd, chrony) on both machines."


def check_clocks(clock: Clock) -> Iterator[Finding]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        yield judge_clock("clock", "the database", cursor.fetchone()[0], clock.now())


def judge_clock(name: str, whose: str, theirs: datetime, ours: datetime) -> Finding:
    distance = abs(theirs - ours)
    if distance <= _CLOSE:
        return ok(name, f"This machine and {whose} agree.")
    said = f"This machine and {whose} are {distance.total_seconds():,.0f} seconds apart."
    return error(name, said, _MEND) if distance > _FAR else warning(name, said, _MEND)
