"""Whether too much of a mailing comes back for it to go on: mailbox providers judge senders by the same shares."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from mailings import pause_reasons
from mailings.models import Delivery, MailEvent, Mailing

# Shares of the messages that went out: with more, providers begin to put a sender's mail among the junk (Google asks
# bulk senders to stay below 0.1 % complaints) or to refuse it.
BOUNCE_LIMIT: Final = 0.02
COMPLAINT_LIMIT: Final = 0.001
# Fewer say nothing about the list, whatever their share: of 900 messages one complaint is more than 0.1 % already, and
# of a first step of 40 one full mailbox is more than 2 %.
LEAST_BOUNCED: Final = 5
LEAST_COMPLAINED: Final = 2


@dataclass(frozen=True, slots=True)
class CameBack:
    """Recipients of a mailing: who was served, and how many of them bounced or complained and nobody knew of yet."""

    sent: int
    bounced: int
    complained: int

    @property
    def are_too_many_bounces(self) -> bool:
        return self.bounced >= LEAST_BOUNCED and self.bounced > BOUNCE_LIMIT * self.sent

    @property
    def are_too_many_complaints(self) -> bool:
        return self.complained >= LEAST_COMPLAINED and self.complained > COMPLAINT_LIMIT * self.sent


def check_reputation(mailing: Mailing) -> bool:
    """Pauses the mailing where too much has come back since a person last let it go on. Safe at any time."""
    came_back = _came_back(mailing)
    if came_back.are_too_many_complaints:
        return mailing.pause(pause_reasons.called_spam(came_back.complained, came_back.sent, COMPLAINT_LIMIT))
    if came_back.are_too_many_bounces:
        return mailing.pause(pause_reasons.came_back(came_back.bounced, came_back.sent, BOUNCE_LIMIT))
    return False


def _came_back(mailing: Mailing) -> CameBack:
    """Of what is proven: nobody else can stop a mailing by making things up. Counts no further than it must."""
    told = MailEvent.objects.filter(is_proven=True)
    if mailing.judged_from:
        told = told.filter(received__gt=mailing.judged_from)
    found = CameBack(0, **told.tally(mailing))
    if found.bounced < LEAST_BOUNCED and found.complained < LEAST_COMPLAINED:
        return found
    served = mailing.deliveries.filter(state__in=[Delivery.State.SENT, Delivery.State.UNCERTAIN])
    return replace(found, sent=served.count())
