"""What an editor may know of each issue's mailing: recipients by what became of them, who left after it, clicks.

Counts of rows alone, without our own inboxes, in a fixed number of queries. Nobody is named, and nobody is followed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.db.models import Count, OuterRef, Subquery, Sum
from django.utils.translation import gettext as _

from mailings.engine.reputation import CameBack
from mailings.models import Delivery, MailEvent, Mailing, MailLink
from mailings.models.mail_event import BOUNCE_KINDS, COMPLAINT_KINDS
from mailings.models.mailing import OPEN_STATES
from subscribers.models import Subscriber

LEFT_WITHIN: Final = timedelta(days=7)
MAX_SHOWN: Final = 20  # mailings on the page; the file has all


@dataclass(frozen=True, slots=True)
class ShareOfSent:
    """A part of something, with its percentage in words: empty where there is nothing to be a part of."""

    count: int
    of: int

    @property
    def percent(self) -> str:
        if not self.of or not self.count:
            return ""
        value = 100 * self.count / self.of
        return "< 0.1 %" if value < 0.05 else f"{value:.1f} %"


@dataclass(frozen=True, slots=True)
class MailingNumbers:
    """`audience` = delivered + bounced + undelivered (waiting + failed + suppressed + cancelled + uncertain).

    `complained` and `left` are among those it was delivered to; `clicks` is None where none are counted.
    """

    mailing: Mailing
    audience: int
    delivered: ShareOfSent
    bounced: ShareOfSent
    waiting: int
    deferred: int
    failed: int
    suppressed: int
    cancelled: int
    uncertain: int
    complained: ShareOfSent
    left: ShareOfSent
    clicks: int | None
    robots: int

    @property
    def undelivered(self) -> int:
        """Who was in the audience and has had nothing that we know of."""
        return self.waiting + self.failed + self.suppressed + self.cancelled + self.uncertain

    @property
    def reasons(self) -> list[tuple[int, str]]:
        """Why, each with how many, without those that are none."""
        waiting = _("waiting (%d deferred)") % self.deferred if self.deferred else _("waiting")
        parts = [
            (self.waiting, waiting),
            (self.failed, Delivery.State.FAILED.label),
            (self.uncertain, Delivery.State.UNCERTAIN.label),
            (self.suppressed, Delivery.State.SUPPRESSED.label),
            (self.cancelled, Delivery.State.CANCELLED.label),
        ]
        return [(count, str(label)) for count, label in parts if count]

    @property
    def bounces_are_many(self) -> bool:
        """More than mailbox providers put up with."""
        return self._came_back.are_too_many_bounces

    @property
    def complaints_are_many(self) -> bool:
        return self._came_back.are_too_many_complaints

    @property
    def _came_back(self) -> CameBack:
        return CameBack(self.delivered.count + self.bounced.count, self.bounced.count, self.complained.count)


@dataclass(frozen=True, slots=True)
class LinkNumbers:
    """A counted link with its clicks; `width` of a bar, of 1,000."""

    link: MailLink
    clicks: int
    robots: int
    width: int


def numbers_of(mailings: Iterable[Mailing]) -> list[MailingNumbers]:
    """In five queries, however many they are."""
    chosen = list(mailings)
    keys = [mailing.pk for mailing in chosen]
    states, came_back = _by_state(keys), _came_back(keys)
    left, clicks = _left_after(chosen), _clicks(keys)
    return [
        _numbers(
            mailing, states[mailing.pk], came_back.get(mailing.pk, (0, 0)), left[mailing.pk], clicks.get(mailing.pk)
        )
        for mailing in chosen
    ]


def load_mailings() -> list[Mailing]:
    """All that have an audience, the newest first."""
    return list(Mailing.objects.filter(audience__isnull=False).select_related("issue__series").order_by("-pk"))


def links_of(mailings: Iterable[Mailing], *, most: int | None = None) -> list[LinkNumbers]:
    """Of one mailing in the order of the mail; `most`: of several, only those that were followed most."""
    links = MailLink.objects.real().filter(mailing__in=[mailing.pk for mailing in mailings])
    chosen = links.counted() if most is None else links.most_followed(most)
    return with_bars(chosen.select_related("mailing__issue"))


def with_bars(links: Iterable[MailLink]) -> list[LinkNumbers]:
    """Of links that were `counted`."""
    rows = [(link, int(vars(link)["clicks"]), int(vars(link)["robots"])) for link in links]
    top = max((clicks for _link, clicks, _robots in rows), default=0) or 1
    return [LinkNumbers(link, clicks, robots, 1000 * clicks // top) for link, clicks, robots in rows]


def _numbers(
    mailing: Mailing, states: Mapping[str, int], came_back: tuple[int, int], left: int, clicks: tuple[int, int] | None
) -> MailingNumbers:
    bounced, complained = came_back
    sent = states[Delivery.State.SENT]
    delivered = sent - bounced
    audience = sum(states.values())
    return MailingNumbers(
        mailing=mailing,
        audience=audience,
        delivered=ShareOfSent(delivered, audience),
        bounced=ShareOfSent(bounced, sent),
        waiting=sum(states[state] for state in OPEN_STATES),
        deferred=states[Delivery.State.DEFERRED],
        failed=states[Delivery.State.FAILED],
        suppressed=states[Delivery.State.SUPPRESSED],
        cancelled=states[Delivery.State.CANCELLED],
        uncertain=states[Delivery.State.UNCERTAIN],
        complained=ShareOfSent(complained, delivered),
        left=ShareOfSent(left, delivered),
        clicks=clicks[0] if clicks else None,
        robots=clicks[1] if clicks else 0,
    )


def _by_state(keys: Sequence[int]) -> dict[int, Counter[str]]:
    """Two questions that an index answers alone: all rows, and the few of our own."""
    found = {key: Counter[str]() for key in keys}
    rows = Delivery.objects.filter(mailing__in=keys).order_by()
    for key, state, count in rows.values_list("mailing", "state").annotate(count=Count("*")):
        found[key][state] += count
    for key, state, count in rows.filter(is_seed=True).values_list("mailing", "state").annotate(count=Count("*")):
        found[key][state] -= count
    return found


def _came_back(keys: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Recipients whose message went out and bounced, for now or for good, and who certainly complained."""
    events = MailEvent.objects.filter(delivery__mailing__in=keys, delivery__state="sent", delivery__is_seed=False)
    rows = (
        events.order_by()
        .values_list("delivery__mailing")
        .annotate(
            back=Count("delivery", filter=BOUNCE_KINDS, distinct=True),
            spam=Count("delivery", filter=COMPLAINT_KINDS, distinct=True),
        )
    )
    return {key: (back, spam) for key, back, spam in rows}


def _left_after(mailings: Sequence[Mailing]) -> Counter[int]:
    """Who unsubscribed within a week after a mailing, by the last one that they had got; the link does not tell."""
    begins = [mailing.prepared_at for mailing in mailings if mailing.prepared_at]
    if not begins:
        return Counter()
    got = Delivery.objects.filter(
        subscriber=OuterRef("pk"),
        state=Delivery.State.SENT,
        sent_at__lte=OuterRef("left_at"),
        sent_at__gt=OuterRef("left_at") - LEFT_WITHIN,
    )
    gone = Subscriber.objects.readers().filter(state=Subscriber.State.UNSUBSCRIBED, left_at__gte=min(begins))
    last = gone.annotate(after=Subquery(got.order_by("-sent_at").values("mailing")[:1]))
    return Counter(dict(last.order_by().values_list("after").annotate(count=Count("*"))))


def _clicks(keys: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Only of mailings whose links are counted."""
    rows = MailLink.objects.real().filter(mailing__in=keys).order_by().values_list("mailing")
    counted = rows.annotate(clicks=Sum("counts__clicks", default=0), left_out=Sum("counts__robots", default=0))
    return {key: (clicks, robots) for key, clicks, robots in counted}
