"""A share in one running server: the first to come starts it, the last to leave stops it."""

import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import time
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

from llmwatch.devservers import keeper
from llmwatch.devservers.errors import EmbeddedError
from llmwatch.devservers.keeper import ServerOrders

_WAIT = 180.0  # seconds for another process to finish its start or stop


class Lease:
    """A shared flock on the server's lease file. A forked child has no share: its parent's is enough for both."""

    def __init__(self, orders: ServerOrders, handle: int) -> None:
        self.orders = orders
        self._handle: int | None = handle
        _held.add(self)

    def leave(self) -> None:
        """Give the share back; the last one waits until the server is gone. Safe twice."""
        if self._handle is None:
            return
        try:
            with _gate(self.orders):
                self.drop()
                _stop_when_unused(self.orders)
        except FileNotFoundError:  # somebody removed the folder; the keeper sees the free lease and stops the server
            self.drop()

    def drop(self) -> None:
        """Close the handle and nothing else: an unlock in a forked child would take the lock from its parent."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)


_held: "weakref.WeakSet[Lease]" = weakref.WeakSet()


def _drop_in_child() -> None:
    for lease in list(_held):
        lease.drop()


os.register_at_fork(after_in_child=_drop_in_child)


def take_lease(orders: ServerOrders, prepare: Callable[[], None]) -> Lease:
    """Attach to the server or start it, after `prepare` has made what it needs. Raises EmbeddedError."""
    with _gate(orders):
        handle = keeper.take_lock(orders.path("lease"), fcntl.LOCK_SH)
        if handle is None:
            raise EmbeddedError(f"{orders.path('lease')} is locked by a process that is not ours; end it.")
        try:
            _ensure(orders, prepare)
        except BaseException:
            os.close(handle)
            _stop_when_unused(orders)
            raise
        return Lease(orders, handle)


@contextlib.contextmanager
def _gate(orders: ServerOrders) -> Iterator[None]:
    """Alone while starting or stopping."""
    handle = _wait_for(orders.path("gate"))
    try:
        yield
    finally:
        os.close(handle)


def _wait_for(gate: str) -> int:
    deadline = time.monotonic() + _WAIT
    try:
        while (handle := keeper.take_lock(gate, fcntl.LOCK_EX)) is None:
            if time.monotonic() > deadline:
                raise EmbeddedError(f"Another process has held {gate} for {_WAIT:.0f} seconds; end it.")
            time.sleep(0.02)
    except PermissionError as error:
        raise EmbeddedError(f"{gate} belongs to another user: run this as that user, or set DATABASE_URL.") from error
    return handle


def _ensure(orders: ServerOrders, prepare: Callable[[], None]) -> None:
    with _keeper_file(orders) as file:
        kept = file is not None and not _take_over(file)
    alive = keeper.find_listener(orders.socket) is not None
    if kept and alive:
        return
    if kept:
        _stop(orders)  # its server has just died and it has not seen so yet
    if not alive:
        prepare()
    _start_keeper(orders)


def _start_keeper(orders: ServerOrders) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(Path(keeper.__file__).resolve())],
        input=orders.dump(),
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
        cwd="/",
        start_new_session=True,
    )
    if done.returncode != 0:
        raise EmbeddedError(done.stderr.strip())


def _stop_when_unused(orders: ServerOrders) -> None:
    last = keeper.take_lock(orders.path("lease"), fcntl.LOCK_EX)
    if last is not None:
        _stop(orders)
        os.close(last)


def _stop(orders: ServerOrders) -> None:
    """Stop the server through its keeper or, where a kill -9 took that, ourselves; come back when it is gone."""
    with _keeper_file(orders) as file:
        if file is not None and not _take_over(file):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(os.pread(file, 20, 0)), signal.SIGTERM)
            fcntl.flock(file, fcntl.LOCK_EX)  # the keeper holds it to its end
            return
    if keeper.find_listener(orders.socket) is not None:
        keeper.RunningServer(orders).stop()
    keeper.throw_away(orders)


@contextlib.contextmanager
def _keeper_file(orders: ServerOrders) -> Iterator[int | None]:
    """The file that the keeper locks for as long as it lives and writes its process id to."""
    try:
        handle = os.open(orders.path("keeper"), os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        yield None
        return
    try:
        yield handle
    finally:
        os.close(handle)


def _take_over(file: int) -> bool:
    """Whether no keeper lives. To be asked behind the gate only."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
