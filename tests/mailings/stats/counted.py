"""What the tests of the numbers start from: mailings with recipients in given states, and clicks that were counted."""

from datetime import datetime, timedelta
from typing import Any

from issues.models import Issue, Sponsor
from mailings.models import ClickCount, Delivery, MailEvent, Mailing, MailLink
from subscribers.addresses import address_hash
from subscribers.models import Subscriber
from tests.builders import NOON, make_issue, make_subscriber


def make_mailing(issue: Issue | None = None, *, at: datetime = NOON, **states: int) -> Mailing:
    """A finished one that went out at this moment, with so many recipients in each state."""
    issue = issue or make_issue(state="published", published_at=at)
    mailing = Mailing.objects.create(
        issue=issue, state="finished", audience=sum(states.values()), prepared_at=at, finished_at=at
    )
    for state, count in states.items():
        for number in range(count):
            deliver(mailing, state=state, address=f"{state}-{number}@example.org")
    return mailing


def deliver(mailing: Mailing, subscriber: Subscriber | None = None, *, address: str = "", **fields: Any) -> Delivery:
    """One recipient: sent at the moment of the mailing, unless said otherwise."""
    state = fields.setdefault("state", "sent")
    times = {"sent": {"sent_at": mailing.prepared_at}, "deferred": {"retry_at": mailing.prepared_at}}.get(state, {})
    hashed = subscriber.address_hash if subscriber else address_hash(address)
    values = {"depth": "full", "supporters": False, **times, **fields}
    return Delivery.objects.create(mailing=mailing, subscriber=subscriber, address_hash=hashed, **values)


def tell(delivery: Delivery, kind: str, **fields: Any) -> MailEvent:
    """What came back of this message."""
    number = MailEvent.objects.count()
    values = {"source": "dsn", "event_id": f"event-{number}", "happened": NOON, "received": NOON, "is_proven": True}
    return MailEvent.objects.create(**{**values, "kind": kind, "delivery": delivery, **fields})


def leave(mailing: Mailing, after: timedelta, **fields: Any) -> Subscriber:
    """Somebody who got the mailing and unsubscribed so long after it."""
    assert mailing.prepared_at
    gone = make_subscriber(state="unsubscribed", left_at=mailing.prepared_at + after, **fields)
    deliver(mailing, gone, is_seed=gone.is_seed)
    return gone


def make_link(mailing: Mailing, clicks: int = 0, robots: int = 0, **fields: Any) -> MailLink:
    number = mailing.links.count() + 1
    link = mailing.links.create(**{"url": f"https://example.org/{number}", "position": number, **fields})
    ClickCount.objects.create(link=link, day=NOON.date(), clicks=clicks, robots=robots)
    return link


def make_sponsor(mailing: Mailing, **fields: Any) -> Sponsor:
    """A block in the issue of this mailing."""
    values = {"heading": "A course", "url": "https://www.courses.example/llm", "text": "Learn.", "ordering": 1}
    return Sponsor.objects.create(parent=mailing.issue, **{**values, **fields})
