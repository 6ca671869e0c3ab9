"""What workers do at once; `tick` does the same a minute later where a task was lost."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from celery import Task, shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from core.command_reports import Problem
from core.concurrency import dispatch as queueing
from mailings import lifecycle as mailings
from mailings.bounces import mailbox
from mailings.bounces import process as bounces
from subscribers import account_mail as letters
from subscribers import sign_up as signing_up
from subscribers.imports import uploads as intakes

log = logging.getLogger(__name__)


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
def act_on_mail_events() -> None:
    bounces.act_on_waiting(timezone.now())


@shared_task
def bring_in_list(key: int) -> None:
    """The rest stands behind whatever else waits for a worker."""
    if intakes.work(key):
        at_once(bring_in_list, key)


def at_once(task: Task[Any, None], *keys: int) -> None:
    """To a worker, now; where no broker answers, the next tick does it."""
    try:
        task.apply_async(keys, retry=False)
    except OperationalError:
        log.warning("tasks.no_broker task=%s keys=%s", task.name, keys)


def hand_out_mailbox(now: datetime) -> tuple[Problem, ...]:
    """The mailbox for what comes back, where it was not looked into for a while."""
    work = [(read_mailbox, ())] if mailbox.is_due(now) else []
    return queueing.hand_out(work, "bounces wait in their mailbox")


def hand_out(keys: Iterable[int]) -> tuple[Problem, ...]:
    """A slice of each of these mailings for the workers; the next tick makes up for what was lost."""
    return queueing.hand_out(((send_mailing, (key,)) for key in keys), "mailings wait")


def hand_out_lists(now: datetime) -> tuple[Problem, ...]:
    """Lists that an editor has begun and no worker reads; what is too old is forgotten."""
    return queueing.hand_out(((bring_in_list, (key,)) for key in intakes.look(now)), "lists wait")
