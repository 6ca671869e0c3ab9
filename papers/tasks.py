"""Tasks carry identifiers, may run twice, and are tried again only where the database was away."""

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from celery import Task, shared_task
from django.db import OperationalError

from core.command_reports import Problem, Refused
from core.concurrency import dispatch
from papers.ingest import fetch_by_id, scheduler
from papers.models import Paper
from papers.search import index_backlog

log = logging.getLogger(__name__)


@shared_task(autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def pull_ids(ids: Sequence[str]) -> None:
    """As `pull_arxiv --ids`; what went wrong is in the log."""
    for problem in fetch_by_id.pull_ids(ids).problems:
        log.warning("arxiv.problem id=%s what=%s", problem.where, problem.what)


@shared_task
def follow_arxiv() -> None:
    """As `pull_arxiv --due`; of two at once one has nothing to do, and what is left is handed out again."""
    try:
        for problem in scheduler.follow_arxiv().problems:
            log.warning("arxiv.problem where=%s what=%s", problem.where, problem.what)
    except Refused as refusal:
        log.error("arxiv.unusable what=%s", refusal)


@shared_task
def index_words() -> None:
    log.info("papers.index_backlog read=%d", index_backlog.index_backlog())


def dispatch_due(now: datetime) -> tuple[Problem, ...]:
    """What is due for a worker: arXiv, where nobody is at it, and a slice of the papers whose words are unread."""
    scheduler.forget_unfollowed(now)
    return dispatch.dispatch(_due(now), "arXiv is not followed and loaded papers are not found yet")


def _due(now: datetime) -> Iterator[tuple["Task[Any, Any]", tuple[()]]]:
    if scheduler.due_tasks(now) and not scheduler.is_under_way():
        yield follow_arxiv, ()
    if Paper.objects.unsearchable().exists():
        yield index_words, ()
