"""A vote in a poll, by the link in a mail: who may cast it, and under which key it is kept.

The key says that two votes are of one voter, and not of whom; it is the same after erasure and a new subscription.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from issues.coverage.poll_locations import PollPlace, places_of
from issues.document.values import ChoiceTally
from issues.models import Choice, Poll, Vote
from issues.rendering.page.blocks import with_shares
from issues.rendering.page.context import ShownTally
from subscribers.models import Subscriber


class NoPoll(LookupError):
    """There is no such poll in any issue that readers can open."""


class ForSupporters(LookupError):
    """The poll stands in a part of the issue that this reader may not see."""


@dataclass(frozen=True, slots=True)
class PollBallot:
    """A poll as one reader finds it. `chosen` is what the address says, `voted` the vote that counts so far."""

    poll: Poll
    place: PollPlace
    choices: Sequence[Choice]
    chosen: Choice | None
    voted: Choice | None

    @property
    def is_counted(self) -> bool:
        return self.voted is not None and self.voted == self.chosen

    @property
    def others(self) -> list[Choice]:
        return [choice for choice in self.choices if choice != self.chosen]

    @property
    def results(self) -> tuple[ShownTally, ...]:
        """Whether the counts are shown: only to a reader who has voted or came too late, so that they sway no vote."""
        if self.voted is None and self.poll.is_open:
            return ()
        return with_shares(
            [ChoiceTally(label=choice.label, votes=getattr(choice, "count", 0)) for choice in self.choices]
        )


def load_ballot(subscriber: Subscriber, slug: str, word: str, today: date) -> PollBallot:
    """Raises NoPoll and ForSupporters."""
    poll = Poll.objects.filter(slug=slug).first()
    if poll is None:
        raise NoPoll(slug)
    vote = (
        Vote.objects.filter(poll=poll, voter=voter_key(poll, subscriber.address_hash)).select_related("choice").first()
    )
    return PollBallot(
        poll=poll,
        place=_place(poll, is_supporter=subscriber.is_supporter(today)),
        choices=list(poll.choices.counted()),
        chosen=poll.choice_called(word),
        voted=vote.choice if vote else None,
    )


def cast_vote(subscriber: Subscriber, poll: Poll, choice: Choice, now: datetime) -> bool:
    """The vote of this reader, or the change of it; False where the poll was closed or the choice taken out."""
    is_taken = poll.take_vote(voter_key(poll, subscriber.address_hash), choice, now)
    if is_taken:
        subscriber.acted(now)
    return is_taken


def votes_of(subscriber: Subscriber) -> list[tuple[str, str, datetime]]:
    """Question, answer and moment of each vote of this person. To find them takes the address and this site's key."""
    found = _votes_by(subscriber.address_hash).order_by("cast", "pk")
    return list(found.values_list("poll__question", "choice__label", "cast"))


@transaction.atomic
def take_along(before: str, after: str) -> None:
    """Moves the votes from the old address to the new one, so that a change of address gives no second vote."""
    for vote in _votes_by(before).select_related("poll"):
        key = voter_key(vote.poll, after)
        Vote.objects.filter(poll=vote.poll, voter=key).delete()
        Vote.objects.filter(pk=vote.pk).update(voter=key)


def voter_key(poll: Poll, address_hash: str) -> str:
    """The key of a person's vote: HMAC-SHA256 (hex) with ADDRESS_KEY, different in every poll."""
    words = f"vote {poll.pk} {address_hash}"
    return hmac.new(settings.ADDRESS_KEY.encode(), words.encode(), hashlib.sha256).hexdigest()


def _votes_by(address_hash: str) -> QuerySet[Vote]:
    polls = list(Poll.objects.order_by("pk"))
    keys = [voter_key(poll, address_hash) for poll in polls]
    return Vote.objects.filter(poll__in=polls, voter__in=keys)


def _place(poll: Poll, *, is_supporter: bool) -> PollPlace:
    places = list(places_of(poll))
    if not places:
        raise NoPoll(poll.slug)
    for place in places:
        if place.is_open or is_supporter:
            return place
    raise ForSupporters(poll.slug)
