"""The silence alarm: each thing that can go wrong in silence is found, told as one alarm, and ends with its cause."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from core.clock import Clock
from core.concurrency import rate_limits
from core.models import Alarm
from papers.ingest import arxiv_gateway
from papers.ingest.arxiv_calendar import feed_days
from papers.models import FollowedCategory, Pull, Watch
from papers.monitoring.feed_alarms import check_feeds, find_anomalies, findings_now, judged_until

TUESDAY = date(2026, 11, 24)
EVENING = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SINCE = {"cs.AI": date(2026, 1, 1), "cs.CL": date(2026, 1, 1)}


def make_feed(category: str = "cs.CL", day: date = TUESDAY, records: int = 100, **fields: Any) -> Pull:
    """The pull of a feed as it stands in the database when all went well, here in memory."""
    defaults = {
        "source": "rss",
        "outcome": "complete" if records else "empty",
        "records": records,
        "new": records * 3 // 4,
        "unchanged": records - records * 3 // 4 - fields.get("failed", 0),
        "started": datetime(day.year, day.month, day.day, 5, 20, tzinfo=UTC),
        "set_spec": category,
        "day": day,
    }
    return Pull(**{**defaults, **fields})


def make_harvest(day: date = TUESDAY, records: int = 130, set_spec: str = "cs:cs:CL", **fields: Any) -> Pull:
    return make_feed(set_spec, day, records, **{"source": "oai", "form": "arXivRaw", **fields})


def month(until: date = TUESDAY) -> list[Pull]:
    """The feeds of both categories on all feed days before."""
    days = feed_days(until - 30 * DAY, until - DAY)
    return [make_feed(category, day, 100 + day.day % 7) for day in days for category in SINCE]


def found(*pulls: Pull, now: datetime = EVENING, day: date = TUESDAY) -> dict[str, str]:
    """Key → sentence after a usual month, with cs.AI's feed of the day as usual."""
    usual = [*month(day), make_feed("cs.AI", day, 101)]
    return {
        finding.key.removeprefix("arxiv.silence:"): finding.sentence
        for finding in find_anomalies([*usual, *pulls], SINCE, now)
    }


def test_a_usual_day_is_not_suspicious() -> None:
    assert found(make_feed(records=104)) == {}


@pytest.mark.parametrize(
    ("kind", "what", "pulls"),
    [
        ("late", "cs.CL", []),
        (
            "late",
            "cs.CL (the feed is still that of 2026-11-23)",
            [make_feed(outcome="pending", records=0, reason="the feed is still that of 2026-11-23.")],
        ),
        ("nothing", "cs.CL (100 to 106 lately)", [make_feed(records=0)]),
        ("few", "cs.CL (3 papers, 100 to 106 lately)", [make_feed(records=3)]),
        ("many", "cs.CL (900 papers, 100 to 106 lately)", [make_feed(records=900)]),
        ("old", "cs.CL (104 papers)", [make_feed(records=104, new=0, unchanged=104)]),
        ("cut", "cs.CL", [make_feed(records=2000)]),
        ("unread", "cs.CL (2 records)", [make_feed(records=104, failed=2)]),
        ("sums", "cs.CL (arXiv sent 104, 90 are accounted for)", [make_feed(records=104, new=60, unchanged=30)]),
        ("blind", "cs.CL (104 papers)", [make_feed(records=104), make_harvest(records=0)]),
    ],
)
def test_each_thing_that_goes_wrong_in_silence_is_found(kind: str, what: str, pulls: list[Pull]) -> None:
    sentences = found(*pulls)
    assert list(sentences) == [f"2026-11-24:{kind}"]
    assert "Tuesday 24 November" in sentences[f"2026-11-24:{kind}"]
    assert f": {what}. " in sentences[f"2026-11-24:{kind}"]


@pytest.mark.parametrize("records", [0, 3, 2000])
def test_what_oai_brought_of_the_day_since_needs_no_alarm(records: int) -> None:
    assert found(make_feed(records=records), make_harvest()) == {}


@pytest.mark.parametrize("wide", ["cs", "cs:cs"])
def test_a_wider_set_brings_the_day_too(wide: str) -> None:
    assert found(make_harvest(set_spec=wide)) == {}


def test_a_record_that_another_pull_could_read_needs_no_alarm() -> None:
    assert found(make_feed(records=104, failed=2), make_feed(records=104)) == {}


def test_the_same_feed_read_twice_is_not_old() -> None:
    assert found(make_feed(records=104), make_feed(records=104, new=0, unchanged=104)) == {}


def test_a_day_is_judged_when_its_feed_has_had_its_hours() -> None:
    noon = datetime(2026, 11, 24, 12, 19, tzinfo=UTC)
    assert found(now=noon) == {}
    assert list(found(now=noon + timedelta(minutes=1))) == ["2026-11-24:late"]
    assert judged_until(noon) == TUESDAY - DAY


@pytest.mark.parametrize("day", [date(2026, 11, 21), date(2026, 11, 22), date(2026, 11, 27)])
def test_weekends_and_holidays_may_be_empty(day: date) -> None:
    pulls = [*month(day), *[make_feed(category, day, 0) for category in SINCE]]
    assert find_anomalies(pulls, SINCE, datetime(day.year, day.month, day.day, 23, tzinfo=UTC)) == ()


def test_a_category_is_judged_from_the_day_on_which_it_was_followed() -> None:
    assert find_anomalies([], {"cs.CL": date(2026, 11, 25)}, EVENING) == ()


def test_all_categories_that_a_day_treated_alike_are_one_finding() -> None:
    pulls = [*month(), *[make_feed(category, records=0) for category in SINCE]]
    (finding,) = find_anomalies(pulls, SINCE, EVENING)
    assert finding.places == (("cs.AI", TUESDAY), ("cs.CL", TUESDAY))


def test_two_working_days_without_anything_are_one_finding() -> None:
    pulls = [pull for pull in month() if pull.day < date(2026, 11, 23)]
    (finding,) = find_anomalies(pulls, SINCE, EVENING)
    assert finding.key == "arxiv.silence:two-days"
    assert ": cs.AI since Monday 23 November; cs.CL since Monday 23 November. " in finding.sentence


def test_a_small_category_may_be_empty_for_days() -> None:
    days = list(feed_days(TUESDAY - 30 * DAY, TUESDAY))
    pulls = [make_feed("cs.GL", day, number % 9 // 8) for number, day in enumerate(days)]
    assert find_anomalies(pulls, {"cs.GL": date(2026, 1, 1)}, EVENING) == ()


def test_a_long_silence_is_one_finding() -> None:
    pulls = [pull for pull in month() if pull.day < date(2026, 11, 16) or pull.set_spec == "cs.AI"]
    (finding,) = find_anomalies([*pulls, make_feed("cs.AI", records=101)], SINCE, EVENING)
    assert ": cs.CL since Monday 16 November. " in finding.sentence
    assert len(finding.places) == 7


def test_with_too_little_history_only_nothing_is_suspicious() -> None:
    first = {"cs.CL": TUESDAY}
    assert find_anomalies([make_feed(records=1)], first, EVENING) == ()
    assert [each.key for each in find_anomalies([make_feed(records=0)], first, EVENING)] == [
        "arxiv.silence:2026-11-24:nothing"
    ]


def test_a_pull_that_waits_for_more_than_a_day_is_found() -> None:
    started = EVENING - DAY
    waiting = make_harvest(date(2026, 11, 20), 0, outcome="pending", reason="HTTP 503.", started=started)
    assert found(make_feed(), waiting) == {}
    assert "cs:cs:CL 2026-11-20 (HTTP 503)" in found(make_feed(), waiting, now=EVENING + HOUR)["waiting"]


@pytest.fixture
def followed(db: None) -> Watch:
    """A watch of two categories, and a usual month of them."""
    Pull.objects.bulk_create(month())
    return Watch.objects.create(
        name="Agents", slug="agents", categories=list(SINCE), created=datetime(2026, 1, 1, tzinfo=UTC)
    )


def standing() -> list[str]:
    return [alarm.key.removeprefix("arxiv.") for alarm in Alarm.objects.open()]


def test_an_alarm_is_raised_and_ends_with_its_cause(followed: Watch) -> None:
    make_feed("cs.AI").save()
    check_feeds(EVENING)
    assert standing() == ["silence:2026-11-24:late"]
    make_feed("cs.CL").save()
    check_feeds(EVENING + HOUR)
    assert standing() == []


def test_it_looks_once_in_ten_minutes(followed: Watch) -> None:
    for category in SINCE:
        make_feed(category).save()
    assert check_feeds(EVENING) == 0
    Pull.objects.filter(day=TUESDAY).delete()
    assert check_feeds(EVENING + timedelta(minutes=9)) == 0
    assert check_feeds(EVENING + timedelta(minutes=10)) == 1


def test_a_watch_that_is_not_active_is_not_missed(followed: Watch) -> None:
    Watch.objects.update(active=False)
    assert check_feeds(EVENING) == 0


def test_a_road_that_rests_for_a_while_is_no_alarm(db: None) -> None:
    rate_limits.close_until(
        arxiv_gateway.RATE_LIMIT_NAME, 2 * HOUR, "HTTP 503", passing=True, clock=Clock(lambda: EVENING)
    )
    check_feeds(EVENING + HOUR)
    assert standing() == []


def test_a_closed_road_is_an_alarm_until_it_opens(db: None) -> None:
    clock = Clock(lambda: EVENING)
    rate_limits.close_until(arxiv_gateway.RATE_LIMIT_NAME, DAY, "arXiv refuses our requests (HTTP 403)", clock=clock)
    check_feeds(EVENING + HOUR)
    (alarm,) = Alarm.objects.open()
    assert alarm.key == "arxiv.refused"
    assert "before 2026-11-25 20:00 UTC: arXiv refuses our requests (HTTP 403)." in alarm.sentence
    check_feeds(EVENING + DAY)
    assert standing() == []


@pytest.mark.parametrize(
    ("reconciled", "late"), [({}, False), ({"cs.IR": TUESDAY}, False), ({"cs.IR": TUESDAY - DAY}, True)]
)
def test_a_category_that_was_added_to_an_old_watch_has_no_past(
    followed: Watch, reconciled: dict[str, date], late: bool
) -> None:
    for category in SINCE:
        make_feed(category).save()
    Watch.objects.update(categories=[*SINCE, "cs.IR"])
    for category, day in {"cs.CL": TUESDAY, **reconciled}.items():
        FollowedCategory.objects.create(category=category, reconciled=day)
    check_feeds(EVENING)
    assert ("silence:2026-11-24:late" in standing()) == late


def test_where_nothing_was_ever_followed_that_is_found(followed: Watch) -> None:
    Pull.objects.all().delete()
    check_feeds(EVENING)
    assert "silence:two-days" in standing()


def test_looking_takes_three_queries_however_many_pulls_there_are(
    followed: Watch, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(3):
        assert findings_now(EVENING) != ()
    Pull.objects.bulk_create(month())
    with django_assert_num_queries(3):
        findings_now(EVENING)
