"""arXiv's hours, in winter and in summer, on weekends and holidays."""

from datetime import UTC, date, datetime, timedelta

import pytest

from papers.ingest import arxiv_calendar
from tests.arxiv_simulator.days import is_feed_day

YEARS = [date(2025, 1, 2) + timedelta(days=number) for number in range(729)]


def at(moment: str) -> datetime:
    return datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-03-08T04:59", "2026-03-07"),
        ("2026-03-08T05:00", "2026-03-08"),
        ("2026-03-09T03:59", "2026-03-08"),
        ("2026-03-09T04:00", "2026-03-09"),
        ("2025-11-02T03:59", "2025-11-01"),
        ("2025-11-02T04:00", "2025-11-02"),
        ("2025-11-03T04:59", "2025-11-02"),
        ("2025-11-03T05:00", "2025-11-03"),
    ],
)
def test_the_feed_changes_at_midnight_in_new_york_before_and_after_the_clocks_change(moment: str, day: str) -> None:
    assert arxiv_calendar.feed_day(at(moment)) == date.fromisoformat(day)


def test_a_week_has_five_feeds() -> None:
    days = arxiv_calendar.feed_days(date(2026, 11, 16), date(2026, 11, 22))
    assert list(days) == [date(2026, 11, number) for number in range(16, 21)]


def test_feed_days_are_those_of_the_simulated_arxiv() -> None:
    assert list(arxiv_calendar.feed_days(YEARS[0], YEARS[-1])) == list(filter(is_feed_day, YEARS))


@pytest.mark.parametrize("holiday", ["2027-11-25", "2029-09-03", "2024-12-24", "2028-12-25", "2031-12-31"])
def test_a_usual_holiday_of_another_year_has_no_mailing_but_its_feed_is_asked_for(holiday: str) -> None:
    after = date.fromisoformat(holiday) + timedelta(days=1)
    assert (arxiv_calendar.is_feed_day(after), arxiv_calendar.may_have_feed(after)) == (False, True)


@pytest.mark.parametrize("day", ["2026-11-27", "2026-11-28", "2026-11-29"])
def test_after_a_known_holiday_and_on_weekends_no_feed_is_asked_for(day: str) -> None:
    assert not arxiv_calendar.may_have_feed(date.fromisoformat(day))


@pytest.mark.parametrize(
    ("moment", "is_quiet"), [("23:49:59", False), ("23:50:00", True), ("00:59:59", True), ("01:00:00", False)]
)
def test_announcement_time_lasts_from_ten_to_twelve_to_one(moment: str, is_quiet: bool) -> None:
    for day in ("2026-01-15", "2026-07-15"):
        assert arxiv_calendar.is_announcement_time(at(f"{day}T{moment}")) is is_quiet


@pytest.mark.parametrize(
    ("moment", "may"),
    [
        ("2026-01-15T05:19", False),
        ("2026-01-15T05:20", True),
        ("2026-01-16T04:59", True),
        ("2026-01-16T05:00", False),
        ("2026-07-15T05:19", False),
        ("2026-07-15T05:20", True),
        ("2026-07-16T03:59", True),
        ("2026-07-16T04:00", False),
    ],
)
def test_a_feed_is_asked_for_from_twenty_past_five_until_the_next_one_is_made(moment: str, may: bool) -> None:
    assert arxiv_calendar.is_feed_time(at(moment)) is may


@pytest.mark.parametrize(
    ("moment", "hour"), [("05:20", "15T06:20"), ("06:19", "15T06:20"), ("08:00", "15T08:20"), ("22:20", "16T05:20")]
)
def test_a_feed_that_did_not_come_is_asked_for_again_at_the_next_hour(moment: str, hour: str) -> None:
    assert arxiv_calendar.next_feed_hour(at(f"2026-07-15T{moment}")) == at(f"2026-07-{hour}")


@pytest.mark.parametrize(
    ("moment", "look"),
    [("15T05:20", "05:20"), ("15T08:19", "05:20"), ("15T08:20", "08:20"), ("15T23:40", "14:20"), ("16T03:59", "14:20")],
)
def test_a_feed_that_has_come_is_asked_for_again_twice_that_day(moment: str, look: str) -> None:
    assert arxiv_calendar.feed_since(at(f"2026-07-{moment}")) == at(f"2026-07-15T{look}")


@pytest.mark.parametrize(("moment", "day"), [("07:29", "2026-07-13"), ("07:30", "2026-07-14")])
def test_yesterday_is_harvested_from_half_past_seven(moment: str, day: str) -> None:
    assert arxiv_calendar.last_oai_day(at(f"2026-07-15T{moment}")) == date.fromisoformat(day)


@pytest.mark.parametrize(
    ("day", "since"), [("2026-07-14", "15"), ("2026-07-13", "15"), ("2026-07-12", "15"), ("2026-07-10", "13")]
)
def test_the_two_days_before_yesterday_are_asked_for_once_more_and_older_ones_were_final(day: str, since: str) -> None:
    assert arxiv_calendar.asked_since(date.fromisoformat(day), at("2026-07-15T12:00")) == at(f"2026-07-{since}T07:30")


def test_what_is_asked_for_on_the_third_night_is_final() -> None:
    assert arxiv_calendar.final_since(date(2026, 7, 12)) == at("2026-07-15T07:30")
