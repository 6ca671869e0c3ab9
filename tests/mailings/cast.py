"""What the tests of mailings start from: a published issue, readers, and the settings that name a server."""

import os
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from core.concurrency.time_budget import TimeBudget
from core.mail.servers import MailServer
from issues.editorial import publish
from issues.models import Issue, Text
from mailings import lifecycle
from mailings.engine import worker
from mailings.engine.ledger import SESSION_LOCKS
from mailings.models import Mailing
from subscribers.addresses import address_hash
from subscribers.models import SendingPermit, Subscriber
from tests.builders import NOON, make_issue
from tests.servers.smtp_server import ScriptedServer


def make_public_issue(*, mail: bool = True, now: datetime | None = None, **fields: Any) -> Issue:
    """Published a moment ago, with a mailing asked for."""
    issue = make_issue(**fields)
    Text.objects.create(parent=issue, text="Hello, readers.")
    publish.publish(issue, now=now or timezone.now(), mail=mail)
    return issue


def make_readers(count: int, **fields: Any) -> list[str]:
    """So many active subscribers, in one statement; gives their addresses, sorted."""
    addresses = [f"reader-{number:04d}@example.org" for number in range(count)]
    values = {"state": "active", "confirmed_at": NOON, **fields}
    Subscriber.objects.bulk_create(
        Subscriber(email=address, address_hash=address_hash(address), **values) for address in addresses
    )
    return addresses


def make_mailing(readers: int = 0, **fields: Any) -> Mailing:
    """Started, and nothing handed over."""
    SendingPermit.objects.arm()  # the row of the migration goes with the first test that commits
    make_readers(readers)
    return lifecycle.start_mailing(make_public_issue(**fields), timezone.now())


def use(server: ScriptedServer, settings: Settings, *, connections: int = 1) -> None:
    settings.MAIL_SERVER = MailServer("127.0.0.1", server.port)
    settings.MAIL_CONNECTIONS = connections
    settings.DEFAULT_FROM_EMAIL = "LLM Watch <news@example.org>"


def environment_for(relay: ScriptedServer, *, database: str = "", connections: int = 4) -> dict[str, str]:
    """For a process of its own on the database of this test, or on another one beside it."""
    return {
        **os.environ,
        "DATABASE_URL": database_url(database or str(connection.settings_dict["NAME"])),
        "EMAIL_URL": f"smtp://127.0.0.1:{relay.port}",
        "MAIL_CONNECTIONS": str(connections),
        "DEFAULT_FROM_EMAIL": "LLM Watch <news@example.org>",
    }


def database_url(name: str) -> str:
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def run(mailing: Mailing) -> dict[str, int]:
    """One run of the engine to its end; the counts after it, without the zeros, proven to add up."""
    worker.deliver(mailing, TimeBudget())
    return tally(mailing)


def tally(mailing: Mailing) -> dict[str, int]:
    mailing.refresh_from_db()
    counts = mailing.counts()
    assert sum(counts.values()) == mailing.audience
    return {state: count for state, count in counts.items() if count}


def bury(mailing: Mailing) -> None:
    """Waits until the database has noticed that those who claimed these recipients are gone."""
    claimed = mailing.deliveries.filter(state="sending").values_list("claimed_by", flat=True)
    for number in map(int, set(claimed)):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [SESSION_LOCKS, number])
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [SESSION_LOCKS, number])


needs_commits = pytest.mark.django_db(transaction=True)
