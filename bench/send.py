"""The engine beside what this machine can carry, messages of the sample issue, round after round.

On loopback: Postfix's smtp-source to its smtp-sink as the limit; the engine with its whole ledger (claimed, sent,
recorded durably, one by one); one connection without a ledger; Django's EmailMultiAlternatives with send_messages.
Then the engine to a server that is 40 ms away, with and without PIPELINING. Exit code 1 where a goal is missed.

    python bench/send.py [--readers 2000] [--rounds 2] [--only near|far]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench import _relay  # noqa: E402 (found by the path above)
from llmwatch import devservers  # noqa: E402
from tests.embedded_plugin import DEFAULTS  # noqa: E402

CONNECTIONS = (1, 4, 16)
FEW = 1_000
AWAY = 0.020  # seconds each way
FAR_CONNECTIONS = (1, 8, 32)
FAR_MESSAGES = 60  # for each connection
OF_LIMIT, OF_DJANGO, FAR_RATE, GROWTH = 0.5, 4.0, 10.0, 5.0  # the goals; the last in MB
HEAD = "median      (range)      ms of a core a message: ours, PostgreSQL's, the sink's; memory at most"
Taken = dict[str, float]


@dataclass
class Found:
    """What all rounds of one sender took."""

    rates: list[float] = field(default_factory=list)
    costs: list[tuple[float, ...]] = field(default_factory=list)
    peak: float = 0.0

    def add(self, taken: Taken) -> None:
        sent = taken["sent"]
        self.rates.append(sent / taken["seconds"])
        self.costs.append(tuple(1000 * taken.get(whose, 0.0) / sent for whose in ("ours", "database", "sink")))
        self.peak = max(self.peak, taken.get("peak", 0.0))

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)

    def told(self) -> str:
        costs = "  ".join(f"{statistics.median(cost):.2f}" for cost in zip(*self.costs, strict=True))
        span = f"({min(self.rates):,.0f}-{max(self.rates):,.0f})"
        return f"{self.rate:7,.0f}/s  {span:15}  {costs}  " + (f"{self.peak:.0f} MB" if self.peak else "")


@dataclass(frozen=True)
class Site:
    """A site with the sample issue, so many readers and a mail server."""

    folder: Path
    port: int
    sink: int

    def engine(self, kind: str, messages: int, connections: int = 1) -> Taken:
        """One run in a process of its own: its memory is its own, too."""
        command = [sys.executable, str(ROOT / "bench" / "_engine.py"), kind, "--messages", str(messages)]
        command += ["--connections", str(connections), "--sink", str(self.sink)]
        environment = os.environ | {"EMAIL_URL": f"smtp://127.0.0.1:{self.port}"}
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
        return dict(json.loads(done.stdout))

    def source(self, sessions: int, messages: int) -> Taken:
        before = _relay.work_of(self.sink)
        seconds, work = _relay.source(self.port, self.letter, sessions=sessions, messages=messages)
        return {"sent": messages, "seconds": seconds, "ours": work, "sink": _relay.work_of(self.sink) - before}

    @property
    def letter(self) -> Path:
        return self.folder / "letter"


@contextmanager
def site(readers: int) -> Iterator[Site]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="llmwatch-bench-")))
        addresses = stack.enter_context(devservers.start_servers(folder)).addresses
        port, sink = stack.enter_context(_relay.sink())
        os.environ |= DEFAULTS | {
            "DATABASE_URL": addresses.database_url,
            "REDIS_URL": addresses.redis_url,
            "EMAIL_URL": f"smtp://127.0.0.1:{port}",
            "MEDIA_ROOT": str(folder / "media"),
            "DJANGO_SETTINGS_MODULE": "llmwatch.settings",
        }
        fill(readers)
        made = Site(folder, port, sink)
        made.letter.write_bytes(letter())
        yield made


def fill(readers: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from llmwatch.demo import sample
    from tests.mailings.cast import make_readers

    call_command("migrate", verbosity=0)
    sample.load_files()
    make_readers(readers)
    invite(readers)


def invite(readers: int) -> None:
    """So many get the next mailing."""
    from subscribers.models import Subscriber

    Subscriber.objects.update(state="pending")
    chosen = Subscriber.objects.order_by("-pk").values_list("pk", flat=True)[:readers]
    Subscriber.objects.filter(pk__in=list(chosen)).update(state="active")


def letter() -> bytes:
    """The message as one reader gets it; smtp-source ends its lines itself."""
    from django.utils import timezone

    from issues.models import Issue
    from mailings import lifecycle
    from mailings.models import Rendition
    from mailings.renditions import PersonalParts, personalise

    lifecycle.prepare_mailing(Issue.objects.get(), timezone.now())
    message = bytes(Rendition.objects.get(depth="full", supporters=False).message)
    print(f"messages of {len(message):,} bytes")
    return personalise(message, PersonalParts("x" * 32, "reader-0000@example.org", "<1.x@example.org>")).replace(
        b"\r", b""
    )


def rounds(count: int, runs: dict[str, Callable[[], Taken]]) -> dict[str, Found]:
    """So many of each, in turn."""
    found = {name: Found() for name in runs}
    for _ in range(count):
        for name, run in runs.items():
            found[name].add(run())
    print(f"{'':28} {HEAD}")
    for name, figures in found.items():
        print(f"{name:28} {figures.told()}", flush=True)
    return found


def near(here: Site, options: argparse.Namespace) -> bool:
    readers = options.readers
    runs: dict[str, Callable[[], Taken]] = {
        f"smtp-source, {sessions} at once": partial(here.source, sessions, readers) for sessions in (1, 16)
    }
    for connections in CONNECTIONS:
        runs[f"engine, {connections} at once"] = partial(here.engine, "ledger", readers, connections)
    runs["no ledger, 1"] = partial(here.engine, "alone", readers)
    runs["Django, 1"] = partial(here.engine, "django", min(readers, FEW))
    found = rounds(options.rounds, runs)
    of_limit = found["engine, 16 at once"].rate / found["smtp-source, 16 at once"].rate
    of_django = found["engine, 1 at once"].rate / found["Django, 1"].rate
    print(f"engine : smtp-source, 16 at once = {of_limit:.2f} (goal {OF_LIMIT})")
    print(f"engine : Django, 1 at once = {of_django:.1f} (goal {OF_DJANGO})")
    grown = growth(here, found["engine, 16 at once"].peak)
    print(f"memory for {readers:,} readers, beyond that for {FEW:,}: {grown:.1f} MB (goal: at most {GROWTH})")
    return of_limit >= OF_LIMIT and of_django >= OF_DJANGO and grown <= GROWTH


def growth(here: Site, peak: float) -> float:
    invite(FEW)
    return peak - here.engine("ledger", FEW, 16)["peak"]


@contextmanager
def far_away(port: int, seconds: float) -> Iterator[int]:
    """The same server behind a long line; its port."""
    command = [sys.executable, str(ROOT / "bench" / "_delay.py"), str(port), str(seconds)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


def far(here: Site, options: argparse.Namespace) -> bool:
    slowest = min(far_rates(here, options, pipelining=True))
    far_rates(here, options, pipelining=False)
    print(f"with PIPELINING, at the slowest: {slowest:.1f} a second for each connection (goal {FAR_RATE})")
    return slowest >= FAR_RATE


def far_rates(here: Site, options: argparse.Namespace, *, pipelining: bool) -> list[float]:
    """Messages a second for each connection."""
    print(f"{1000 * 2 * AWAY:.0f} ms away, {'with' if pipelining else 'without'} PIPELINING")
    with _relay.sink(pipelining=pipelining) as (port, sink), ExitStack() as stack:
        line, slow = (stack.enter_context(far_away(port, seconds)) for seconds in (0, AWAY))
        runs: dict[str, Callable[[], Taken]] = {}
        runs["the line itself, smtp-source"] = partial(replace(here, port=line, sink=sink).source, 32, 2_000)
        there = replace(here, port=slow, sink=sink)
        for connections in FAR_CONNECTIONS:
            runs[f"engine, {connections} at once"] = partial(far_run, there, connections)
        found = rounds(options.rounds, runs)
    rates = [found[f"engine, {connections} at once"].rate / connections for connections in FAR_CONNECTIONS]
    print("for each connection: " + ", ".join(f"{rate:.1f}/s" for rate in rates), flush=True)
    return rates


def far_run(there: Site, connections: int) -> Taken:
    messages = connections * FAR_MESSAGES
    invite(messages)
    return there.engine("ledger", messages, connections)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readers", type=int, default=2_000, help="2,000 or more")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--only", choices=["near", "far"])
    options = parser.parse_args()
    _relay.require()
    parts = {"near": near, "far": far}
    with site(options.readers) as here:
        good = [parts[name](here, options) for name in ([options.only] if options.only else parts)]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
