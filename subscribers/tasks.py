"""What workers do at once; `tick` does the same a minute later where a task was lost."""

from __future__ import annotations

from datetime import datetime

from celery import shared_task
from django.utils import timezone

from core.command_reports import Problem
from core.concurrency import dispatch
from subscribers import account_mail, sign_up
from subscribers.imports import uploads


@shared_task
def take_up_slip(key: int) -> None:
    sign_up.take_up(key, timezone.now())


@shared_task
def send_letter(key: int) -> None:
    account_mail.send(key, timezone.now())


@shared_task
def bring_in_list(key: int) -> None:
    """The rest stands behind whatever else waits for a worker."""
    if uploads.work(key):
        dispatch.at_once(bring_in_list, key)


def hand_out_lists(now: datetime) -> tuple[Problem, ...]:
    """Lists that an editor has begun and no worker reads; what is too old is forgotten."""
    return dispatch.hand_out(((bring_in_list, (key,)) for key in uploads.look(now)), "lists wait")
