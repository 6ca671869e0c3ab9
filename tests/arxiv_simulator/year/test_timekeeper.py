"""Time that passes only while everybody waits."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread

import pytest

from core.clock import Clock
from tests.arxiv_simulator.year.timekeeper import Timekeeper, joined

NOON = datetime(2025, 10, 14, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def keeper() -> Iterator[Timekeeper]:
    with TemporaryDirectory(prefix="time-") as folder:
        keeper = Timekeeper(Path(folder), NOON, crew=2)
        with keeper.keeping():
            yield keeper


@contextmanager
def process(keeper: Timekeeper, name: str, *waits: float) -> Iterator[list[datetime]]:
    """Sleeps one wait after the other and notes the time after each; then sleeps for long."""
    times: list[datetime] = []
    with joined(keeper.folder, name) as clock:
        thread = Thread(target=sleep, args=(clock, waits, times))
        thread.start()
        yield times
        thread.join()


def sleep(clock: Clock, waits: tuple[float, ...], times: list[datetime]) -> None:
    for wait in waits:
        clock.sleep(wait)
        times.append(clock.now())
    with pytest.raises(SystemExit, match="nobody keeps the time any more"):
        clock.sleep(1e9)


def seconds(times: list[datetime]) -> list[float]:
    return [(time - NOON).total_seconds() for time in times]


def test_time_goes_on_to_the_end_of_each_sleep(keeper: Timekeeper) -> None:
    with process(keeper, "one", 3, 4.5) as one, process(keeper, "other", 5) as other:
        keeper.run(NOON + HOUR)
        keeper.end()
    assert (seconds(one), seconds(other)) == ([3, 7.5], [5])
    assert (keeper.now(), keeper.seconds()) == (NOON + HOUR, 3_600)


def test_every_moment_that_time_goes_on_to_is_told(keeper: Timekeeper) -> None:
    passed: list[datetime] = []
    keeper.passing = passed.append
    with process(keeper, "one", 3), process(keeper, "other", 5):
        keeper.run(NOON + HOUR)
        keeper.end()
    assert seconds(passed) == [3, 5, 3_600]


def test_who_waits_for_a_lock_holds_nobody_up(keeper: Timekeeper) -> None:
    keeper.look = lambda: {"other": True, "one": False}
    with joined(keeper.folder, "other"), process(keeper, "one", 3) as one:
        keeper.run(NOON + HOUR)
        keeper.end()
    assert seconds(one) == [3]


def test_what_looking_raises_ends_the_keeping(keeper: Timekeeper) -> None:
    def look() -> dict[str, bool]:
        raise ValueError("somebody has fallen")

    keeper.look = look
    with joined(keeper.folder, "one"), pytest.raises(ValueError, match="somebody has fallen"):
        keeper.run(NOON + HOUR)
