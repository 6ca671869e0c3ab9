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
def process_signup_request(key: int) -> None:
    sign_up.process_request(key, timezone.now())


@shared_task
def send_account_mail(key: int) -> None:
    account_mail.send_mail(key, timezone.now())


@shared_task
def import_list(key: int) -> None:
    """The rest stands behind whatever else waits for a worker."""
    if uploads.work_on_import(key):
        dispatch.dispatch_now(import_list, key)


def dispatch_imports(now: datetime) -> tuple[Problem, ...]:
    """Lists that an editor has begun and no worker reads; what is too old is forgotten."""
    return dispatch.dispatch(((import_list, (key,)) for key in uploads.due_imports(now)), "lists wait")
