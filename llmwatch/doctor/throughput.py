"""How long a mailing takes at the rate that the settings allow."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.conf import settings

from core.clock import Clock, Quota
from llmwatch.doctor.finding import Finding, ok, warning
from subscribers.models import Subscriber

_LONG: Final = timedelta(days=1)


def check_throughput(clock: Clock) -> Iterator[Finding]:
    if settings.MAIL_SERVER.host:
        many = Subscriber.objects.mailable().count()
        yield judge_duration(many, settings.MAIL_RATE, settings.MAIL_QUOTA, settings.MAIL_CONNECTIONS)


def judge_duration(many: int, rate: float, quota: Quota | None, connections: int) -> Finding:
    """A mailing to so many, at so many messages a second (0: as fast as they are taken) and so many in a window."""
    if not many:
        return ok("mail.volume", "There is nobody to mail yet.")
    if not rate and quota is None:
        said = f"{many:,} subscribers; {connections} connections send as fast as the mail server takes it."
        return ok("mail.volume", said)
    least = least_time(many, rate, quota)
    said = f"A mailing to {many:,} subscribers takes at least {_words(least)} by MAIL_RATE and MAIL_QUOTA."
    if least > _LONG:
        return warning("mail.volume", said, "Raise them if your mail provider allows more.")
    return ok("mail.volume", said)


def least_time(many: int, rate: float, quota: Quota | None) -> timedelta:
    """Until the last message has left."""
    paced = timedelta(seconds=many / rate) if rate else timedelta()
    windows = max(many - 1, 0) // quota.count if quota else 0
    return max(paced, windows * quota.window if quota else timedelta())


def _words(time: timedelta) -> str:
    minutes = -(-int(time.total_seconds()) // 60)
    if minutes < 120:
        return f"{minutes} minutes" if minutes != 1 else "a minute"
    return f"{minutes // 60:,} hours" if minutes < 48 * 60 else f"{minutes // 1440:,} days"
