"""What is usual: bands of made-up days, and of a year of real ones."""

import gzip
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import cache

import pytest

from papers.ingest.arxiv_calendar import feed_days
from papers.monitoring.baseline import UsualCounts, usual_counts
from tests.data import data_path, needs_data

CORPUS = "arxiv/corpus/recent_ai_2025-03_2026-02.jsonl.gz"
FOLLOWED = ("cs.AI", "cs.CL", "cs.CV", "cs.IR", "cs.LG")
LARGE = ("cs.AI", "cs.CL", "cs.CV", "cs.LG")
# The corpus' own sources dropped whole categories then: what came of them are cross-lists.
DROPPED = {
    **dict.fromkeys(("cs.CL", "cs.IR", "cs.AI"), (date(2025, 6, 30), date(2025, 7, 4))),
    "cs.LG": (date(2025, 7, 5), date(2025, 7, 18)),
}
Day = Mapping[str, int]


def steady(count: int = 100, days: int = 20, **others: int) -> list[Day]:
    """Days that differ by a few papers."""
    return [{"cs.CL": count + number % 5, **others} for number in range(days)]


def band(history: list[Day], **day: int) -> UsualCounts:
    found = usual_counts("cs.CL", day, history)
    assert found is not None
    return found


def test_with_too_few_days_nothing_is_usual() -> None:
    assert usual_counts("cs.CL", {}, steady(days=4)) is None


def test_it_says_what_the_last_days_brought() -> None:
    found = band([{"cs.CL": 900}, *steady(100)])
    assert (found.low, found.high) == (100, 104)


def test_a_usual_day_lies_within_and_nothing_at_all_below() -> None:
    found = band(steady(100))
    assert 0 < found.least < 60 < 180 < found.most


def test_of_a_small_category_none_may_come() -> None:
    assert band(steady(1, days=9)).least == 0


def test_a_category_that_brings_a_paper_a_month_may_be_empty() -> None:
    found = band([{"cs.CL": 1}, *[{"cs.CL": 0}] * 20])
    assert (found.least, found.low, found.high) == (0, 0, 1)


def test_a_large_one_that_falls_silent_is_never_taken_for_a_small_one() -> None:
    assert usual_counts("cs.CL", {}, [{"cs.CL": 100}, *[{"cs.CL": 0}] * 20]) is None


def test_days_that_brought_nothing_make_nothing_usual() -> None:
    assert band([*steady(100), *[{"cs.CL": 0}] * 15]).least > 20


OTHERS = {"cs.AI": 100, "cs.CV": 100, "cs.LG": 100}


def test_half_is_too_few_where_the_other_categories_brought_what_they_always_do() -> None:
    assert band(steady(100, **OTHERS), **OTHERS).least > 50


def test_half_is_enough_where_the_others_brought_half_too() -> None:
    assert band(steady(100, **OTHERS), **dict.fromkeys(OTHERS, 50)).least < 50


@cache
def real_year() -> dict[date, Day]:
    """Of each feed day of the corpus how many papers each category lists."""
    listed: dict[date, Counter[str]] = defaultdict(Counter)
    papers: dict[date, set[str]] = defaultdict(set)
    with gzip.open(data_path(CORPUS), "rt") as lines:
        for record in map(json.loads, lines):
            for day in map(date.fromisoformat, set(record["listed_on"])):
                listed[day].update(set(record["categories"]).intersection(FOLLOWED))
                papers[day].add(record["id"])
    days = list(feed_days(date(2025, 3, 18), date(2026, 2, 27)))
    return {day: listed[day] for day in days if papers[day] != papers[day - timedelta(days=1)]}


def judged() -> Iterator[tuple[date, str, Day, UsualCounts]]:
    """Every day with papers of which something is usual; what the corpus lost itself is left out."""
    before: list[Day] = []
    for day, counts in real_year().items():
        if sum(counts.values()) < 30:
            continue
        for category in FOLLOWED:
            first, last = DROPPED.get(category, (date.max, date.min))
            found = usual_counts(category, counts, before)
            if found and not first <= day <= last:
                yield day, category, counts, found
        before.append(counts)


@needs_data
def test_a_real_year_of_five_categories_raises_less_than_one_false_alarm_a_month() -> None:
    false = [day for day, category, counts, band in judged() if not band.least <= counts[category] <= band.most]
    assert len(set(false)) < 12


@needs_data
def test_days_that_the_corpus_lost_are_all_caught() -> None:
    before: list[Day] = []
    lost = 0
    for counts in real_year().values():
        if sum(counts.values()) < 30:
            assert all(found.least > counts[name] for name in LARGE if (found := usual_counts(name, counts, before)))
            lost += 1
        else:
            before.append(counts)
    assert lost >= 10


@needs_data
@pytest.mark.parametrize(("kept", "least"), [(0.0, 1.0), (0.1, 0.99), (0.25, 0.9), (0.5, 0.45)])
def test_a_feed_that_lost_a_part_of_its_papers_is_caught(kept: float, least: float) -> None:
    caught = [
        not band.least <= int(counts[category] * kept) <= band.most
        for _, category, counts, band in judged()
        if category in LARGE
    ]
    assert len(caught) > 700
    assert sum(caught) >= least * len(caught)
