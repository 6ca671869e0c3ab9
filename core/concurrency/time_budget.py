"""How long a run may go on."""

from __future__ import annotations

import threading
import time


class TimeBudget:
    """Until the run is told to stop, or its seconds are over. Shared by all threads of the run."""

    def __init__(self, seconds: float = float("inf")) -> None:
        self._over = threading.Event()
        self._deadline = time.monotonic() + seconds

    def stop(self) -> None:
        """What is on its way is finished, nothing further is begun. Safe in a signal handler."""
        self._over.set()

    @property
    def is_stopped(self) -> bool:
        return self._over.is_set()

    def goes_on(self) -> bool:
        return not self._over.is_set() and time.monotonic() < self._deadline

    @property
    def seconds_left(self) -> float:
        return self._deadline - time.monotonic()

    def wait(self, seconds: float) -> None:
        self._over.wait(seconds)
