"""Alarms: what went wrong in silence stands where a person looks, once for each cause."""

from __future__ import annotations

import logging
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from django.db.models import F, Max
from django.utils import timezone

from core.models import Alarm

log = logging.getLogger(__name__)

TICK_ALARMS: Final = "tick."  # the key of the alarm that a job of the clock raises is this and the job's name
STILL_KNOWN: Final = timedelta(days=1)  # an alarm that comes again so soon is not mailed again


def raise_alarm(key: str, sentence: str, *, now: datetime | None = None) -> None:
    """Stands until it is lowered; raised again it keeps its first time, and what it says is brought up to date."""
    now = now or timezone.now()
    alarm = Alarm(key=key, sentence=sentence, raised=now, told=_told_lately(key, now))
    if not Alarm.objects.standing().filter(key=key).exists():
        Alarm.objects.bulk_create([alarm], ignore_conflicts=True)
        log.warning("alarm.raised key=%s", key)
    Alarm.objects.standing().filter(key=key).exclude(sentence=sentence).update(sentence=sentence)


def lower_alarm(key: str, *, now: datetime | None = None) -> None:
    """Its cause has ended; nothing happens where it does not stand."""
    if Alarm.objects.standing().filter(key=key).update(lowered=now or timezone.now()):
        log.info("alarm.lowered key=%s", key)


def lower_others(prefix: str, keys: Collection[str], *, now: datetime | None = None) -> None:
    """The causes under this prefix that are not among `keys` have ended."""
    others = Alarm.objects.standing().filter(key__startswith=prefix).exclude(key__in=keys)
    if lowered := others.update(lowered=now or timezone.now()):
        log.info("alarm.lowered prefix=%s alarms=%d", prefix, lowered)


def latest_alarm(prefix: str) -> Alarm | None:
    """The newest under this prefix, one that stands before those that were lowered; None where there never was one."""
    alarms = Alarm.objects.filter(key__startswith=prefix)
    return alarms.order_by(F("lowered").desc(nulls_first=True), "-raised", "-pk").first()


def settle_alarm(key: int, now: datetime) -> bool:
    """A person puts it away, by its primary key: it is not seen again until its cause has ended and comes again."""
    return Alarm.objects.open().filter(pk=key).update(settled=now) == 1


def _told_lately(key: str, now: datetime) -> datetime | None:
    known = Alarm.objects.filter(key=key, lowered__gt=now - STILL_KNOWN)
    told: datetime | None = known.aggregate(last=Max("told"))["last"]
    return told
