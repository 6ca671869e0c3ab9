"""Whether whoever asks keeps arXiv's terms: one request at a time, a delay between them, no more after a refusal."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

# Seconds; differences of floats are not exact.
ROUNDING: Final = 1e-6


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
        self.refusals: list[datetime] = []
        self._delay, self._ticks, self._now = delay, ticks, now
        self._on_the_road: dict[int, Callable[[], bool]] = {}
        self._last_start: float | None = None
        self._not_before: datetime | None = None
        self._refused_until: datetime | None = None
        self._last_asker = ""
        self._dead: set[str] = set()
        self._lock = Lock()

    def arrive(self, asker: str = "", has_hung_up: Callable[[], bool] = lambda: False) -> int:
        """Counts a request and judges it; gives its number. Who has hung up is under way no more.

        What a killed process had sent off before is not judged by when it is found in the queue.
        """
        with self._lock:
            self.requests += 1
            if asker in self._dead:
                return self.requests
            start = self._ticks()
            for sentence in self._broken(start):
                self.violations.append(Violation(self.requests, sentence))
            self._last_start, self._last_asker = start, asker
            self._on_the_road[self.requests] = has_hung_up
            return self.requests

    def depart(self, number: int) -> None:
        """To be called before the last byte is sent: with that the other side may ask again."""
        with self._lock:
            self._on_the_road.pop(number, None)

    def told_to_wait(self, seconds: float) -> None:
        with self._lock:
            if self._last_asker not in self._dead:
                self._not_before = self._now() + timedelta(seconds=seconds)

    def told_to_stop(self) -> None:
        """For a day."""
        with self._lock:
            if self._last_asker not in self._dead:
                self.refusals.append(self._now())
                self._refused_until = self._now() + timedelta(days=1)

    def forgive(self) -> None:
        """Forgets a refusal and what was told to wait; what was recorded stays."""
        with self._lock:
            self._refused_until = self._not_before = None

    def died(self, asker: str) -> None:
        """What was told at this very moment to one that has been killed was told to nobody."""
        with self._lock:
            self._dead.add(asker)
            if self._last_asker == asker and self._last_start == self._ticks():
                self._refused_until = self._not_before = None

    def _broken(self, start: float) -> list[str]:
        broken = []
        self._on_the_road = {number: gone for number, gone in self._on_the_road.items() if not gone()}
        if self._on_the_road:
            broken.append("asked while another request was under way")
        if self._last_start is not None and start - self._last_start < self._delay - ROUNDING:
            broken.append(f"asked {start - self._last_start:.3f} s after the last request; {self._delay:g} s are due")
        if self._not_before is not None and self._now() < self._not_before:
            broken.append("asked before the time that Retry-After gave")
        if self._refused_until is not None and self._now() < self._refused_until:
            broken.append("asked although access was refused (HTTP 403)")
        return broken
