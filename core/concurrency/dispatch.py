"""Hands tasks to the workers. A task that is lost, or that no worker begins, is handed out again by the next tick."""

import logging
from collections.abc import Iterable
from typing import Any, Final

from celery import Task
from kombu.exceptions import OperationalError

from core.command_reports import Problem

log = logging.getLogger(__name__)

UNTIL_THE_NEXT_TICK: Final = 55  # seconds; what a busy worker has not begun by then is handed out again
_Work = Iterable[tuple[Task[Any, Any], tuple[Any, ...]]]


def dispatch(work: _Work, otherwise: str) -> tuple[Problem, ...]:
    """Queues each task with its arguments. If no broker answers, returns a problem that ends with `otherwise`."""
    try:
        for task, arguments in work:
            task.apply_async(arguments, expires=UNTIL_THE_NEXT_TICK)
    except OperationalError as error:
        return (Problem("REDIS_URL", f"The broker does not answer, so {otherwise}: {error}"),)
    return ()


def dispatch_now(task: Task[Any, None], *keys: int) -> None:
    """Queues one task; if no broker answers, the next tick does the work."""
    try:
        task.apply_async(keys, retry=False)
    except OperationalError:
        log.warning("tasks.no_broker task=%s keys=%s", task.name, keys)
