"""Who gets a mailing: chosen once, in one statement, before the first byte is sent."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, F, Q, Value
from django.db.models.functions import Greatest

from issues.models import Issue
from mailings.models import Delivery, Mailing
from subscribers.models import Subscriber
from subscribers.models.subscriber import SubscriberQuerySet

DELIVERY_COLUMNS: Final = ("mailing_id", "subscriber_id", "address_hash", "depth", "supporters", "is_seed", "state")


class AudienceMismatch(RuntimeError):
    """Fewer deliveries were written than people chosen; nothing was sent, and the mailing is not started."""


def audience_of(issue: Issue, today: date) -> SubscriberQuerySet:
    """Everybody who would get this issue by mail on this day; inboxes of our own get every one."""
    readers = Subscriber.objects.awake(today).following(issue.series)
    return (readers | Subscriber.objects.seeds()).mailable()


def freeze_audience(mailing: Mailing, today: date) -> int:
    """Writes a delivery for each person, in one statement and in the order of sending; returns how many.

    Our own inboxes come first, then supporters, then who did something lately: where mailbox providers judge a sender
    by the first messages, these are the ones least likely to be called spam. Raises AudienceMismatch.
    """
    paying = ExpressionWrapper(Q(paid_until__isnull=False, paid_until__gte=today), output_field=BooleanField())
    chosen = (
        audience_of(mailing.issue, today)
        .annotate(mailing_key=Value(mailing.pk), paying=paying, first_state=Value(Delivery.State.PENDING.value))
        .annotate(lately=Greatest("last_acted", "confirmed_at"))
        .order_by("-is_seed", "-paying", F("lately").desc(nulls_last=True), "pk")
        .values_list("mailing_key", "pk", "address_hash", "depth", "paying", "is_seed", "first_state")
    )
    candidates, rows = _insert(*chosen.query.sql_with_params())
    if candidates != rows:
        raise AudienceMismatch(f"{candidates} people were chosen, {rows} rows were written.")
    return rows


def _insert(select: str, params: tuple[Any, ...]) -> tuple[int, int]:
    columns = ", ".join(DELIVERY_COLUMNS)
    statement = (
        f"WITH chosen ({columns}) AS MATERIALIZED ({select}), "  # noqa: S608 (names of our own columns)
        f"written AS (INSERT INTO mailings_delivery ({columns}, claimed_by, attempts, reply) "
        f"SELECT {columns}, '', 0, '' FROM chosen RETURNING 1) "
        "SELECT (SELECT count(*) FROM chosen), (SELECT count(*) FROM written)"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        candidates, rows = cursor.fetchone()
    return candidates, rows
