"""A bulk load leaves the words of papers unread; the clock makes them searchable, some at a time."""

import json
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection
from kombu.pools import producers

from llmwatch import tick
from llmwatch.celery import app
from papers import tasks
from papers.ingest.bulk_load import load_files
from papers.models import Paper
from papers.records.upsert import upsert_records
from papers.search import index_backlog
from papers.search.query import parse_query
from papers.search.search import search_papers
from tests.builders import NOON, make_paper
from tests.papers.paper_records import make_record

pytestmark = pytest.mark.django_db


def found(question: str) -> list[str | None]:
    return [hit.paper.arxiv_id for hit in search_papers(parse_query(question)).hits]


def lines(folder: Path, count: int) -> Path:
    file = folder / "papers.jsonl"
    shape = {"title": "On telescopes", "authors": ["Orion Weller"], "abstract": "We look.", "categories": ["cs.CL"]}
    file.write_text("".join(json.dumps({"id": f"2501.{number:05d}", **shape}) + "\n" for number in range(1, count + 1)))
    return file


def test_what_is_left_unread_is_found_once_it_is_read() -> None:
    upsert_records([make_record(arxiv_id="2501.00001", title="On telescopes")], searchable=False)
    assert found("telescopes") == []
    assert index_backlog.index_backlog() == 1
    assert found("telescopes") == ["2501.00001"]


def test_an_identifier_finds_a_paper_whose_words_are_unread() -> None:
    upsert_records([make_record(arxiv_id="2501.00001")], searchable=False)
    assert found("2501.00001") == ["2501.00001"]


def test_what_is_pulled_or_written_here_is_found_at_once() -> None:
    upsert_records([make_record(arxiv_id="2501.00001", title="On telescopes")])
    make_paper("2501.00002", title="Telescopes again")
    assert sorted(map(str, found("telescopes"))) == ["2501.00001", "2501.00002"]


def test_a_load_reads_the_first_papers_itself_and_leaves_the_others(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(index_backlog, "A_BATCH", 3)
    load_files([lines(tmp_path, 5)])
    assert Paper.objects.unsearchable().count() == 2
    assert index_backlog.index_backlog() == 2
    assert index_backlog.index_backlog() == 0


def test_no_time_reads_nothing() -> None:
    upsert_records([make_record()], searchable=False)
    assert index_backlog.index_backlog(seconds=0) == 0


def handed_out(queue: Any) -> list[str]:
    return [json.loads(message)["headers"]["task"] for message in queue.lrange("celery", 0, -1)]


def test_the_clock_hands_the_unread_to_a_worker_and_nothing_where_all_is_read(queue: Any) -> None:
    tick.tick(NOON)
    assert handed_out(queue) == []
    upsert_records([make_record()], searchable=False)
    tick.tick(NOON)
    assert handed_out(queue) == ["papers.tasks.index_words"]


def test_the_task_reads_them() -> None:
    upsert_records([make_record()], searchable=False)
    tasks.index_words()
    assert not Paper.objects.unsearchable().exists()


def test_without_a_broker_the_clock_says_that_they_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = producers[Connection("redis+socket:///nonexistent/valkey.sock", transport_options={"max_retries": 0})]
    monkeypatch.setattr(app.amqp, "_producer_pool", nowhere)
    upsert_records([make_record()], searchable=False)
    assert [problem.where for problem in tick.tick(NOON).problems] == ["REDIS_URL"]
