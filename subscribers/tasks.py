"""What workers do at once; `tick` does the same a minute later where a task was lost."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Final

from celery import shared_task
from django.utils import timezone

from core.command_reports import Problem
from core.concurrency import detached, dispatch
from core.concurrency.advisory_locks import alone_at
from core.models import LastRun
from subscribers import account_mail, sign_up
from subscribers.imports import uploads
from subscribers.models import AccountMail, SendingPermit

log = logging.getLogger(__name__)

SENDER_LOCK: Final = "subscribers.account_mail"  # what one process at a time is at
# Kept as LastRun: when tick last gave account mails to the workers, and when a worker last took them up.
_DISPATCHED: Final = "account_mail.dispatched"
_TAKEN_UP: Final = "account_mail.taken_up"


@shared_task
def process_signup_request(key: int) -> None:
    sign_up.process_request(key, timezone.now())


@shared_task
def send_account_mail(key: int) -> None:
    account_mail.send_mail(key, timezone.now())


@shared_task
def import_list(key: int) -> None:
    """Reads a part of the list; the rest is queued anew, so that a long list holds up no other task."""
    if uploads.work_on_import(key):
        dispatch.dispatch_now(import_list, key)


def dispatch_imports(now: datetime) -> tuple[Problem, ...]:
    """Hands to the workers the lists that an editor has begun and no worker reads; forgets lists that are too old."""
    return dispatch.dispatch(((import_list, (key,)) for key in uploads.due_imports(now)), "lists wait")


@shared_task
def send_due_account_mail() -> None:
    LastRun.objects.leave(_TAKEN_UP, timezone.now())
    send_waiting_mail(timezone.now())


def send_waiting_mail(now: datetime) -> int:
    """Sends the account mails that are due and returns how many; 0 where another process is sending them."""
    with alone_at(SENDER_LOCK) as is_ours:
        return account_mail.send_due(now) if is_ours else 0


def dispatch_account_mail(now: datetime) -> int:
    """Has account mails sent that are due, by a worker or else by a process of its own; returns how many are due.

    Nothing is sent here, so no mail server can hold up whoever calls this.
    """
    AccountMail.objects.outlived(now).delete()
    due = AccountMail.objects.due(now).count() if SendingPermit.objects.is_armed() else 0
    if not due or _is_being_sent():
        return 0
    nobody_works = _waits_for_a_worker()
    LastRun.objects.leave(_DISPATCHED, now)
    if dispatch.dispatch([(send_due_account_mail, ())], "a process sends account mail") or nobody_works:
        log.info("account_mail.process_started due=%d", due)
        detached.start_command("send_account_mail")
    return due


def _is_being_sent() -> bool:
    with alone_at(SENDER_LOCK) as is_free:
        return not is_free


def _waits_for_a_worker() -> bool:
    """Whether no worker has taken up what an earlier tick gave out: there may be none."""
    at = dict(LastRun.objects.filter(name__in=[_DISPATCHED, _TAKEN_UP]).values_list("name", "at"))
    return _DISPATCHED in at and (_TAKEN_UP not in at or at[_TAKEN_UP] < at[_DISPATCHED])
