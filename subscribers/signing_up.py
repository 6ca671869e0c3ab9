"""Signing up and signing in: every address gets the same answer on the page; the difference is in its mailbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from issues.models import Series
from subscribers import letters
from subscribers.addresses import address_hash
from subscribers.models import Letter, Subscriber, Suppression

QUESTION: Final = {
    Subscriber.State.PENDING.value: Letter.Kind.CONFIRM,
    Subscriber.State.UNSUBSCRIBED.value: Letter.Kind.CONFIRM,
    Subscriber.State.ACTIVE.value: Letter.Kind.KNOWN,
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody typed into the form: perhaps not the owner of the address."""

    address: str
    name: str = ""
    series: tuple[Series, ...] = ()


def consent_words() -> str:
    """The words beside both buttons; those shown at the confirmation are kept as the proof."""
    return (
        _(
            "Send me %s by e-mail, as a rule once a week. I can leave at any time with the link in every mail, "
            "and my address is used for nothing else."
        )
        % settings.SITE_NAME
    )


@transaction.atomic
def sign_up(wish: Wish, now: datetime) -> None:
    """Asks the owner of the address by mail. Only what is still to be confirmed takes the wishes of the form."""
    if Suppression.objects.at(wish.address).final().exists():
        return
    subscriber, _created = Subscriber.objects.get_or_create(
        address_hash=address_hash(wish.address), defaults={"email": wish.address}
    )
    if subscriber.state == Subscriber.State.PENDING:
        _keep(wish, subscriber)
    if subscriber.state in QUESTION:
        letters.ask(subscriber, QUESTION[subscriber.state], now)


def ask_for_sign_in(address: str, now: datetime, *, issue: str = "") -> None:
    """Mails a sign-in link where an active subscriber has this address; `issue` is the slug to go on with."""
    subscriber = Subscriber.objects.active().at(address).first()
    if subscriber is not None:
        letters.ask(subscriber, Letter.Kind.SIGN_IN, now, issue=issue)


def _keep(wish: Wish, subscriber: Subscriber) -> None:
    if wish.name:
        subscriber.name = wish.name
        subscriber.save(update_fields=["name"])
    if wish.series:
        subscriber.series.set(wish.series)
