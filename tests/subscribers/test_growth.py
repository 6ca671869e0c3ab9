"""Growth by week and source: each week follows from the one before, and no source is lost."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from pytest_django import Settings

from subscribers.growth import MAX_SOURCES, WeeklyMoves, load_growth, week_start
from subscribers.models import Subscriber
from tests.builders import make_subscriber

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 9, 10, 12, tzinfo=UTC)  # a Wednesday
DAY = timedelta(days=1)
SITE = "https://news.example.org/me/confirm/"


def join(days: int = 0, **fields: Any) -> Subscriber:
    """Confirmed so many days before the Wednesday."""
    return make_subscriber(**{"confirmed_at": NOW - days * DAY, "consent_where": SITE, **fields})


def bring(days: int, source: str = "old.csv", **fields: Any) -> Subscriber:
    """Imported so many days before the Wednesday, with a consent of years ago."""
    values = {"basis": "imported", "confirmed_at": None, "consent_at": datetime(2020, 1, 1, tzinfo=UTC)}
    return make_subscriber(**{**values, "consent_where": f"import of {source}", "created": NOW - days * DAY, **fields})


def moves(weeks: int = 4) -> list[WeeklyMoves]:
    """The newest week first."""
    return [week.moves for week in load_growth(NOW, weeks).weeks]


def test_people_count_in_the_week_in_which_they_joined() -> None:
    for days in (0, 2, 3, 9):
        join(days)
    assert [week.joined for week in moves(3)] == [2, 2, 0]
    assert load_growth(NOW).weeks[0].begins == date(2025, 9, 8)


def test_weeks_begin_on_monday_in_the_site_s_time_zone(settings: Settings) -> None:
    settings.TIME_ZONE = "Asia/Tokyo"
    sunday_evening = datetime(2025, 9, 7, 20, tzinfo=UTC)
    join(confirmed_at=sunday_evening)
    assert week_start(sunday_evening) == date(2025, 9, 8)
    assert [week.joined for week in moves(2)] == [1, 0]


def test_who_was_imported_joined_when_the_list_was_brought_in() -> None:
    bring(8)
    assert [week.joined for week in moves(3)] == [0, 1, 0]


def test_who_is_gone_joined_and_went() -> None:
    join(20, state="unsubscribed", left_at=NOW - DAY)
    join(20, state="complained", left_at=NOW - DAY)
    join(20, state="bounced", left_at=NOW - 8 * DAY)
    assert moves(3) == [WeeklyMoves(0, 2, 0), WeeklyMoves(0, 0, 1), WeeklyMoves()]
    assert load_growth(NOW).active == 0


def test_each_week_is_the_one_before_and_its_net() -> None:
    for days in (1, 2, 8, 15, 300):
        join(days)
    join(10, state="unsubscribed", left_at=NOW - 3 * DAY)
    weeks = load_growth(NOW, 4).weeks
    assert [week.active for week in weeks] == [5, 3, 3, 1]
    for week, before in pairwise(weeks):
        assert week.active == before.active + week.moves.net
    assert weeks[0].active == load_growth(NOW).active == Subscriber.objects.active().count()


def test_who_never_was_active_is_not_counted() -> None:
    make_subscriber(state="pending", confirmed_at=None)
    make_subscriber(state="unsubscribed", confirmed_at=None, left_at=NOW)
    bring(1, state="pending", consent_at=None)
    assert moves() == [WeeklyMoves()] * 4


def test_inboxes_of_our_own_are_left_out() -> None:
    join(is_seed=True)
    assert load_growth(NOW).active == 0


def test_the_sources_are_told_apart_and_add_up() -> None:
    join(1)
    join(30)
    bring(1, "a.csv")
    bring(1, "a.csv", state="unsubscribed", left_at=NOW)
    bring(400, "b.csv")
    found = load_growth(NOW, 2)
    assert [(source.name, source.active, source.moves) for source in found.sources] == [
        ("The site's sign-up page", 2, WeeklyMoves(joined=1)),
        ("List: a.csv", 1, WeeklyMoves(joined=2, left=1)),
        ("List: b.csv", 1, WeeklyMoves()),
    ]
    assert sum(source.active for source in found.sources) == found.active


def test_the_page_and_the_link_that_led_to_the_form_are_sources() -> None:
    for source in ("p/nine-papers", "conference", "conference"):
        join(1, source=source)
    assert [(source.name, source.active) for source in load_growth(NOW).sources] == [
        ("Link: conference", 2),
        ("Page of the issue nine-papers", 1),
    ]


def test_a_long_tail_of_lists_is_put_together() -> None:
    for number in range(MAX_SOURCES + 3):
        bring(1, f"list-{number:02}.csv")
    sources = load_growth(NOW).sources
    assert len(sources) == MAX_SOURCES + 1
    assert (sources[-1].name, sources[-1].active) == ("3 others", 3)


def test_nobody_at_all_makes_empty_weeks() -> None:
    found = load_growth(NOW)
    assert (found.active, found.sources, len(found.weeks)) == (0, (), 13)
    assert {(week.gain, week.loss, week.active) for week in found.weeks} == {(0, 0, 0)}


def test_it_takes_two_queries_however_many_there_are(django_assert_num_queries: Callable[..., Any]) -> None:
    for days in range(0, 100, 9):
        join(days)
    with django_assert_num_queries(2):
        load_growth(NOW)
