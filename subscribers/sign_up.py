"""Signing up and signing in: every address gets the same answer on the page; the difference is in its mailbox.

The page only puts a slip down, whoever asks; a worker, or the next tick, takes it up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from core.concurrency import dispatch
from issues.models import Series
from subscribers import account_mail, change_address
from subscribers.addresses import address_hash
from subscribers.models import AccountMail, SignupRequest, Subscriber, Suppression

BATCH_SIZE: Final = 200
_QUESTION: Final = {
    Subscriber.State.PENDING.value: AccountMail.Kind.CONFIRM,
    Subscriber.State.UNSUBSCRIBED.value: AccountMail.Kind.CONFIRM,
    Subscriber.State.ACTIVE.value: AccountMail.Kind.KNOWN,
}


@dataclass(frozen=True, slots=True)
class SignUp:
    """What somebody typed into the form: perhaps not the owner of the address."""

    address: str
    name: str = ""
    series: tuple[Series, ...] = ()
    source: str = ""


def consent_words() -> str:
    """The words of consent beside both buttons; those shown when the address is confirmed are kept as the proof."""
    return (
        _(
            "Send me %s by e-mail, as a rule once a week. I can leave at any time with the link in every mail, "
            "and my address is used for nothing else."
        )
        % settings.SITE_NAME
    )


def put_down(slip: SignupRequest) -> None:
    """All that a web request does: the same work for every address."""
    from subscribers import tasks

    slip.save()
    transaction.on_commit(lambda: dispatch.dispatch_now(tasks.process_signup_request, slip.pk))


def process_due_requests(now: datetime) -> int:
    """Does what no worker has done and returns how many; deletes requests that nobody waits for any more."""
    SignupRequest.objects.outlived(now).delete()
    return sum(
        process_request(key, now)
        for key in list(SignupRequest.objects.order_by("pk").values_list("pk", flat=True)[:BATCH_SIZE])
    )


@transaction.atomic
def process_request(key: int, now: datetime) -> bool:
    """Does what the request asks for and deletes it; False where another process has it."""
    slip = SignupRequest.objects.select_for_update(of=("self",), skip_locked=True).filter(pk=key).first()
    if slip is None:
        return False
    if slip.kind == SignupRequest.Kind.SIGN_UP:
        sign_up(SignUp(slip.email, slip.name, tuple(Series.objects.filter(pk__in=slip.series)), slip.source), now)
    elif slip.kind == SignupRequest.Kind.SIGN_IN:
        ask_for_sign_in(slip.email, now, issue=slip.issue)
    elif slip.subscriber is not None:
        change_address.request_change(slip.subscriber, slip.email, now)
    slip.delete()
    return True


@transaction.atomic
def sign_up(wish: SignUp, now: datetime) -> None:
    """Asks the owner of the address by mail. Only what is still to be confirmed takes the wishes of the form."""
    if Suppression.objects.at(wish.address).final().exists():
        return
    subscriber, _created = Subscriber.objects.get_or_create(
        address_hash=address_hash(wish.address), defaults={"email": wish.address}
    )
    if subscriber.state == Subscriber.State.PENDING:
        _keep(wish, subscriber)
    if subscriber.state in _QUESTION:
        account_mail.request_mail(subscriber, _QUESTION[subscriber.state], now)


@transaction.atomic
def confirm_subscription(subscriber: Subscriber, now: datetime) -> bool:
    """The person confirmed; the first time they are mailed a welcome. False where the address gets no mail."""
    was_active = subscriber.is_active
    where = f"{settings.SITE_URL}/me/confirm/"
    is_active = subscriber.confirm(now=now, where=where, words=consent_words())
    if is_active and not was_active:
        account_mail.request_mail(subscriber, AccountMail.Kind.WELCOME, now)
    return is_active


def ask_for_sign_in(address: str, now: datetime, *, issue: str = "") -> None:
    """Mails a sign-in link where an active subscriber has this address; `issue` is the slug to go on with."""
    subscriber = Subscriber.objects.active().at(address).first()
    if subscriber is not None:
        account_mail.request_mail(subscriber, AccountMail.Kind.SIGN_IN, now, issue=issue)


def _keep(wish: SignUp, subscriber: Subscriber) -> None:
    if wish.name or wish.source:
        subscriber.name = wish.name or subscriber.name
        subscriber.source = wish.source or subscriber.source
        subscriber.save(update_fields=["name", "source"])
    if wish.series:
        subscriber.series.set(wish.series)
