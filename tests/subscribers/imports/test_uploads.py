"""A list in the hands of real workers that are killed: the next one goes on where the last one was."""

import csv
from collections.abc import Iterator
from io import StringIO

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pytest_django import Settings

from subscribers.imports import uploads
from subscribers.models import ImportChunk, Subscriber, SubscriberImport
from subscribers.tasks import dispatch_imports
from tests.connections import another, wait_until_somebody_waits
from tests.mailings.cast import needs_commits, use
from tests.mailings.workers import Staff
from tests.servers.smtp_server import ScriptedServer

pytestmark = needs_commits
PEOPLE = 6_000
BROKEN_AT = (2_500, 4_500)  # in the third batch and in the fifth: both of them write a piece of the report
MOST_LOOKS = 600


@pytest.fixture
def relay(settings: Settings) -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        use(server, settings)
        yield server


@pytest.fixture
def staff(relay: ScriptedServer) -> Iterator[Staff]:
    with Staff(relay, workers=1) as workers:
        yield workers


def make_list() -> SubscriberImport:
    lines = [f"reader-{number}@example.org" for number in range(PEOPLE)]
    for place in BROKEN_AT:
        lines[place] = "nobody"
    text = "\n".join(["email", *lines, lines[0]])
    subscriber_import = uploads.receive_upload(SimpleUploadedFile("list.csv", text.encode()), None, timezone.now())
    subscriber_import.begin(
        timezone.now(), roles=subscriber_import.roles, confirmed=True, words="Signed up at our old site."
    )
    return subscriber_import


def hold_reports(lock: psycopg.Connection[tuple[int]]) -> None:
    """The next batch that has something to report waits, and has written nothing for good."""
    lock.execute("BEGIN; LOCK TABLE subscribers_importchunk IN SHARE ROW EXCLUSIVE MODE")


def wait_for_the_end(subscriber_import: SubscriberImport, relay: ScriptedServer) -> None:
    """The clock's part again and again: a database may be late in noticing that a worker is dead."""
    for _ in range(MOST_LOOKS):
        dispatch_imports(timezone.now())
        subscriber_import.refresh_from_db()
        if not subscriber_import.is_running:
            return
        relay.wait_a_moment()
    raise AssertionError(SubscriberImport.objects.values())


def test_a_worker_killed_in_a_batch_costs_nothing_and_repeats_nothing(staff: Staff, relay: ScriptedServer) -> None:
    subscriber_import = make_list()
    with another() as lock:
        hold_reports(lock)
        dispatch_imports(timezone.now())
        wait_until_somebody_waits()
        staff.crash()
        assert (SubscriberImport.objects.get().lines_done, Subscriber.objects.count()) == (2_000, 2_000)
    staff.revive()
    wait_for_the_end(subscriber_import, relay)
    assert (subscriber_import.state, subscriber_import.lines_done, Subscriber.objects.count()) == (
        "done",
        PEOPLE + 1,
        PEOPLE - 2,
    )
    counts = {name: count for name, count in subscriber_import.counts.items() if count}
    assert counts == {"created": PEOPLE - 2, "duplicates": 1, "invalid": 2}
    assert reported(subscriber_import) == ["2502", "4502", str(PEOPLE + 2)]
    assert ImportChunk.objects.filter(kind="report").count() == 3


def reported(subscriber_import: SubscriberImport) -> list[str]:
    text = b"".join(uploads.report_lines(subscriber_import)).decode()
    return [row["line"] for row in csv.DictReader(StringIO(text))]
