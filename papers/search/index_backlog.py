"""The words of papers that a bulk load left unread are made searchable, some at a time, while all else goes on."""

from __future__ import annotations

import time
from typing import Final

from django.db import transaction

from core.clock import REAL_CLOCK, Clock
from papers.models import Paper
from papers.watches import matching

A_BATCH: Final = 2_000
_SLICE: Final = 40.0  # seconds that a worker stays with it before it looks at its other tasks


@transaction.atomic
def read_some(*, clock: Clock = REAL_CLOCK) -> int:
    """How many papers became searchable; watches look at them. Two at once take different ones, and wait for nobody."""
    waiting = Paper.objects.unsearchable().order_by("pk").select_for_update(skip_locked=True)
    keys = list(waiting.values_list("pk", flat=True)[:A_BATCH])
    done = Paper.objects.filter(pk__in=keys).update(searchable=True)
    matching.match_papers(keys, clock=clock)
    return done


def index_backlog(seconds: float = _SLICE) -> int:
    """Until all are searchable, or the time is over."""
    deadline, done = time.monotonic() + seconds, 0
    while time.monotonic() < deadline and (some := read_some()):
        done += some
    return done
