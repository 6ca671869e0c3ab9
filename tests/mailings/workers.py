"""Real Celery workers on the database of a test, and what a mailing must look like whatever befell them."""

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from types import TracebackType
from typing import Self

import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone

from mailings import lifecycle, tasks
from mailings.models import Delivery, Mailing
from subscribers.models import Subscriber
from tests.data import ROOT
from tests.mailings.cast import environment_for, tally
from tests.servers.smtp_server import ScriptedServer

COMMAND = "-m celery -A llmwatch worker --pool solo --loglevel ERROR --without-gossip --without-mingle".split()
MOST_LOOKS = 3_000


class Staff:
    """So many workers, each one process; who was killed is replaced at the next look."""

    def __init__(self, relay: ScriptedServer, *, workers: int = 2, connections: int = 4) -> None:
        self.connections, self.crashes = connections, 0
        self._environment = environment_for(relay, connections=connections)
        self._count, self._started = workers, 0
        self._living: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        self.revive()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._kill()
        forget_tasks()

    def revive(self) -> None:
        self._living = [worker for worker in self._living if worker.poll() is None]
        while len(self._living) < self._count:
            command = [
                sys.executable,
                *COMMAND,
                "--hostname",
                f"mail-{os.getpid()}-{self.crashes}-{len(self._living)}@%h",
            ]
            self._living.append(subprocess.Popen(command, cwd=ROOT, env=self._environment))

    def crash(self) -> None:
        """Whoever is at it, gone without a word."""
        self.crashes += 1
        self._kill()

    def lose_their_database(self) -> None:
        """What each of them had not written down is not known any more, as after a crash."""
        self.crashes += 1
        end_database_sessions()

    def _kill(self) -> None:
        for worker in self._living:
            worker.send_signal(signal.SIGKILL)
        for worker in self._living:
            worker.wait()


def forget_tasks() -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.delete("celery", "unacked", "unacked_index", "unacked_mutex")


def see_through(
    mailing: Mailing, staff: Staff, relay: ScriptedServer, meanwhile: Callable[[], object] = lambda: None
) -> dict[str, int]:
    """The clock's part, again and again, until the mailing rests; the counts, which added up at every look.

    What is deferred is due at the next look: nobody waits for real.
    """
    for _ in range(MOST_LOOKS):
        Delivery.objects.filter(state="deferred").update(retry_at=timezone.now())
        found = lifecycle.start_due_mailings(timezone.now())
        tasks.dispatch_mailings([*found.waiting, *found.waiting])
        staff.revive()
        counts = tally(mailing)
        if not mailing.is_sending:
            return counts
        meanwhile()
        relay.wait_a_moment()
    raise AssertionError(tally(mailing))


def assert_nobody_is_missed_or_doubled(mailing: Mailing, relay: ScriptedServer, staff: Staff) -> None:
    """Who got none is shown as uncertain, failed or cancelled; of crashes no more are uncertain than connections."""
    got = Counter(message.recipient for message in relay.messages)
    everybody = set(Subscriber.objects.values_list("email", flat=True))
    assert max(got.values(), default=1) == 1
    assert everybody - set(got) <= addresses(mailing, "uncertain", "failed", "cancelled", "pending")
    assert addresses(mailing, "sent") <= set(got)
    assert len(addresses(mailing, "uncertain")) <= staff.crashes * staff.connections


def addresses(mailing: Mailing, *states: str) -> set[str]:
    return set(mailing.deliveries.filter(state__in=states).values_list("subscriber__email", flat=True))


def end_database_sessions() -> None:
    """What a restarted PostgreSQL does to everybody: the session is over, what it had not committed is undone."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
