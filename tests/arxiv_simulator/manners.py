"""Whether whoever asks keeps arXiv's terms: one request at a time, a delay between them, no more after a refusal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock


@dataclass(frozen=True, slots=True)
class Violation:
    """`request` is the number of the request that broke a rule, from 1."""

    request: int
    sentence: str


class Manners:
    """`delay` in seconds between the starts of two requests, by `ticks`; what was told to wait, by the clock."""

    def __init__(self, delay: float, ticks: Callable[[], float], now: Callable[[], datetime]) -> None:
        self.violations: list[Violation] = []
        self.requests = 0
        self._delay, self._ticks, self._now = delay, ticks, now
        self._on_the_road: set[int] = set()
        self._last_start: float | None = None
        self._not_before: datetime | None = None
        self._refused = False
        self._lock = Lock()

    def arrive(self) -> int:
        """Counts a request and judges it; gives its number."""
        with self._lock:
            self.requests += 1
            start = self._ticks()
            for sentence in self._broken(start):
                self.violations.append(Violation(self.requests, sentence))
            self._last_start = start
            self._on_the_road.add(self.requests)
            return self.requests

    def depart(self, number: int) -> None:
        """To be called before the last byte is sent: with that the other side may ask again."""
        with self._lock:
            self._on_the_road.discard(number)

    def told_to_wait(self, seconds: float) -> None:
        with self._lock:
            self._not_before = self._now() + timedelta(seconds=seconds)

    def told_to_stop(self) -> None:
        with self._lock:
            self._refused = True

    def forgive(self) -> None:
        """Forgets a refusal (a day has passed, say) and what was told to wait; what was recorded stays."""
        with self._lock:
            self._refused, self._not_before = False, None

    def _broken(self, start: float) -> list[str]:
        broken = []
        if self._on_the_road:
            broken.append("asked while another request was under way")
        if self._last_start is not None and start - self._last_start < self._delay:
            broken.append(f"asked {start - self._last_start:.3f} s after the last request; {self._delay:g} s are due")
        if self._not_before is not None and self._now() < self._not_before:
            broken.append("asked before the time that Retry-After gave")
        if self._refused:
            broken.append("asked although access was refused (HTTP 403)")
        return broken
