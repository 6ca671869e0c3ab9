"""Time as a value: whatever asks for the hour, or waits, is given a clock, so that tests live a year in minutes."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """`now` gives aware UTC; `sleep` waits for seconds of the same time."""

    now: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = time.sleep


REAL_CLOCK: Final = Clock()


@dataclass(frozen=True, slots=True)
class Quota:
    """So many in a window of time, which opens with the first of them."""

    count: int
    window: timedelta
