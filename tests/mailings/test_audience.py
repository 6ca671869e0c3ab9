"""Who is chosen for a mailing, and that the choice is frozen."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from issues.models import Issue
from mailings import audience
from mailings.models import Delivery, Mailing
from mailings.personal_data import erase
from subscribers.models import Suppression
from tests.builders import NOON, make_issue, make_series, make_subscriber

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)


def freeze(issue: Issue | None = None) -> Mailing:
    mailing = Mailing.objects.create(issue=issue or make_issue())
    mailing.audience = audience.freeze_audience(mailing, TODAY)
    return mailing


def frozen(mailing: Mailing) -> list[str]:
    return sorted(mailing.deliveries.values_list("subscriber__email", flat=True))


def test_only_active_subscribers_are_chosen() -> None:
    make_subscriber("active@example.org")
    for state in ("pending", "unsubscribed", "bounced", "complained"):
        make_subscriber(f"{state}@example.org", state=state)
    mailing = freeze()
    assert (mailing.audience, frozen(mailing)) == (1, ["active@example.org"])


def test_a_suppressed_address_is_not_chosen() -> None:
    Suppression.objects.create(address_hash=make_subscriber().address_hash, reason="complained")
    assert freeze().audience == 0


def test_who_chose_other_series_is_not_chosen() -> None:
    weekly, agents = make_series(), make_series()
    make_subscriber("all@example.org")
    make_subscriber("weekly@example.org").series.add(weekly)
    make_subscriber("agents@example.org").series.add(agents)
    assert frozen(freeze(make_issue(series=weekly))) == ["all@example.org", "weekly@example.org"]


def test_who_pauses_is_not_chosen_until_the_day_comes() -> None:
    make_subscriber("paused@example.org", paused_until=TODAY + timedelta(days=1))
    make_subscriber("back@example.org", paused_until=TODAY)
    make_subscriber("awake@example.org")
    assert frozen(freeze()) == ["awake@example.org", "back@example.org"]


def test_the_version_that_each_one_gets_is_frozen_too() -> None:
    make_subscriber("a@example.org", depth="highlights", paid_until=TODAY)
    make_subscriber("b@example.org", paid_until=TODAY - timedelta(days=1))
    make_subscriber("c@example.org")
    rows = freeze().deliveries.order_by("subscriber__email").values_list("depth", "supporters", "state")
    assert list(rows) == [("highlights", True, "pending"), ("full", False, "pending"), ("full", False, "pending")]


def test_our_own_inboxes_come_first_then_supporters_then_who_did_something_last() -> None:
    make_subscriber("confirmed-long-ago@example.org", confirmed_at=NOON - timedelta(days=90))
    make_subscriber("imported@example.org", basis="imported", confirmed_at=None)
    make_subscriber("voted@example.org", confirmed_at=NOON - timedelta(days=400)).acted(NOON)
    make_subscriber("new@example.org", confirmed_at=NOON - timedelta(days=1))
    make_subscriber("supporter@example.org", confirmed_at=NOON - timedelta(days=800), paid_until=TODAY)
    make_subscriber("inbox@our.example", confirmed_at=NOON - timedelta(days=900), is_seed=True)
    in_order = freeze().deliveries.order_by("pk").values_list("subscriber__email", "is_seed")
    assert list(in_order) == [
        ("inbox@our.example", True),
        ("supporter@example.org", False),
        ("voted@example.org", False),
        ("new@example.org", False),
        ("confirmed-long-ago@example.org", False),
        ("imported@example.org", False),
    ]


def test_who_comes_later_is_not_in_it() -> None:
    make_subscriber()
    mailing = freeze()
    make_subscriber()
    assert mailing.deliveries.count() == mailing.audience == 1
    assert audience.audience_of(mailing.issue, TODAY).count() == 2


def test_the_row_keeps_the_address_as_a_hash_only() -> None:
    reader = make_subscriber()
    freeze()
    assert Delivery.objects.get().address_hash == reader.address_hash
    erase(reader)
    assert Delivery.objects.get().subscriber is None


def test_counting_takes_one_query_for_any_number(django_assert_num_queries: pytest.FixtureRequest) -> None:
    for _ in range(3):
        make_subscriber()
    mailing = Mailing.objects.create(issue=make_issue(), created=timezone.now())
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert audience.freeze_audience(mailing, TODAY) == 3
