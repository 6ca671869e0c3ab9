"""Postfix's own test programs: smtp-sink, which takes every message and keeps none, and smtp-source, which does nothing
but send; together they are the limit of what this machine can carry."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.nginx import free_port

PATH = f"/usr/sbin:{os.environ['PATH']}"
SINK, SOURCE = (shutil.which(name, path=PATH) for name in ("smtp-sink", "smtp-source"))
BACKLOG = "256"
TICKS = os.sysconf("SC_CLK_TCK")


def require() -> None:
    if SINK is None or SOURCE is None:
        sys.exit("smtp-sink or smtp-source is missing; both are in Debian's postfix: apt-get install -y postfix")


@contextmanager
def sink(*, pipelining: bool = True) -> Iterator[tuple[int, int]]:
    """Its port and its process."""
    port = free_port()
    user = ["-u", "nobody"] if os.geteuid() == 0 else []  # it does not run as root
    command = [str(SINK), *user, *([] if pipelining else ["-p"]), f"127.0.0.1:{port}", BACKLOG]
    process = subprocess.Popen(command)
    try:
        _wait_for(port)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def source(port: int, letter: Path, *, sessions: int, messages: int) -> tuple[float, float]:
    """Sends the same letter again and again, each session over one connection; seconds, and those of a core."""
    amounts = ["-s", str(sessions), "-m", str(messages)]
    started = time.perf_counter()
    process = subprocess.Popen([str(SOURCE), "-d", *amounts, "-F", str(letter), f"127.0.0.1:{port}"])
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, process.args
    return time.perf_counter() - started, used.ru_utime + used.ru_stime


def work_of(*pids: int, with_children: bool = False) -> float:
    """Seconds of a core that these processes have used so far (Linux)."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except FileNotFoundError:  # a session that has just ended: its parent has its work
            continue
        total += sum(map(int, fields[11 : 15 if with_children else 13]))
    return total / TICKS


def _wait_for(port: int) -> None:
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError("smtp-sink does not listen.")
