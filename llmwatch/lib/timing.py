"""Time as a value: what asks for the hour, or waits, is given a clock, so that a year can be lived through in minutes."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Clock:
    """`now` gives aware UTC; `sleep` waits for seconds of the same time."""

    now: Callable[[], datetime] = _now
    sleep: Callable[[float], None] = time.sleep


REAL: Final = Clock()
