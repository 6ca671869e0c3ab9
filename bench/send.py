"""Messages a second of the sample issue to a mail server on loopback: the connection alone, and with the whole ledger
(claimed, sent, recorded durably, one by one) on one connection and on several; side by side, round after round.

    python bench/send.py [--readers 1000] [--rounds 3] [--connections 4]
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from llmwatch.lib import embedded  # noqa: E402
from tests.embedded_plugin import DEFAULTS  # noqa: E402


@contextmanager
def sink() -> Iterator[int]:
    """Its port."""
    process = subprocess.Popen([sys.executable, ROOT / "bench" / "_sink.py"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()


def fill(readers: int) -> None:
    import django

    django.setup()
    from django.core.management import call_command

    from llmwatch import sample
    from subscribers.models import Subscriber
    from tests.subscribers.cast import make_readers

    call_command("migrate", verbosity=0)
    sample.load()
    Subscriber.objects.all().delete()
    make_readers(readers)


def begin() -> "object":
    """A new mailing of the sample issue; the last one is forgotten."""
    from django.utils import timezone

    from issues.models import Issue
    from subscribers import mailings
    from subscribers.models import Delivery, Mailing

    Delivery.objects.all().delete()
    Mailing.objects.all().delete()
    return mailings.prepare(Issue.objects.get(), timezone.now())


def alone() -> None:
    """What one connection carries, with each reader's own bytes and no database."""
    from django.conf import settings

    from subscribers.models import Rendition, Subscriber
    from subscribers.renditions import Personal, personalise
    from subscribers.smtp import Connection

    message = bytes(Rendition.objects.get(depth="full", supporters=False).message)
    people = list(Subscriber.objects.values_list("email", "token"))
    with Connection(settings.MAIL_SERVER, "bench") as relay:
        for email, token in people:
            relay.send("news@example.org", email, personalise(message, Personal(token, email, "<1.x@example.org>")))


def ledger(connections: int) -> Callable[[], None]:
    def send() -> None:
        from subscribers import delivery
        from subscribers.delivery import Shift
        from subscribers.models import Mailing

        mailing = Mailing.objects.get()
        delivery.deliver(mailing, Shift(), connections=connections)
        assert mailing.counts()["sent"] == mailing.audience, mailing.counts()

    return send


def measure(work: Callable[[], None], readers: int) -> tuple[float, float]:
    """Messages a second, and milliseconds of this process's CPU for each."""
    begin()
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return readers / (time.perf_counter() - wall), 1000 * (time.process_time() - cpu) / readers


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--readers", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=4)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="llmwatch-bench-") as name,
        embedded.start(folder := Path(name)) as servers,
        sink() as port,
    ):
        os.environ |= DEFAULTS | {
            "DATABASE_URL": servers.addresses.database_url,
            "REDIS_URL": servers.addresses.redis_url,
            "EMAIL_URL": f"smtp://127.0.0.1:{port}",
            "MEDIA_ROOT": str(folder / "media"),
            "DJANGO_SETTINGS_MODULE": "llmwatch.settings",
        }
        fill(options.readers)
        compare(options)


def compare(options: argparse.Namespace) -> None:
    from subscribers.models import Rendition

    runs = {"connection alone": alone, "ledger, 1 connection": ledger(1)}
    runs[f"ledger, {options.connections} connections"] = ledger(options.connections)
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in runs}
    for _ in range(options.rounds):
        for name, work in runs.items():
            found[name].append(measure(work, options.readers))
    size = len(bytes(Rendition.objects.filter(depth="full").first().message))  # type: ignore[union-attr]
    print(f"{options.readers} messages of {size:,} bytes, median of {options.rounds} rounds")
    for name, figures in found.items():
        speeds = sorted(speed for speed, _cpu in figures)
        cpu, speed = statistics.median(cpu for _speed, cpu in figures), statistics.median(speeds)
        print(f"{name:24} {speed:7,.0f}/s  ({speeds[0]:,.0f}-{speeds[-1]:,.0f})  {cpu:.2f} ms CPU each")


if __name__ == "__main__":
    main()
