"""An address that was given up as dead and can be reached again: a person lifts that by hand, and says why."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from subscribers.models import Subscriber, Suppression


@transaction.atomic
def lift(suppression: Suppression, now: datetime) -> bool:
    """The person is again what they were before the mail came back. False after a complaint: that is the last word.

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
