"""The process that starts one server, waits until its last user has left, and stops it.

It is run as a file of its own (`python -I -S keeper.py`, its orders as JSON on stdin) and imports nothing but
the standard library: it starts in milliseconds and outlives whoever started it, whatever happens to that process.
"""

import contextlib
import fcntl
import json
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import time
from dataclasses import asdict, dataclass

LOOK_AFTER = 1.0  # seconds between two looks at the lease: what a kill -9 of the last user costs at most
START_WITHIN = 90.0  # seconds, a recovery after a crash included
STOP_WITHIN = 10.0  # seconds for each of the signals in turn
_BUSY = ("shared memory block", "postmaster.pid")  # a killed server's last children are still on their way out


@dataclass(frozen=True, slots=True)
class ServerOrders:
    """What to start, how to see that it answers, how to stop it, and what to remove afterwards."""

    name: str
    command: list[str]
    environment: dict[str, str]
    uid: int | None
    gid: int | None
    socket: str
    ready_file: str  # a postmaster.pid whose last line says "ready"; empty: a socket that answers is enough
    stop_signals: list[int]
    control: str
    throw_away: list[str]

    def path(self, kind: str) -> str:
        return os.path.join(self.control, f"{self.name}.{kind}")

    def dump(self) -> str:
        return json.dumps(asdict(self))


def take_lock(path: str, how: int) -> int | None:
    """Take a flock without waiting; the file descriptor, or None when somebody else holds it."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, how | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(handle), os.stat(path)):
                return handle
        except BlockingIOError:
            os.close(handle)
            return None
        except FileNotFoundError:
            pass
        os.close(handle)  # the file was removed under us: a throw-away folder that another process just left


def find_listener(path: str) -> int | None:
    """The id of the process that listens on this unix socket, 0 when the kernel does not tell; None: nobody does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(5)
        try:
            client.connect(path)
        except (BlockingIOError, TimeoutError):  # too busy to accept, so there
            return 0
        except OSError:
            return None
        if hasattr(socket, "SO_PEERCRED"):
            credentials = client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            return int(struct.unpack("3i", credentials)[0])
        return int(client.getsockopt(0, 2))  # SOL_LOCAL, LOCAL_PEERPID of macOS


class RunningServer:
    """One running server: our child, or one that a killed keeper left behind."""

    def __init__(self, orders: ServerOrders) -> None:
        self.orders = orders
        self.child: subprocess.Popen[bytes] | None = None
        self.adopted = find_listener(orders.socket)
        if self.adopted is None:
            self.child = self._launch()

    def _launch(self) -> subprocess.Popen[bytes]:
        orders = self.orders
        for left in (orders.socket, orders.path("log")):  # the log may be root's, from a run under sudo
            with contextlib.suppress(FileNotFoundError):
                os.unlink(left)
        with open(orders.path("log"), "wb") as log:
            return subprocess.Popen(
                orders.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                env=orders.environment,
                start_new_session=True,
                user=orders.uid,
                group=orders.gid,
                extra_groups=None if orders.uid is None else [],
            )

    @property
    def running(self) -> bool:
        if self.child is not None:
            return self.child.poll() is None
        return self.adopted is not None and find_listener(self.orders.socket) in (self.adopted, 0)

    @property
    def ready(self) -> bool:
        if find_listener(self.orders.socket) is None:
            return False
        if not self.orders.ready_file:
            return True
        with open(self.orders.ready_file, encoding="utf-8", errors="replace") as file:
            return file.read().rstrip().endswith("ready")

    def wait_until_ready(self) -> bool:
        deadline = time.monotonic() + START_WITHIN
        while self.running and time.monotonic() < deadline:
            if self.ready:
                return True
            time.sleep(0.01)
        return False

    def stop(self) -> None:
        """Send the signals in turn, each with its time, until the server is gone."""
        target = self.child.pid if self.child is not None else self.adopted
        for number in self.orders.stop_signals:
            if not target or not self.running:
                return
            with contextlib.suppress(ProcessLookupError):
                os.kill(target, number)
            self._wait_until_gone()

    def _wait_until_gone(self) -> None:
        deadline = time.monotonic() + STOP_WITHIN
        while self.running and time.monotonic() < deadline:
            time.sleep(0.005)


class _Keeper:
    """Watches over one server until it dies, everybody left, or somebody asks for an orderly end."""

    def __init__(self, server: RunningServer) -> None:
        self.server = server
        self.orders = server.orders
        self.asked_to_stop = False
        self.wake, signals = os.pipe()
        os.set_blocking(self.wake, False)
        os.set_blocking(signals, False)
        signal.set_wakeup_fd(signals)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, *_: object) -> None:
        self.asked_to_stop = True

    def watch(self) -> None:
        with contextlib.suppress(FileNotFoundError):  # somebody removed the folder of the locks: an end as well
            while self.server.running and not self.asked_to_stop:
                if self._end_when_nobody_is_left():
                    return
                self._sleep()
        self._end()

    def _sleep(self) -> None:
        """Until the next look, a signal, or the server's death."""
        select.select([self.wake], [], [], LOOK_AFTER)
        with contextlib.suppress(BlockingIOError):
            os.read(self.wake, 4096)

    def _end_when_nobody_is_left(self) -> bool:
        """Holds both locks to the end, so that a newcomer waits until everything is gone."""
        gate = take_lock(self.orders.path("gate"), fcntl.LOCK_EX)
        if gate is None:
            return False
        try:
            lease = take_lock(self.orders.path("lease"), fcntl.LOCK_EX)
            if lease is None:
                return False
            self._end()
            os.close(lease)
            return True
        finally:
            os.close(gate)

    def _end(self) -> None:
        self.server.stop()
        throw_away(self.orders)


def throw_away(orders: ServerOrders) -> None:
    """Remove what was made for one use; the folders above go with the last server in them."""
    if not orders.throw_away:
        return
    for folder in orders.throw_away:
        shutil.rmtree(folder, ignore_errors=True)
    for kind in ("gate", "lease", "keeper", "log"):
        with contextlib.suppress(OSError):
            os.unlink(orders.path(kind))
    above = [os.path.dirname(folder) for folder in orders.throw_away]
    for folder in [*above, orders.control, os.path.dirname(orders.control)]:
        with contextlib.suppress(OSError):  # not empty, or gone already
            os.rmdir(folder)


def read_tail(path: str, lines: int = 6) -> str:
    """The last lines of a server's log."""
    with contextlib.suppress(OSError), open(path, encoding="utf-8", errors="replace") as file:
        return " | ".join(file.read().strip().splitlines()[-lines:])
    return ""


def start_server(orders: ServerOrders, patience: int = 10) -> RunningServer | str:
    """The server once it answers, or a sentence saying why it does not; `patience` is seconds."""
    try:
        server = RunningServer(orders)
    except (OSError, subprocess.SubprocessError) as error:
        return f"{orders.name} cannot be started: {error}."
    if server.wait_until_ready():
        return server
    server.stop()
    last = read_tail(orders.path("log"))
    if patience and any(sign in last for sign in _BUSY):
        time.sleep(1)
        return start_server(orders, patience - 1)
    return f"{orders.name} did not start; its log ends: {last}"


def keep_server(orders: ServerOrders, report: int) -> None:
    """Start, report "ok" or a sentence through the pipe, then watch to the end."""
    held = take_lock(orders.path("keeper"), fcntl.LOCK_EX)
    if held is None:
        os.write(report, f"{orders.name} is kept by another process already.".encode())
        return
    os.truncate(held, 0)
    os.write(held, str(os.getpid()).encode())
    server = start_server(orders)
    with contextlib.suppress(BrokenPipeError):  # the starter was killed meanwhile: nobody is left, so watch() ends it
        os.write(report, server.encode() if isinstance(server, str) else b"ok")
    os.close(report)
    if isinstance(server, RunningServer):
        _Keeper(server).watch()


def _main() -> int:
    """Leave the caller's session and answer it through the exit code; a failure's sentence goes to stderr."""
    orders = ServerOrders(**json.load(sys.stdin))
    answer, report = os.pipe()
    if os.fork() == 0:
        os.close(answer)
        os.setsid()
        os.chdir("/")
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nothing, standard)
        keep_server(orders, report)
        os._exit(0)
    os.close(report)
    with os.fdopen(answer, encoding="utf-8") as pipe:
        said = pipe.read()
    if said == "ok":
        return 0
    sys.stderr.write(said or f"The keeper of {orders.name} ended without a word.")
    return 1


if __name__ == "__main__":
    sys.exit(_main())
