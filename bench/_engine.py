"""One run of one sender in a process of its own, for send.py: prints what it did and what it took, as JSON.

python bench/_engine.py ledger|alone|django --messages N --connections N --sink PORT PID
"""

import argparse
import email
import email.policy
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import django  # noqa: E402 (found by the path above)

django.setup()
from django.conf import settings  # noqa: E402
from django.core.mail import EmailMultiAlternatives, get_connection  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench._relay import work_of  # noqa: E402
from core.concurrency.time_budget import TimeBudget  # noqa: E402
from core.mail.smtp import Connection  # noqa: E402
from issues.models import Issue  # noqa: E402
from issues.rendering.mail.layout import TOKEN_PLACEHOLDER  # noqa: E402
from mailings import lifecycle  # noqa: E402
from mailings.engine import worker  # noqa: E402
from mailings.models import Mailing, Rendition  # noqa: E402
from mailings.renditions import PersonalParts, personalise  # noqa: E402
from subscribers.models import Subscriber  # noqa: E402

SENDER = "news@example.org"


def begin() -> Mailing:
    """A new mailing of the sample issue; the last one is forgotten."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE mailings_mailing CASCADE")
    return lifecycle.prepare_mailing(Issue.objects.get(), timezone.now())


def full_message() -> bytes:
    return bytes(Rendition.objects.get(depth="full", supporters=False).message)


def people(count: int) -> list[tuple[str, str]]:
    return list(Subscriber.objects.mailable().order_by("pk").values_list("email", "token")[:count])


def ledger(mailing: Mailing, connections: int) -> Callable[[], int]:
    def run() -> int:
        worker.deliver(mailing, TimeBudget(), connections=connections)
        return mailing.counts()["sent"]

    return run


def alone(readers: list[tuple[str, str]], message: bytes) -> Callable[[], int]:
    """What one connection carries, with each reader's own bytes and no database."""

    def run() -> int:
        with Connection(settings.MAIL_SERVER, "bench") as relay:
            for address, token in readers:
                relay.send(SENDER, address, personalise(message, PersonalParts(token, address, "<1.x@example.org>")))
        return len(readers)

    return run


def usual(readers: list[tuple[str, str]], message: bytes) -> Callable[[], int]:
    """The way of Django's documentation: a message object for each reader, all over one connection."""
    parsed = email.message_from_bytes(message, policy=email.policy.default)
    text, html = (parsed.get_body((kind,)).get_content() for kind in ("plain", "html"))  # type: ignore[union-attr]
    subject, unsubscribe = parsed["Subject"], parsed["List-Unsubscribe"]

    def letters() -> Iterator[EmailMultiAlternatives]:
        for address, token in readers:
            headers = {"List-Unsubscribe": unsubscribe.replace(TOKEN_PLACEHOLDER, token)}
            letter = EmailMultiAlternatives(subject, text.replace(TOKEN_PLACEHOLDER, token), SENDER, [address])
            letter.extra_headers = headers
            letter.attach_alternative(html.replace(TOKEN_PLACEHOLDER, token), "text/html")
            yield letter

    def run() -> int:
        server = settings.MAIL_SERVER
        backend = "django.core.mail.backends.smtp.EmailBackend"
        return get_connection(backend, host=server.host, port=server.port).send_messages(list(letters()))

    return run


def work_of_database() -> float:
    """Of its first process and all that it started, those included that have ended."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        mine = cursor.fetchone()[0]
    parent = _parent(mine)
    children = [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if _parent(pid) == parent]
    return work_of(parent, with_children=True) + work_of(*children)


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except FileNotFoundError:
        return 0


def peak() -> float:
    """MB that this process held at most."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found.group(1)) / 1024


def measured(run: Callable[[], int], sink: int) -> dict[str, float]:
    before = (work_of_database(), work_of(sink))
    wall, cpu = time.perf_counter(), time.process_time()
    sent = run()
    seconds, ours = time.perf_counter() - wall, time.process_time() - cpu
    time.sleep(0.2)  # the database's sessions are leaving
    theirs, sinks = work_of_database() - before[0], work_of(sink) - before[1]
    return {"sent": sent, "seconds": seconds, "ours": ours, "database": theirs, "sink": sinks, "peak": peak()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=["ledger", "alone", "django"])
    parser.add_argument("--messages", type=int, required=True)
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--sink", type=int, required=True, help="its process")
    options = parser.parse_args()
    mailing = begin()
    if options.kind == "ledger":
        run = ledger(mailing, options.connections)
    else:
        run = {"alone": alone, "django": usual}[options.kind](people(options.messages), full_message())
    taken = measured(run, options.sink)
    assert taken["sent"] == options.messages, (taken, mailing.counts(), mailing.why)
    print(json.dumps(taken))


if __name__ == "__main__":
    main()
