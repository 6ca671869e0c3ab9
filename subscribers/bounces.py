"""What is done about bounces and complaints: stored first, acted on once, in any order, and never to a milder end."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models.functions import Coalesce

from subscribers import verp
from subscribers.addresses import BadAddress, address_hash, normalise
from subscribers.models import Delivery, MailEvent, Subscriber, Suppression
from subscribers.reports import MailReport, read

log = logging.getLogger(__name__)

LOOKED_AT: Final = 5  # the last messages to a person
TOO_MANY: Final = 3  # of those that came back for now: nobody is reached there
LATEST: Final = timedelta(days=30)  # nothing comes back later; who says so has a wrong clock
AT_ONCE: Final = 500  # events that one look acts on
# As the engine writes it into each message; the hash is known only to who had the message.
MESSAGE_ID: Final = re.compile(r"<(\d{1,18})\.([0-9a-f]{32})@[^\s<>@]+>")


@dataclass(frozen=True, slots=True)
class Concerned:
    """Whose message it was; proven where the report holds what only somebody who had the message can know."""

    delivery: Delivery | None
    address_hash: str
    is_proven: bool


def receive(raw: bytes, now: datetime, *, receiver: str = "") -> list[MailEvent]:
    """Stores what a mail that came back says, and then acts on it; what is left undone the next tick does.

    Raises NotAReport.
    """
    events = [store(report, now) for report in read(raw, receiver=receiver)]
    for event in events:
        act(event.pk, now)
    return events


def store(report: MailReport, now: datetime) -> MailEvent:
    """Once, however often it is told; the earliest time it was told for is kept."""
    happened = report.happened if report.happened and now - LATEST < report.happened < now else now
    whose = _concerned(report)
    values = {
        "kind": report.kind,
        "status": report.status,
        "diagnostic": report.diagnostic,
        "address_hash": whose.address_hash,
        "delivery": whose.delivery,
        "subscriber": Subscriber.objects.filter(address_hash=whose.address_hash).first(),
        "is_proven": whose.is_proven,
        "happened": happened,
        "received": now,
    }
    event, is_new = MailEvent.objects.get_or_create(source=report.source, event_id=report.event_id, defaults=values)
    if not is_new:
        MailEvent.objects.filter(pk=event.pk, happened__gt=happened).update(happened=happened)
    log.info("bounces.stored source=%s kind=%s new=%s", report.source, report.kind, is_new)
    return event


def act_on_waiting(now: datetime) -> int:
    """On what was stored and not acted on, the oldest first; how many. Safe twice at once."""
    waiting = MailEvent.objects.waiting().order_by("pk").values_list("pk", flat=True)
    return sum(act(key, now) for key in waiting[:AT_ONCE])


@transaction.atomic
def act(key: int, now: datetime) -> bool:
    """What this event means for the person, once; False where that was done before."""
    event = MailEvent.objects.waiting().select_for_update(of=("self",)).filter(pk=key).first()
    if event is None:
        return False
    if event.is_complaint:
        give_up(event.address_hash, Suppression.Reason.COMPLAINED, now)
    elif not _is_outdated(event) and (event.is_hard or (event.is_soft and _comes_back_again_and_again(event))):
        give_up(event.address_hash, Suppression.Reason.BOUNCED, now)
    event.close(now)
    return True


def give_up_on(address: str, now: datetime) -> None:
    """The mail server said that this address is dead."""
    give_up(address_hash(address), Suppression.Reason.BOUNCED, now)


@transaction.atomic
def give_up(whose: str, reason: Suppression.Reason, now: datetime) -> None:
    """The address of this hash gets nothing any more, for good; who complained stays so, whatever is told later."""
    if not whose:
        return
    Suppression.objects.impose(whose, reason, now)
    people = Subscriber.objects.filter(address_hash=whose)
    if reason == Suppression.Reason.COMPLAINED:
        gone = people.exclude(state=Subscriber.State.COMPLAINED)
        gone.update(state=Subscriber.State.COMPLAINED, left_at=Coalesce("left_at", now))
    else:
        people.standing().update(state=Subscriber.State.BOUNCED, left_at=now)


def _concerned(report: MailReport) -> Concerned:
    delivery = _by_return_path(report.returned_to) or _by_message_id(report.message_id)
    if delivery is not None:
        return Concerned(delivery, delivery.address_hash, is_proven=True)
    try:
        whose = address_hash(normalise(report.recipient))
    except BadAddress:
        return Concerned(None, "", is_proven=False)
    last = Delivery.objects.filter(subscriber__address_hash=whose, address_hash=whose).order_by("-pk").first()
    return Concerned(last, whose, is_proven=False)


def _by_return_path(addresses: Iterable[str]) -> Delivery | None:
    return next((found for address in addresses if (found := verp.delivery_at(address))), None)


def _by_message_id(text: str) -> Delivery | None:
    found = MESSAGE_ID.search(text)
    if found is None:
        return None
    mailing, start = int(found.group(1)), found.group(2)
    # A range, unlike a beginning, is answered by the index whatever the database's collation.
    rows = Delivery.objects.filter(mailing=mailing, address_hash__gte=start, address_hash__lt=f"{start}g")
    return rows.first()


def _is_outdated(event: MailEvent) -> bool:
    """The person confirmed the address after the message had come back from it."""
    return Subscriber.objects.filter(address_hash=event.address_hash, confirmed_at__gt=event.happened).exists()


def _comes_back_again_and_again(event: MailEvent) -> bool:
    sent = Delivery.objects.filter(
        subscriber__address_hash=event.address_hash,
        address_hash=event.address_hash,
        state__in=[Delivery.State.SENT, Delivery.State.UNCERTAIN],
    )
    last = list(sent.order_by("-pk").values_list("pk", flat=True)[:LOOKED_AT])
    back = MailEvent.objects.counting_softly().filter(delivery__in=last)
    return back.values("delivery").distinct().count() >= TOO_MANY
