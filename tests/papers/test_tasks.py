"""The task does what the command does, twice as well as once."""

import json
import logging
import zlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from pytest_django.fixtures import Settings

from core.concurrency import dispatch
from papers import tasks
from papers.ingest import scheduler
from papers.models import Paper, Pull
from tests.builders import make_paper, make_watch
from tests.connections import another
from tests.servers.arxiv_server import Arxiv, serving

pytestmark = pytest.mark.django_db
WORKDAY = datetime(2025, 10, 14, 12, 0, tzinfo=UTC)
NIGHT = datetime(2025, 10, 14, 23, 55, tzinfo=UTC)


@pytest.fixture
def arxiv(settings: Settings) -> Iterator[Arxiv]:
    with serving() as served:
        settings.ARXIV_API_URL, settings.ARXIV_DELAY = served.url, 0.0
        yield served


def test_the_task_pulls_papers_and_may_run_twice(arxiv: Arxiv) -> None:
    for _ in range(2):
        assert tasks.pull_ids.apply(args=(["2501.00001", "2501.00002"],)).successful()
    assert Paper.objects.count() == 2


def test_what_went_wrong_is_in_the_log(arxiv: Arxiv, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        tasks.pull_ids(["abc"])
    assert caplog.messages[0].startswith("arxiv.problem id=abc what=“abc” is not an arXiv identifier")


def handed_out(queue: Any) -> list[str]:
    return sorted(json.loads(message)["headers"]["task"] for message in queue.lrange("celery", 0, -1))


def test_what_is_due_is_handed_out(queue: Any) -> None:
    make_watch()
    make_paper(searchable=False)
    assert tasks.dispatch_due(WORKDAY) == ()
    assert handed_out(queue) == ["papers.tasks.follow_arxiv", "papers.tasks.index_words"]


def test_without_a_watch_arxiv_is_asked_for_nothing(queue: Any) -> None:
    tasks.dispatch_due(WORKDAY)
    assert handed_out(queue) == []


def test_nothing_is_handed_out_while_arxiv_announces(queue: Any) -> None:
    make_watch()
    tasks.dispatch_due(NIGHT)
    assert handed_out(queue) == []


@pytest.mark.django_db(transaction=True)
def test_arxiv_is_not_followed_twice_at_once(queue: Any) -> None:
    make_watch()
    with another() as other:
        other.execute("SELECT pg_advisory_lock(%s)", [zlib.crc32(scheduler.RUN_LOCK.encode())])
        tasks.dispatch_due(WORKDAY)
    assert handed_out(queue) == []


def test_a_follower_that_no_worker_took_is_dropped_before_the_next_tick(queue: Any) -> None:
    make_watch()
    tasks.dispatch_due(WORKDAY)
    (message,) = queue.lrange("celery", 0, -1)
    assert json.loads(message)["headers"]["expires"]
    assert dispatch.UNTIL_THE_NEXT_TICK < 60


def test_an_unusable_address_is_in_the_log(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.ARXIV_OAI_URL = "http://oaipmh.arxiv.org/oai"
    Pull.objects.create(source="oai", set_spec="cs", day=date(2025, 10, 10), form="arXivRaw")
    with caplog.at_level(logging.ERROR), time_machine.travel(WORKDAY, tick=False):
        tasks.follow_arxiv()
    assert "arxiv.unusable what=ARXIV_OAI_URL" in caplog.text
