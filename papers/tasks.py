"""Tasks carry identifiers, may run twice, and are tried again only where the database was away."""

import logging
from collections.abc import Sequence

from celery import shared_task
from django.db import OperationalError
from kombu.exceptions import OperationalError as NoBroker

from llmwatch.lib.reports import Problem
from papers import pulling, words
from papers.models import Paper

log = logging.getLogger(__name__)

UNTIL_THE_NEXT_TICK = 55  # seconds; what a busy worker has not begun by then is handed out again


@shared_task(autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def pull_ids(ids: Sequence[str]) -> None:
    """As `pull_arxiv --ids`; what went wrong is in the log."""
    for problem in pulling.pull_ids(ids).problems:
        log.warning("arxiv.problem id=%s what=%s", problem.where, problem.what)


@shared_task
def read_words() -> None:
    log.info("papers.words read=%d", words.read())


def hand_out() -> tuple[Problem, ...]:
    """A slice of the papers whose words are unread for a worker; the next tick makes up for what was lost."""
    if Paper.objects.unsearchable().exists():
        try:
            read_words.apply_async(expires=UNTIL_THE_NEXT_TICK)
        except NoBroker as error:
            return (Problem("REDIS_URL", f"The broker does not answer, so loaded papers are not found yet: {error}"),)
    return ()
