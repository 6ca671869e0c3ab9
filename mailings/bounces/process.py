"""What is done about bounces, complaints and who leaves: stored first, acted on once, and never to a milder end."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Final

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce

from core.models import LastRun
from mailings.bounces import return_paths
from mailings.bounces.parser import MailReport, NotAReport, parse_report, parse_wish_to_leave
from mailings.models import Delivery, MailEvent
from subscribers.addresses import BadAddress, address_hash, normalise_address
from subscribers.models import AccountMail, Subscriber, Suppression
from subscribers.suppressions import suppress_hash

log = logging.getLogger(__name__)

LOOKED_AT: Final = 5  # the last messages to a person
TOO_MANY: Final = 3  # of those that came back for now: nobody is reached there
LATEST_REPORT: Final = timedelta(days=30)  # nothing comes back later; who says so has a wrong clock
AT_ONCE: Final = 500  # events that one look acts on
_FORGETS: Final = timedelta(days=1)
_TRACE: Final = "mail_events.forgotten"
LONG_ENOUGH: Final = 8  # letters of a mail server's name for a message, to be found in what it answered
# As the engine writes it into each message; the hash is known only to who had the message.
MESSAGE_ID: Final = re.compile(r"<(\d{1,18})\.([0-9a-f]{32})@[^\s<>@]+>")


@dataclass(frozen=True, slots=True)
class _Concerned:
    """Whose message it was; proven where the report holds what only somebody who had the message can know."""

    address_hash: str
    is_proven: bool
    delivery: Delivery | None = None
    account_mail: AccountMail | None = None


def receive_mail(raw: bytes, now: datetime, *, receiver: str = "") -> list[MailEvent]:
    """Stores what a mail that came back says, and then acts on it; what is left undone the next tick does.

    Raises NotAReport.
    """
    events = [store_report(report, now) for report in _understood(raw, receiver)]
    for event in events:
        process_event(event.pk, now)
    return events


def store_report(report: MailReport, now: datetime) -> MailEvent:
    """Once, however often it is told; the earliest time it was told for is kept."""
    happened = report.happened if report.happened and now - LATEST_REPORT < report.happened < now else now
    whose = _concerned(report)
    values = {
        "kind": report.kind,
        "status": report.status,
        "diagnostic": report.diagnostic,
        "address_hash": whose.address_hash,
        "delivery": whose.delivery,
        "account_mail": whose.account_mail,
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


def process_waiting(now: datetime) -> int:
    """On what was stored and not acted on, the oldest first; how many. Safe twice at once."""
    waiting = MailEvent.objects.waiting().order_by("pk").values_list("pk", flat=True)
    return sum(process_event(key, now) for key in waiting[:AT_ONCE])


def forget_old_events(now: datetime) -> int:
    """Once a day, what is personal of events long ago; how many were emptied."""
    if LastRun.objects.filter(name=_TRACE, at__gt=now - _FORGETS).exists():
        return 0
    LastRun.objects.leave(_TRACE, now)
    return MailEvent.objects.forget(now)


@transaction.atomic
def process_event(key: int, now: datetime) -> bool:
    """What this event means for the person, once; False where that was done before."""
    event = MailEvent.objects.waiting().select_for_update(of=("self",)).filter(pk=key).first()
    if event is None:
        return False
    if event.is_complaint:
        suppress_hash(event.address_hash, Suppression.Reason.COMPLAINED, now)
    elif event.is_wish_to_leave and not _is_outdated(event):
        _let_go(event, now)
    elif not _is_outdated(event) and (event.is_hard or (event.is_soft and _comes_back_again_and_again(event))):
        suppress_hash(event.address_hash, Suppression.Reason.BOUNCED, now)
    event.close(now)
    return True


def _let_go(event: MailEvent, now: datetime) -> None:
    """The person, even where the message went to an earlier address."""
    leaving = event.subscriber or (event.delivery.subscriber if event.delivery else None)
    if leaving is not None:
        leaving.unsubscribe(now)


def _understood(raw: bytes, receiver: str) -> tuple[MailReport, ...]:
    """As a report, else as the mail of a person who wants to leave."""
    try:
        return parse_report(raw, receiver=receiver)
    except NotAReport:
        asked = parse_wish_to_leave(raw, receiver=receiver)
        if asked is None or _leaver(asked.returned_to) is None:
            raise
        return (asked,)


def _concerned(report: MailReport) -> _Concerned:
    if (delivery := _by_return_path(report.returned_to) or _by_message_id(report.message_id)) is not None:
        return _Concerned(delivery.address_hash, is_proven=True, delivery=delivery)
    if (letter := _letter(report)) is not None:
        return _Concerned(address_hash(letter.recipient), is_proven=True, account_mail=letter)
    if report.kind == "left" and (leaver := _leaver(report.returned_to)) is not None:
        return _Concerned(leaver.address_hash, is_proven=True)
    try:
        whose = address_hash(normalise_address(report.recipient))
    except BadAddress:
        return _Concerned("", is_proven=False)
    return _Concerned(whose, is_proven=report.is_vouched, delivery=_last_to(whose, report.queued_as))


def _leaver(addresses: Iterable[str]) -> Subscriber | None:
    return next((found for address in addresses if (found := return_paths.find_leaver(address))), None)


def _letter(report: MailReport) -> AccountMail | None:
    by_return_path = next(
        (found for address in report.returned_to if (found := return_paths.find_account_mail(address))), None
    )
    return by_return_path or return_paths.find_account_mail_by_id(report.message_id)


def _last_to(whose: str, queued_as: str) -> Delivery | None:
    """The message of which the mail server said so when it took it; the last one that is known to the address else."""
    sent = Delivery.objects.filter(subscriber__address_hash=whose, address_hash=whose).order_by("-pk")
    named = sent.filter(reply__contains=queued_as).first() if len(queued_as) >= LONG_ENOUGH else None
    return named or sent.first()


def _by_return_path(addresses: Iterable[str]) -> Delivery | None:
    return next((found for address in addresses if (found := return_paths.find_delivery(address))), None)


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
    last = _last_messages(event.address_hash)
    deliveries, letters = ([key for kind, key in last if kind is model] for model in (Delivery, AccountMail))
    back = MailEvent.objects.counting_softly().filter(Q(delivery__in=deliveries) | Q(account_mail__in=letters))
    return back.values("delivery", "account_mail").distinct().count() >= TOO_MANY


def _last_messages(whose: str) -> list[tuple[type[Delivery | AccountMail], int]]:
    """The last ones that went to this address, issues and letters alike."""
    issues = Delivery.objects.filter(
        subscriber__address_hash=whose,
        address_hash=whose,
        state__in=[Delivery.State.SENT, Delivery.State.UNCERTAIN],
    )
    sent = Coalesce("sent_at", "claimed_at", "mailing__created")
    letters = AccountMail.objects.filter(subscriber__address_hash=whose, to="", state=AccountMail.State.SENT)
    found: list[tuple[datetime, type[Delivery | AccountMail], int]] = [
        *((at, Delivery, key) for key, at in issues.order_by("-pk").values_list("pk", sent)[:LOOKED_AT]),
        *((at, AccountMail, key) for key, at in letters.order_by("-pk").values_list("pk", "asked_at")[:LOOKED_AT]),
    ]
    last = sorted(found, key=itemgetter(0), reverse=True)
    return [(kind, key) for _at, kind, key in last[:LOOKED_AT]]
