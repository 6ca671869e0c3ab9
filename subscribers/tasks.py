"""What workers do at once; `tick` does the same a minute later where a task was lost."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from celery import Task, shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from llmwatch.lib.reports import Problem
from subscribers import intakes, letters, mailbox, mailings, signing_up

log = logging.getLogger(__name__)

UNTIL_THE_NEXT_TICK = 55  # seconds; what a busy worker has not begun by then is handed out again


@shared_task
def take_up_slip(key: int) -> None:
    signing_up.take_up(key, timezone.now())


@shared_task
def send_letter(key: int) -> None:
    letters.send(key, timezone.now())


@shared_task
def send_mailing(key: int) -> None:
    mailings.work(key)


@shared_task
def read_mailbox() -> None:
    mailbox.look(timezone.now())


@shared_task
def bring_in_list(key: int) -> None:
    intakes.work(key)


def at_once(task: Task[Any, None], key: int) -> None:
    """To a worker, now; where no broker answers, the next tick does it."""
    try:
        task.apply_async((key,), retry=False)
    except OperationalError:
        log.warning("tasks.no_broker task=%s key=%d", task.name, key)


def hand_out_mailbox(now: datetime) -> tuple[Problem, ...]:
    """The mailbox for what comes back, where it was not looked into for a while."""
    try:
        if mailbox.is_due(now):
            read_mailbox.apply_async(expires=UNTIL_THE_NEXT_TICK)
    except OperationalError as error:
        return (Problem("REDIS_URL", f"The broker does not answer, so bounces wait in their mailbox: {error}"),)
    return ()


def hand_out(keys: Iterable[int]) -> tuple[Problem, ...]:
    """A slice of each of these mailings for the workers; the next tick makes up for what was lost."""
    try:
        for key in keys:
            send_mailing.apply_async((key,), expires=UNTIL_THE_NEXT_TICK)
    except OperationalError as error:
        return (Problem("REDIS_URL", f"The broker does not answer, so mailings wait: {error}"),)
    return ()


def hand_out_lists(now: datetime) -> tuple[Problem, ...]:
    """Lists that an editor has begun and no worker reads; what is too old is forgotten."""
    try:
        for key in intakes.look(now):
            bring_in_list.apply_async((key,), expires=UNTIL_THE_NEXT_TICK)
    except OperationalError as error:
        return (Problem("REDIS_URL", f"The broker does not answer, so lists wait: {error}"),)
    return ()
