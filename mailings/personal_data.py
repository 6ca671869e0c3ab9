"""All that is held about one person, as a value and as a file to take away: all but keys and secrets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Q

from mailings.models import Delivery, MailEvent
from subscribers.models import SignupRequest, Subscriber, Suppression
from subscribers.votes import votes_of

_Rows = Sequence[Mapping[str, Any]]
_ABOUT = (
    "email name state depth paid_until paused_until basis consent_at consent_where consent_words source created"
    " confirmed_at left_at last_acted"
).split()

# Who was unreachable or complained stays so when the person is forgotten.
ERASED_AS = {
    Subscriber.State.BOUNCED.value: Suppression.Reason.BOUNCED,
    Subscriber.State.COMPLAINED.value: Suppression.Reason.COMPLAINED,
}


def held_about(subscriber: Subscriber) -> dict[str, Any]:
    """All rows about the person as plain values. Votes are found by keys that take the address and this site's key."""
    return {
        **{name: getattr(subscriber, name) for name in _ABOUT},
        "series": list(subscriber.series.order_by("name").values_list("name", flat=True)),
        "issues_sent": _issues_sent(subscriber),
        "single_mails": list(subscriber.account_mails.order_by("asked_at").values("kind", "state", "to", "asked_at")),
        "told_by_mail_servers": _told_by_servers(subscriber),
        "suppressed": list(Suppression.objects.of(subscriber).values("reason", "since")),
        "forms_not_taken_up_yet": _forms(subscriber),
        "votes_in_polls": _votes(subscriber),
    }


@transaction.atomic
def erase(subscriber: Subscriber) -> None:
    """Deletes the person. The hash of the address stays, so that no import brings it back."""
    reason = ERASED_AS.get(subscriber.state, Suppression.Reason.ERASED)
    Suppression.objects.get_or_create(address_hash=subscriber.address_hash, defaults={"reason": reason})
    # What a mail server said may quote the address.
    Delivery.objects.filter(subscriber=subscriber, reply__contains="@").update(reply="")
    subscriber.delete()


def as_file(subscriber: Subscriber) -> str:
    """JSON for people and programs; moments in ISO 8601."""
    return json.dumps(held_about(subscriber), default=str, ensure_ascii=False, indent=2) + "\n"


def _issues_sent(subscriber: Subscriber) -> _Rows:
    sent = subscriber.deliveries.order_by("pk").values_list(
        "mailing__issue__title", "mailing__kind", "state", "depth", "sent_at", "reply"
    )
    names = ("issue", "kind", "state", "depth", "sent_at", "answer_of_the_mail_server")
    return [dict(zip(names, row, strict=True)) for row in sent]


def _told_by_servers(subscriber: Subscriber) -> _Rows:
    by_message = Q(delivery__subscriber=subscriber) | Q(account_mail__subscriber=subscriber)
    of_the_person = Q(subscriber=subscriber) | Q(address_hash=subscriber.address_hash) | by_message
    told = MailEvent.objects.filter(of_the_person).order_by("pk")
    return list(told.values("kind", "status", "diagnostic", "happened", "received"))


def _votes(subscriber: Subscriber) -> _Rows:
    names = ("poll", "choice", "cast")
    return [dict(zip(names, row, strict=True)) for row in votes_of(subscriber)]


def _forms(subscriber: Subscriber) -> _Rows:
    of_the_person = Q(subscriber=subscriber) | Q(email__iexact=subscriber.email)
    return list(SignupRequest.objects.filter(of_the_person).order_by("pk").values("kind", "email", "name", "asked_at"))
