"""A mailing of which too much comes back is stopped, with a sentence, and not twice for the same."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from core.mail.servers import MailServer
from mailings import lifecycle
from mailings.engine import reputation
from mailings.engine.reputation import CameBack
from mailings.models import Delivery, MailEvent, Mailing
from tests.builders import NOON
from tests.mailings.cast import make_mailing

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(hours=1)


def make_sent(count: int) -> Mailing:
    """So many have it, and one is still to get it."""
    mailing = make_mailing(count + 1)
    last = mailing.deliveries.order_by("-pk").values_list("pk", flat=True)[0]
    mailing.deliveries.exclude(pk=last).update(state="sent", sent_at=NOON)
    return mailing


def come_back(
    mailing: Mailing, count: int, kind: str, at: datetime = NOON, *, proven: bool = True, skip: int = 0
) -> None:
    rows = mailing.deliveries.filter(state="sent").order_by("pk")[skip : skip + count]
    MailEvent.objects.bulk_create(
        MailEvent(
            source="dsn",
            event_id=f"{kind}-{row.pk}",
            kind=kind,
            delivery=row,
            is_proven=proven,
            happened=at,
            received=at,
        )
        for row in rows
    )


@pytest.mark.parametrize(
    ("sent", "bounced", "complained", "stops"),
    [
        (250, 5, 0, False),  # 2 % is not over 2 %
        (249, 5, 0, True),
        (10, 4, 0, False),  # too few to say anything
        (2_000, 0, 2, False),  # 0.1 % is not over 0.1 %
        (1_999, 0, 2, True),
        (10, 0, 1, False),
        (0, 5, 0, True),
    ],
)
def test_shares_count_from_a_least_number_on(sent: int, bounced: int, complained: int, stops: bool) -> None:
    found = CameBack(sent, bounced, complained)
    assert (found.are_too_many_bounces or found.are_too_many_complaints) is stops


@pytest.mark.parametrize("kind", ["hard", "soft"])
def test_too_many_bounces_stop_it_with_a_sentence(kind: str) -> None:
    mailing = make_sent(100)
    come_back(mailing, 5, kind)
    lifecycle.start_due_mailings(NOON)
    mailing.refresh_from_db()
    assert mailing.is_paused
    assert mailing.why.startswith("5 of 100 messages came back (5 %, more than 2 %).")


def test_too_many_complaints_stop_it_with_a_sentence() -> None:
    mailing = make_sent(100)
    come_back(mailing, 2, "complaint")
    assert reputation.check_reputation(mailing)
    assert mailing.why.startswith("2 of 100 recipients called it spam (2 %, more than 0.1 %).")


def test_few_and_delayed_ones_stop_nothing() -> None:
    mailing = make_sent(300)
    come_back(mailing, 4, "hard")
    come_back(mailing, 30, "delayed", skip=10)
    come_back(mailing, 1, "complaint", skip=50)
    assert not reputation.check_reputation(mailing)


@pytest.mark.parametrize("kind", ["hard", "complaint"])
def test_nobody_stops_a_mailing_by_making_things_up(kind: str) -> None:
    mailing = make_sent(50)
    come_back(mailing, 20, kind, proven=False)
    assert not reputation.check_reputation(mailing)


def test_a_person_who_lets_it_go_on_is_not_stopped_by_the_same_again() -> None:
    mailing = make_sent(100)
    come_back(mailing, 6, "hard")
    reputation.check_reputation(mailing)
    assert lifecycle.resume_mailing(mailing)
    assert not reputation.check_reputation(mailing)
    come_back(mailing, 4, "hard", timezone.now(), skip=10)
    assert not reputation.check_reputation(mailing)
    come_back(mailing, 1, "hard", timezone.now(), skip=20)
    assert reputation.check_reputation(mailing)


def test_what_is_over_is_not_judged() -> None:
    mailing = make_sent(100)
    come_back(mailing, 6, "hard")
    Delivery.objects.filter(state="pending").update(state="sent", sent_at=NOON)
    Mailing.objects.update(state="finished", finished_at=NOON)
    lifecycle.start_due_mailings(LATER)
    mailing.refresh_from_db()
    assert (mailing.state, mailing.why) == ("finished", "")


def test_a_worker_stops_it_after_its_slice(settings: Settings) -> None:
    settings.MAIL_SERVER = MailServer("127.0.0.1", 9)
    mailing = make_sent(100)
    come_back(mailing, 6, "hard")
    Delivery.objects.filter(state="pending").update(state="deferred", retry_at=timezone.now() + timedelta(hours=1))
    lifecycle.work_on_mailing(mailing.pk)
    mailing.refresh_from_db()
    assert mailing.is_paused
