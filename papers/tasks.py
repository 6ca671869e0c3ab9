"""Tasks carry identifiers, may run twice, and are tried again only where the database was away."""

import logging
from collections.abc import Sequence

from celery import shared_task
from django.db import OperationalError

from papers import pulling

log = logging.getLogger(__name__)


@shared_task(autoretry_for=(OperationalError,), retry_backoff=True, max_retries=5)
def pull_ids(ids: Sequence[str]) -> None:
    """As `pull_arxiv --ids`; what went wrong is in the log."""
    for problem in pulling.pull_ids(ids).problems:
        log.warning("arxiv.problem id=%s what=%s", problem.where, problem.what)
