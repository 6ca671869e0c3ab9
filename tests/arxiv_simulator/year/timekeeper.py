"""One time for many processes, in which only waiting takes time: it moves on when all of them wait, to the next end.

So a year passes as fast as the work in it is done, and no delay, pause or limit is blurred by how busy the machine is.
Who waits for a lock of the database, held by one that sleeps, waits too. Nobody has to be told of a death: the line
of a process that was killed falls silent, and once its backend is gone as well time goes on without it.
"""

import mmap
import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path
from threading import Condition, Thread
from time import monotonic
from typing import Final

from core.clock import Clock

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
_SHORTEST_LOOK, _LONGEST_LOOK = 0.001, 0.02
_PATIENCE: Final = 300.0
_NUMBER = struct.Struct("<q")

# By the name of a process: whether its backend in the database waits for a lock. Without a backend it is not there.
# May raise what ends the keeping.
Look = Callable[[], Mapping[str, bool]]


def _number(moment: datetime) -> int:
    return (moment - EPOCH) // MICROSECOND


class Timekeeper:
    """Time stands while fewer than `crew` processes are connected.

    `passing` is called with each moment that time goes on to, while everybody waits; `look` tells who waits for a lock.
    """

    def __init__(self, folder: Path, start: datetime, crew: int) -> None:
        self.folder, self.crew = folder, crew
        self.passing: Callable[[datetime], None] = lambda _: None
        self.look: Look = dict
        self._start = self._now = _number(start)
        self.left: set[str] = set()
        self._until: dict[str, int | None] = {}
        self._silent: set[str] = set()
        self._change = Condition()
        self._ended = False
        (folder / "time").write_bytes(_NUMBER.pack(self._now))
        with (folder / "time").open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), _NUMBER.size)
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / "line"))
        self._listener.listen()

    def now(self) -> datetime:
        return EPOCH + self._now * MICROSECOND

    def seconds(self) -> float:
        """Since the start."""
        return (self._now - self._start) / 1_000_000

    @contextmanager
    def keeping(self) -> Iterator[None]:
        thread = Thread(target=self._listen, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.end()
            self._listener.shutdown(socket.SHUT_RDWR)
            thread.join()
            self._listener.close()

    def end(self) -> None:
        """Nobody who sleeps wakes up any more."""
        with self._change:
            self._ended = True
            self._change.notify_all()

    def run(self, until: datetime) -> None:
        """Keeps the time to this moment. Whoever sleeps longer is still asleep then."""
        end = _number(until)
        while self._now < end:
            following = self._next_end()
            self.passing(EPOCH + min(following, end) * MICROSECOND)
            with self._change:
                self._now = min(following, end)
                self._shared[:] = _NUMBER.pack(self._now)
                self._change.notify_all()

    def _next_end(self) -> int:
        """When the next sleep ends; returns as soon as nobody does anything."""
        pause, begin = _SHORTEST_LOOK, monotonic()
        while monotonic() - begin < _PATIENCE:
            with self._change:
                busy = {name for name, until in self._until.items() if until is None or until <= self._now}
                ends = [until for until in self._until.values() if until is not None]
                complete = len(self._until) >= self.crew and ends
                if complete and not busy and not self._silent:
                    return min(ends)
                self._change.wait(pause)
            pause = min(pause * 2, _LONGEST_LOOK)
            if self._all_wait(busy) and complete:
                return min(ends)
        raise RuntimeError(f"nothing has moved for {_PATIENCE:.0f} s: {self._until}, gone {self._silent}")

    def _all_wait(self, busy: set[str]) -> bool:
        backends = self.look()
        with self._change:
            self._silent &= backends.keys()
            same = busy == {name for name, until in self._until.items() if until is None or until <= self._now}
            return same and not self._silent and all(backends.get(name, False) for name in busy)

    def _listen(self) -> None:
        while not self._ended:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            Thread(target=self._serve, args=(line,), daemon=True).start()

    def _serve(self, line: socket.socket) -> None:
        with line, line.makefile("rb") as said:
            name = said.readline().decode().strip()
            self._set(name, None)
            line.sendall(b"\n")
            try:
                for wait in said:
                    if not self._sleep(name, int(wait)):
                        return
                    line.sendall(b"\n")
            except ConnectionError:
                pass
            finally:
                self._leave(name)

    def _sleep(self, name: str, wait: int) -> bool:
        """Whether time went on to the end of this sleep; else the keeping has ended."""
        with self._change:
            until = self._until[name] = self._now + wait
            self._change.notify_all()
            self._change.wait_for(lambda: self._ended or self._now >= until)
            self._until[name] = None
            return not self._ended

    def _set(self, name: str, until: int | None) -> None:
        with self._change:
            self._until[name] = until
            self._change.notify_all()

    def _leave(self, name: str) -> None:
        with self._change:
            del self._until[name]
            self.left.add(name)
            self._silent.add(name)
            self._change.notify_all()


@contextmanager
def joined(folder: Path, name: str) -> Iterator[Clock]:
    """The clock of a process of this name; its sleeps end the process where the keeper has gone."""
    with (folder / "time").open("rb") as file:
        shared = mmap.mmap(file.fileno(), _NUMBER.size, access=mmap.ACCESS_READ)
    with shared, socket.socket(socket.AF_UNIX) as line:
        line.connect(str(folder / "line"))

        def tell(words: str) -> None:
            line.sendall(f"{words}\n".encode())
            if not line.recv(1):
                raise SystemExit(f"{name}: nobody keeps the time any more")

        tell(name)
        yield Clock(
            now=lambda: EPOCH + _NUMBER.unpack(shared[:])[0] * MICROSECOND,
            sleep=lambda seconds: tell(str(ceil(max(seconds, 0.0) * 1_000_000))),
        )
