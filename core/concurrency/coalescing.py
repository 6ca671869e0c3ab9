"""Threads that ask for the same work at the same moment are served by one doing of it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

_Asked = TypeVar("_Asked")
_Answer = TypeVar("_Answer")


class Coalescer(Generic[_Asked, _Answer]):
    """`work` takes what was asked meanwhile and gives an answer for each, in the same order; never two at once.

    Nobody is waited for: who asks while nothing is being done is served at once and alone.
    """

    def __init__(self, work: Callable[[Sequence[_Asked]], Sequence[_Answer]]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._waiting: list[_Turn[_Asked, _Answer]] = []
        self._is_busy = False

    @property
    def waiting(self) -> int:
        """How many have asked and are not served yet."""
        return len(self._waiting)

    def ask(self, what: _Asked) -> _Answer:
        """The answer, when it is there. Raises what the work raised, in all whom it concerned."""
        turn: _Turn[_Asked, _Answer] = _Turn(what)
        with self._lock:
            self._waiting.append(turn)
            leads, self._is_busy = not self._is_busy, True
        if not leads:
            turn.wait()
        if not turn.is_over:
            self._serve()  # those who wait by now, ourselves among them
        return turn.answer()

    def _serve(self) -> None:
        with self._lock:
            turns, self._waiting = self._waiting, []
        try:
            for turn, answer in zip(turns, self._work([turn.what for turn in turns]), strict=True):
                turn.answers.append(answer)
        except BaseException as error:
            for turn in turns:
                turn.error = error
            raise
        finally:
            self._pass_on(turns)

    def _pass_on(self, turns: list[_Turn[_Asked, _Answer]]) -> None:
        """The work is free for the first of those who came meanwhile; then all who were served go their ways."""
        with self._lock:
            following = self._waiting[:1]
            self._is_busy = bool(following)
        for turn in turns:
            turn.is_over = True
        for turn in [*following, *turns]:
            turn.wake()


class _Turn(Generic[_Asked, _Answer]):
    """One who asked."""

    def __init__(self, what: _Asked) -> None:
        self.what = what
        self.answers: list[_Answer] = []
        self.error: BaseException | None = None
        self.is_over = False
        self._sleeping = threading.Lock()
        self._sleeping.acquire()

    def wait(self) -> None:
        """Until it is over, or this one shall serve all who wait."""
        self._sleeping.acquire()

    def wake(self) -> None:
        self._sleeping.release()

    def answer(self) -> _Answer:
        if self.error is not None:
            raise self.error
        return self.answers[0]
