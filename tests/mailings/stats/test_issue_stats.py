"""What is known of each mailing: counts that add up, and nobody in them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from mailings.models import Mailing
from mailings.personal_data import erase
from mailings.stats.issue_stats import LEFT_WITHIN, MailingNumbers, ShareOfSent, links_of, load_mailings, numbers_of
from tests.builders import make_issue, make_subscriber
from tests.mailings.stats.counted import deliver, leave, make_link, make_mailing, tell

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
EVERY_STATE: dict[str, Any] = {
    "sent": 9,
    "pending": 2,
    "sending": 1,
    "deferred": 3,
    "failed": 2,
    "suppressed": 1,
    "cancelled": 4,
    "uncertain": 1,
}


def numbers(mailing: Mailing) -> MailingNumbers:
    (found,) = numbers_of([mailing])
    return found


def add_up(row: MailingNumbers) -> bool:
    reasons = sum(count for count, _why in row.reasons)
    return row.audience == row.delivered.count + row.bounced.count + row.undelivered and reasons == row.undelivered


def test_the_parts_add_up_to_the_audience_whatever_became_of_whom() -> None:
    mailing = make_mailing(**EVERY_STATE)
    tell(mailing.deliveries.filter(state="sent")[0], "hard")
    tell(mailing.deliveries.get(state="uncertain"), "hard")
    row = numbers(mailing)
    assert (row.audience, row.delivered.count, row.bounced.count) == (23, 8, 1)
    assert (row.waiting, row.deferred, row.cancelled) == (6, 3, 4)
    assert add_up(row)


def test_one_that_bounced_twice_is_one() -> None:
    mailing = make_mailing(sent=3)
    for kind in ("soft", "hard", "delayed", "delivered"):
        tell(mailing.deliveries.order_by("pk")[0], kind)
    assert numbers(mailing).bounced.count == 1


def test_only_complaints_that_nobody_can_make_up_count() -> None:
    mailing = make_mailing(sent=3)
    first, second, _third = mailing.deliveries.order_by("pk")
    tell(first, "complaint")
    tell(second, "complaint", is_proven=False)
    row = numbers(mailing)
    assert (row.complained.count, row.complained.of) == (1, 3)


def test_inboxes_of_our_own_are_in_no_number() -> None:
    mailing = make_mailing(sent=3)
    own = deliver(mailing, make_subscriber(is_seed=True), is_seed=True)
    tell(own, "hard")
    tell(own, "complaint")
    leave(mailing, HOUR, is_seed=True)
    row = numbers(mailing)
    assert (row.audience, row.bounced.count, row.complained.count, row.left.count) == (3, 0, 0, 0)


@pytest.mark.parametrize(
    ("after", "count"),
    [(timedelta(), 1), (HOUR, 1), (LEFT_WITHIN - HOUR, 1), (LEFT_WITHIN, 0), (-HOUR, 0)],
)
def test_who_leaves_within_a_week_counts_for_the_mailing(after: timedelta, count: int) -> None:
    mailing = make_mailing()
    leave(mailing, after)
    assert numbers(mailing).left.count == count


def test_who_leaves_counts_for_the_last_mailing_that_arrived_before() -> None:
    first = make_mailing()
    assert first.prepared_at
    second = make_mailing(at=first.prepared_at + 24 * HOUR)
    third = make_mailing(at=first.prepared_at + 48 * HOUR)
    gone = leave(first, 36 * HOUR)
    deliver(second, gone)
    deliver(third, gone, state="cancelled")
    assert [row.left.count for row in numbers_of([first, second, third])] == [0, 1, 0]


def test_who_came_back_or_complained_is_not_among_those_who_left() -> None:
    mailing = make_mailing()
    back, angry = leave(mailing, HOUR), leave(mailing, HOUR)
    type(back).objects.filter(pk=back.pk).update(state="active", left_at=None)
    type(angry).objects.filter(pk=angry.pk).update(state="complained")
    assert numbers(mailing).left.count == 0


def test_what_was_forgotten_on_request_still_adds_up() -> None:
    mailing = make_mailing(sent=2)
    erase(leave(mailing, HOUR))
    row = numbers(mailing)
    assert (row.audience, row.delivered.count, row.left.count) == (3, 3, 0)
    assert add_up(row)


def test_clicks_are_in_total_and_not_counted_is_not_nought() -> None:
    counted, not_counted = make_mailing(sent=1), make_mailing(sent=1)
    make_link(counted, 3, robots=7)
    make_link(counted, 2)
    make_link(counted, 50, is_trap=True)
    first, second = numbers_of([counted, not_counted])
    assert (first.clicks, first.robots) == (5, 7)
    assert (second.clicks, second.robots) == (None, 0)


def test_too_many_bounces_and_complaints_are_marked() -> None:
    quiet, loud = make_mailing(sent=100), make_mailing(sent=100)
    for number, delivery in enumerate(loud.deliveries.order_by("pk")[:7]):
        tell(delivery, "hard" if number > 1 else "complaint")
    assert [(row.bounces_are_many, row.complaints_are_many) for row in numbers_of([quiet, loud])] == [
        (False, False),
        (True, True),
    ]


def test_a_mailing_that_is_not_prepared_has_no_numbers_yet() -> None:
    Mailing.objects.create(issue=make_issue())
    mailing = make_mailing()
    assert load_mailings() == [mailing]


@pytest.mark.parametrize("count", [2, 4])
def test_any_number_of_mailings_costs_the_same_queries(
    count: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    for _ in range(count):
        mailing = make_mailing(sent=2)
        leave(mailing, HOUR)
        make_link(mailing, 1)
    with django_assert_num_queries(6):
        rows = numbers_of(load_mailings())
        assert [str(row.mailing.issue) for row in rows]
    assert len(rows) == count


def test_links_stand_in_the_order_of_the_mail_or_by_their_clicks() -> None:
    mailing = make_mailing()
    few, none, many = make_link(mailing, 1), make_link(mailing), make_link(mailing, 4)
    assert [row.link for row in links_of([mailing])] == [few, none, many]
    most = links_of([mailing], most=2)
    assert [(row.link, row.clicks, row.width) for row in most] == [(many, 4, 1000), (few, 1, 250)]


@pytest.mark.parametrize(
    ("count", "of", "percent"), [(0, 10, ""), (0, 0, ""), (1, 3, "33.3 %"), (1, 10_000, "< 0.1 %"), (10, 10, "100.0 %")]
)
def test_a_share_is_said_in_percent(count: int, of: int, percent: str) -> None:
    assert ShareOfSent(count, of).percent == percent
