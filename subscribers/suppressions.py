"""Who gets nothing any more, and how a person lifts that by hand where an address can be reached again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce

from subscribers.addresses import address_hash
from subscribers.models import Subscriber, Suppression


@transaction.atomic
def suppress_hash(whose: str, reason: Suppression.Reason, now: datetime) -> None:
    """This address gets no mail any more. A complaint stays the reason, whatever is reported later."""
    if not whose:
        return
    Suppression.objects.impose(whose, reason, now)
    people = Subscriber.objects.filter(address_hash=whose)
    if reason == Suppression.Reason.COMPLAINED:
        gone = people.exclude(state=Subscriber.State.COMPLAINED)
        gone.update(state=Subscriber.State.COMPLAINED, left_at=Coalesce("left_at", now))
    else:
        people.standing().update(state=Subscriber.State.BOUNCED, left_at=now)


def suppress_address(address: str, now: datetime) -> None:
    """The mail server said that this address is dead."""
    suppress_hash(address_hash(address), Suppression.Reason.BOUNCED, now)


@transaction.atomic
def lift_suppression(suppression: Suppression, now: datetime) -> bool:
    """Puts the person back to what they were before mail came back. False after a complaint, which is never lifted.

    Of somebody who was erased the address stays suppressed, as one erased: only the person's own word brings it back.
    """
    bounced = Suppression.objects.filter(pk=suppression.pk, reason=Suppression.Reason.BOUNCED)
    people = Subscriber.objects.filter(address_hash=suppression.address_hash)
    if not people.exists():
        return bool(bounced.update(reason=Suppression.Reason.ERASED, since=now))
    if not bounced.delete()[0]:
        return False
    unreachable = people.filter(state=Subscriber.State.BOUNCED)
    consented = Q(consent_at__isnull=False) | Q(confirmed_at__isnull=False)
    unreachable.filter(consented).update(state=Subscriber.State.ACTIVE, left_at=None)
    unreachable.exclude(consented).update(state=Subscriber.State.PENDING, left_at=None)
    return True
