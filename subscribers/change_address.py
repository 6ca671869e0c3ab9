"""A change of address: asked for by a fresh link in the old mailbox, proven by another in the new one."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import IntegrityError, transaction

from subscribers import account_mail, votes
from subscribers.addresses import address_hash
from subscribers.models import AccountMail, Subscriber, Suppression

MAX_ATTEMPTS: Final = 2  # whoever signs up with the new address at the same moment gives way to the second


def request_change(subscriber: Subscriber, address: str, now: datetime) -> None:
    """Mails a question to the new address; if it is subscribed already, its owner is told so instead."""
    if not subscriber.is_active or Suppression.objects.at(address).final().exists():
        return
    other = Subscriber.objects.at(address).first()
    if other is None or other.state in _GIVES_WAY:
        account_mail.request_mail(subscriber, AccountMail.Kind.MOVE, now, to=address)
    elif other.is_active and other != subscriber:
        account_mail.request_mail(other, AccountMail.Kind.KNOWN, now)


@transaction.atomic
def change_address(letter: AccountMail, now: datetime) -> bool:
    """The new address has agreed: the subscriber keeps token, choices and history. A second time changes nothing.

    False where mail can go there no more, or somebody subscribed with it meanwhile.
    """
    subscriber = Subscriber.objects.select_for_update().get(pk=letter.subscriber_id)
    if has_moved(letter, subscriber):
        return True
    if not subscriber.is_active or Suppression.objects.at(letter.to).final().exists():
        return False
    old, old_hash, subscriber.email = subscriber.email, subscriber.address_hash, letter.to
    if not any(_takes_its_place(subscriber) for _attempt in range(MAX_ATTEMPTS)):
        return False
    votes.take_along(old_hash, subscriber.address_hash)
    account_mail.request_mail(subscriber, AccountMail.Kind.MOVED, now, to=old)
    return True


def _takes_its_place(subscriber: Subscriber) -> bool:
    """False, and nothing is changed, where another subscriber has the address or signs up with it right now."""
    try:
        with transaction.atomic():
            Suppression.objects.at(subscriber.email).liftable().delete()
            Subscriber.objects.at(subscriber.email).filter(state__in=_GIVES_WAY).delete()
            subscriber.save(update_fields=["email", "address_hash"])
    except IntegrityError:
        return False
    return True


def has_moved(letter: AccountMail, subscriber: Subscriber) -> bool:
    return subscriber.address_hash == address_hash(letter.to)


# Whoever reads the mail of the address has the say over a subscription that sends nothing there.
_GIVES_WAY = frozenset({Subscriber.State.PENDING, Subscriber.State.UNSUBSCRIBED})
