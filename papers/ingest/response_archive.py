"""arXiv's answers, kept for a while: never in the way of a pull, and forgotten after `ARXIV_BODIES_DAYS`."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, transaction

from papers.arxiv.polite_http import HttpAnswer
from papers.models import ArxivResponse

log = logging.getLogger(__name__)


def store_response(source: str, address: str, answer: HttpAnswer, fault: str, now: datetime) -> None:
    """An answer that cannot be kept is used all the same."""
    if settings.ARXIV_BODIES_DAYS == 0:
        return
    body = ArxivResponse.of(
        answer.body,
        source=source,
        asked=address,
        status=answer.status,
        fetched=now,
        etag=answer.etag,
        fault=fault.replace("\0", ""),
    )
    try:
        with transaction.atomic():
            ArxivResponse.objects.keep(body)
    except DatabaseError as error:
        log.warning("arxiv.body_lost sha256=%s reason=%s", body.sha256, error)


def find_response(address: str) -> HttpAnswer | None:
    """The last readable answer of this address, if it is kept and arXiv can be asked whether it still stands."""
    body = ArxivResponse.objects.latest_of(address)
    return HttpAnswer(body.status, body.whole, body.etag, unchanged=True) if body and body.etag else None


def delete_old_responses(now: datetime) -> int:
    """Deletes what is older than it is to be kept; how many that were."""
    forgotten, _ = ArxivResponse.objects.filter(fetched__lt=now - timedelta(days=settings.ARXIV_BODIES_DAYS)).delete()
    if forgotten:
        log.info("arxiv.forgotten bodies=%d", forgotten)
    return forgotten
