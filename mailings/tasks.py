"""What workers do at once; `tick` does the same a minute later where a task was lost."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from celery import shared_task
from django.utils import timezone

from core.command_reports import Problem
from core.concurrency import dispatch
from mailings import lifecycle
from mailings.bounces import mailbox, process, refusals


@shared_task
def send_mailing(key: int) -> None:
    lifecycle.work_on_mailing(key)


@shared_task
def read_mailbox() -> None:
    mailbox.read_bounce_mailbox(timezone.now())


@shared_task
def process_mail_events() -> None:
    refusals.receive_refused_account_mails(timezone.now())
    process.process_waiting(timezone.now())


def dispatch_mailbox(now: datetime) -> tuple[Problem, ...]:
    """The mailbox for what comes back, where it was not looked into for a while."""
    work = [(read_mailbox, ())] if mailbox.is_due(now) else []
    return dispatch.dispatch(work, "bounces wait in their mailbox")


def dispatch_mailings(keys: Iterable[int]) -> tuple[Problem, ...]:
    """A slice of each of these mailings for the workers; the next tick makes up for what was lost."""
    return dispatch.dispatch(((send_mailing, (key,)) for key in keys), "mailings wait")
