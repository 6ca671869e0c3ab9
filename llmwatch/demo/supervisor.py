"""Runs a few processes together: when one ends or we are told to stop, all of them end, and none is left behind."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

PR_SET_PDEATHSIG = 1


def _die_with_parent() -> None:
    """On Linux the kernel ends a child whose parent was killed with -9."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


@dataclass(slots=True)
class Supervisor:
    """Each command runs in a session of its own, so that Ctrl-C reaches only us and we end them in order."""

    environment: Mapping[str, str]
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    stopping: bool = False
    grace: float = 8.0  # seconds between the polite signal and the other one

    def start(self, name: str, command: Sequence[str]) -> None:
        self.running[name] = subprocess.Popen(
            command,
            env={**os.environ, **self.environment},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=_die_with_parent,  # no threads run here
        )

    def run(self, name: str, command: Sequence[str]) -> bool:
        """Run to the end beside the others; whether it went well. False, too, where we are told to stop meanwhile."""
        self.start(name, command)
        while not self.stopping and self.running[name].poll() is None:
            time.sleep(0.1)
        return not self.stopping and self.running.pop(name).returncode == 0

    def catch_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True

    def ended(self) -> str | None:
        """The name of a process that has ended by itself."""
        return next((name for name, process in self.running.items() if process.poll() is not None), None)

    def wait(self) -> str | None:
        """Until a signal (None) or the end of a process (its name)."""
        while not self.stopping:
            if name := self.ended():
                return name
            time.sleep(0.2)
        return None

    def stop(self) -> None:
        for process in self.running.values():
            self._signal(process, signal.SIGTERM)
        deadline = time.monotonic() + self.grace
        for process in self.running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
        for process in self.running.values():
            self._signal(process, signal.SIGKILL)
            process.wait()

    def _signal(self, process: subprocess.Popen[bytes], number: signal.Signals) -> None:
        # The whole group: a worker's children must not outlive it.
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
