"""Lanes: one row in PostgreSQL paces all processes and survives crashes; one at a time is on the road."""

import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from llmwatch.lib.models import Lane


@contextmanager
def turn(name: str, delay: float, *, sleep: Callable[[float], None] = time.sleep) -> Iterator[None]:
    """Waits for this lane to be free and for `delay` seconds since its last start; alone on it until the block ends.

    The start is committed before the block runs, so that a crash does not shorten the wait of the next process;
    the session lock falls with the connection, so that a crash does not lengthen it either.
    """
    key = zlib.crc32(f"lane:{name}".encode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [key])
    try:
        _take_start(name, delay, sleep)
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])


def reserve(name: str, delay: float) -> float:
    """Takes the next start on a lane where many travel at once; gives the seconds until then.

    Whoever does not start then after all delays the others by one start, no more.
    """
    Lane.objects.get_or_create(name=name)
    with transaction.atomic():
        lane = Lane.objects.select_for_update().get(name=name)
        now = timezone.now()
        start = max(lane.next_start, now)
        lane.next_start = start + timedelta(seconds=delay)
        lane.save(update_fields=["next_start"])
    return (start - now).total_seconds()


def _take_start(name: str, delay: float, sleep: Callable[[float], None]) -> None:
    Lane.objects.get_or_create(name=name)
    with transaction.atomic():
        lane = Lane.objects.select_for_update().get(name=name)
        wait = (lane.next_start - timezone.now()).total_seconds()
        if wait > 0:
            sleep(min(wait, delay))
        lane.next_start = timezone.now() + timedelta(seconds=delay)
        lane.save(update_fields=["next_start"])
