"""The queue: what beat calls, which tasks are known, and that a task gets to the broker."""

import pytest
import redis
from django.conf import settings

from llmwatch import tasks
from llmwatch.celery import app

QUEUE = "celery"


def test_beat_calls_nothing_but_the_clock() -> None:
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} == {tasks.tick.name}


def test_a_tick_that_nobody_took_is_dropped_before_the_next() -> None:
    (entry,) = app.conf.beat_schedule.values()
    assert entry["options"]["expires"] < entry["schedule"]


def test_tasks_of_every_app_are_known() -> None:
    app.loader.import_default_modules()
    names = {name.partition(".")[0] for name in app.tasks if not name.startswith("celery.")}
    assert {"llmwatch", "papers"} <= names


def test_a_task_that_is_lost_with_its_worker_runs_again() -> None:
    assert app.conf.task_acks_late
    assert app.conf.worker_prefetch_multiplier == 1


def test_task_gets_to_the_broker() -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        before = broker.llen(QUEUE)
        tasks.tick.apply_async(retry=False)
        assert broker.llen(QUEUE) == int(str(before)) + 1
        broker.rpop(QUEUE)


@pytest.mark.parametrize("name", ["task_always_eager", "result_backend"])
def test_nothing_runs_in_place_and_no_result_is_kept(name: str) -> None:
    assert not getattr(app.conf, name)
