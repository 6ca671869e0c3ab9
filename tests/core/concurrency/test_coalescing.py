"""Work that is done for many at once: each gets an answer of its own, and nobody is left waiting."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.concurrency.coalescing import Coalescer


class Desk:
    """Doubles numbers; does nothing for the first of them before so many others wait."""

    def __init__(self, others: int) -> None:
        self.together = Coalescer(self.work)
        self.served: list[Sequence[int]] = []
        self._others = others

    def work(self, numbers: Sequence[int]) -> list[int]:
        while not self.served and self.together.waiting < self._others:
            threading.Event().wait(0.01)
        self.served.append(numbers)
        if 13 in numbers:
            raise ZeroDivisionError("13")
        return [2 * number for number in numbers]


def test_who_asks_alone_is_served_alone() -> None:
    desk = Desk(0)
    assert [desk.together.ask(1), desk.together.ask(2)] == [2, 4]
    assert desk.served == [[1], [2]]


def test_who_comes_meanwhile_is_served_together() -> None:
    desk = Desk(5)
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(desk.together.ask, range(6))) == [0, 2, 4, 6, 8, 10]
    assert sorted(map(len, desk.served)) == [1, 5]


def test_nobody_waits_for_ever_however_many_ask() -> None:
    desk = Desk(0)
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(desk.together.ask, range(20, 2_000))) == list(range(40, 4_000, 2))


def test_what_goes_wrong_is_raised_in_all_whom_it_concerns_and_in_nobody_else() -> None:
    desk = Desk(2)
    with ThreadPoolExecutor(3) as pool:
        first, *others = [pool.submit(desk.together.ask, number) for number in (13, 13, 13)]
        failed = [future.exception() for future in (first, *others)]
    assert [type(error) for error in failed] == [ZeroDivisionError] * 3
    assert desk.together.ask(1) == 2


def test_the_next_turn_is_free_after_an_error() -> None:
    desk = Desk(0)
    with pytest.raises(ZeroDivisionError):
        desk.together.ask(13)
    assert desk.together.ask(4) == 8
