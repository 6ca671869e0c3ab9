import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

from llmwatch.demo.supervisor import Supervisor
from tests.data import ROOT

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
STUBBORN = [sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"]


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def eventually(condition: Callable[[], bool]) -> bool:
    for _ in range(200):
        if condition():
            return True
        time.sleep(0.05)
    return False


def test_stopping_ends_every_process() -> None:
    supervisor = Supervisor({})
    supervisor.start("one", SLEEP)
    supervisor.start("two", SLEEP)
    pids = [process.pid for process in supervisor.running.values()]
    supervisor.stop()
    assert not any(alive(pid) for pid in pids)


def test_a_process_that_ignores_the_polite_signal_is_killed() -> None:
    supervisor = Supervisor({}, grace=0.5)
    supervisor.start("stubborn", STUBBORN)
    pid = supervisor.running["stubborn"].pid
    supervisor.stop()
    assert not alive(pid)


def test_a_process_that_ends_by_itself_is_named() -> None:
    supervisor = Supervisor({})
    supervisor.start("short", [sys.executable, "-c", ""])
    assert supervisor.wait() == "short"
    supervisor.stop()


def test_a_passing_process_is_waited_for_and_forgotten() -> None:
    supervisor = Supervisor({})
    assert supervisor.run("good", [sys.executable, "-c", ""])
    assert not supervisor.run("bad", [sys.executable, "-c", "raise SystemExit(1)"])
    assert supervisor.ended() is None


def test_a_passing_process_is_ended_where_we_are_told_to_stop() -> None:
    supervisor = Supervisor({}, stopping=True)
    assert not supervisor.run("long", SLEEP)
    pid = supervisor.running["long"].pid
    supervisor.stop()
    assert not alive(pid)


def test_processes_see_the_environment_they_were_given() -> None:
    supervisor = Supervisor({"WATCHED": "yes"})
    supervisor.start("checks", [sys.executable, "-c", "import os, sys; sys.exit(os.environ['WATCHED'] != 'yes')"])
    supervisor.wait()
    assert supervisor.running["checks"].returncode == 0


def test_killing_the_supervisor_leaves_no_process() -> None:
    code = textwrap.dedent(
        f"""
        import time
        from llmwatch.demo.supervisor import Supervisor
        supervisor = Supervisor({{}})
        supervisor.start("one", {SLEEP!r})
        print(supervisor.running["one"].pid, flush=True)
        time.sleep(600)
        """
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        os.kill(parent.pid, signal.SIGKILL)
    assert eventually(lambda: not alive(child))
