"""A road to arXiv without a database, on which what happens is written down; and a time that only waiting moves on."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Lock

from core.clock import Clock
from papers.arxiv.polite_http import HttpAnswer

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class Time:
    """Tuesday, 24 November 2026, noon, and later."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self.clock = Clock(self.now, self.sleep)
        self._now = NOON
        self._lock = Lock()

    def now(self) -> datetime:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.go_on(seconds)

    def go_on(self, seconds: float) -> None:
        with self._lock:
            self._now += timedelta(seconds=seconds)


class OpenRoad:
    """Nobody waits on it, and nobody else is told of faults. `kept` has the source, the body and the fault of each."""

    def __init__(self, known: HttpAnswer | None = None) -> None:
        self.turns = 0
        self.arrivals = 0
        self.kept: list[tuple[str, bytes, str]] = []
        self.standing = known

    @contextmanager
    def turn(self) -> Iterator[None]:
        self.turns += 1
        yield

    def arrived(self) -> None:
        self.arrivals += 1

    def known(self, address: str) -> HttpAnswer | None:
        return self.standing

    def keep(self, source: str, address: str, answer: HttpAnswer, fault: str) -> None:
        self.kept.append((source, answer.body, fault))
