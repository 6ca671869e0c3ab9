"""What the watches ask for is found among the papers."""

import gzip
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from core.clock import Clock
from papers.arxiv.records import PaperRecord
from papers.ingest.bulk_formats import parse_line
from papers.models import Paper, Watch, WatchMatch
from papers.records.upsert import upsert_records
from papers.search import index_backlog
from papers.search.grammar import ExpressionTerm, parse_expression
from papers.watches import matching
from papers.watches.criteria import WatchCriteria
from papers.watches.matching import match_papers, match_recent, preview_watch, save_watch
from tests.builders import make_paper, make_watch
from tests.connections import another
from tests.data import data_path, needs_data
from tests.papers.paper_records import make_record

pytestmark = pytest.mark.django_db
TODAY = date(2025, 9, 8)
CLOCK = Clock(now=lambda: datetime(2025, 9, 8, 12, tzinfo=UTC))


def make_news(title: str = "On agents", **fields: Any) -> Paper:
    """A paper that was announced today."""
    return make_paper(title=title, **{"announced": TODAY, **fields})


def statements(act: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def matched(watch: Watch, *papers: Paper) -> list[str]:
    """The titles that a watch matched once it had looked at these papers, or at all of them."""
    match_papers([paper.pk for paper in papers or Paper.objects.all()], clock=CLOCK)
    return sorted(watch.matches.values_list("paper__title", flat=True))


def test_without_words_and_authors_all_papers_of_the_categories_match() -> None:
    watch = make_watch(categories=["cs.CL", "cs.LG"])
    make_news("Here", categories=["cs.CL"])
    make_news("Cross-listed", categories=["stat.ML", "cs.LG"])
    make_news("Elsewhere", categories=["cs.CV"])
    assert matched(watch) == ["Cross-listed", "Here"]


def test_a_category_with_two_names_is_asked_for_by_either() -> None:
    watch = make_watch(categories=["cs.NA"])
    make_news("Numbers", categories=["math.NA"])
    assert matched(watch) == ["Numbers"]
    assert Watch.objects.categories() == ["math.NA"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("planning agent", ["Agents plan"]),
        ("plan", ["Agents plan", "Plans"]),
        ("agents OR sparrows", ["Agents plan", "Birds", "Plans"]),
        ("plan -agents", ["Plans"]),
        ("-plan", ["Birds"]),
        ('"agents plan"', ["Agents plan"]),
        ('"plan agents"', []),
        ("agen*", ["Agents plan"]),
        ("title:sparrow", []),
        ("abstract:sparrow", ["Birds"]),
        ("author:sparrow", ["Plans"]),
        ("author:(sparrow OR weller) -birds", ["Agents plan", "Plans"]),
        ("the agents", ["Agents plan"]),
        ("the", []),
    ],
)
def test_words_are_looked_for_where_they_should_stand(asked: str, found: list[str]) -> None:
    watch = make_watch(words=asked)
    make_news("Agents plan")
    make_news("Plans", authors=["Jack Sparrow"])
    make_news("Birds", abstract="We count sparrows.")
    assert matched(watch) == found


def test_a_named_author_is_enough_but_not_outside_the_categories() -> None:
    watch = make_watch(words="agents", authors=["Kaiming He"])
    make_news("Residuals", authors=["Kaiming  Hé"])
    make_news("On agents")
    make_news("Initials", authors=["K. He"])
    make_news("Pictures", authors=["Kaiming He"], categories=["cs.CV"])
    assert matched(watch) == ["On agents", "Residuals"]


def test_to_match_again_writes_nothing_new() -> None:
    make_watch()
    paper = make_news()
    assert (match_papers([paper.pk], clock=CLOCK), match_papers([paper.pk], clock=CLOCK)) == (1, 0)
    assert WatchMatch.objects.get().matched_at == CLOCK.now()


def test_only_the_papers_that_were_given_are_looked_at() -> None:
    watch = make_watch()
    make_news("Another")
    assert matched(watch, make_news("This")) == ["This"]
    assert match_papers([], clock=CLOCK) == 0


def test_a_watch_that_is_not_active_matches_nothing() -> None:
    assert matched(make_watch(active=False), make_news()) == []


def test_what_a_backfill_brings_is_nobodys_news() -> None:
    watch = make_watch()
    make_news("Old", announced=TODAY - timedelta(days=31))
    make_news("Not so old", announced=TODAY - timedelta(days=30))
    make_news("Today")
    make_paper("2508.00001", title="Without a day")
    make_paper("2507.00001", title="Old, without a day")
    make_paper("cs/0112017", title="From another age")
    assert matched(watch) == ["Not so old", "Today", "Without a day"]


def test_the_reach_is_counted_from_the_last_announcement() -> None:
    watch = make_watch()
    make_paper(title="A year ago", announced=date(2024, 9, 8))
    assert matched(watch) == ["A year ago"]


def test_words_that_cannot_be_read_stop_no_other_watch(caplog: pytest.LogCaptureFixture) -> None:
    make_watch(slug="broken", words="(agents")
    assert matched(make_watch(), make_news()) == ["On agents"]
    assert "watch.unreadable slug=broken" in caplog.text


def test_papers_whose_words_are_unread_are_matched_when_they_are_read() -> None:
    watch = make_watch(words="telescopes")
    upsert_records([make_record(arxiv_id="2509.00001", title="On telescopes", categories=("cs.CL",))], searchable=False)
    assert matched(watch) == []
    index_backlog.read_some(clock=CLOCK)
    assert watch.matches.count() == 1


def test_twice_as_many_papers_take_no_more_queries() -> None:
    make_watch(words="agents")
    make_watch()
    few = [make_news().pk for _ in range(3)]
    many = [make_news().pk for _ in range(6)]
    assert statements(lambda: match_papers(many, clock=CLOCK)) == statements(lambda: match_papers(few, clock=CLOCK))


def test_a_changed_watch_forgets_what_it_no_longer_asks_for() -> None:
    watch = make_watch(words="agents")
    make_news("On agents")
    make_news("On birds")
    assert matched(watch) == ["On agents"]
    watch.words = "birds"
    assert save_watch(watch, clock=CLOCK) == 1
    assert [match.paper.title for match in watch.matches.all()] == ["On birds"]


def test_what_a_watch_matched_long_ago_stays_when_it_is_changed() -> None:
    watch = make_watch(words="agents")
    assert matched(watch, make_news("On agents")) == ["On agents"]
    make_paper(title="Much later", announced=TODAY + timedelta(days=40))
    watch.words = "birds"
    save_watch(watch, clock=Clock(now=lambda: CLOCK.now() + timedelta(days=40)))
    assert watch.matches.count() == 1


def test_a_watch_that_is_put_away_keeps_its_matches() -> None:
    watch = make_watch()
    assert matched(watch, make_news()) == ["On agents"]
    watch.active, watch.words = False, "birds"
    assert save_watch(watch, clock=CLOCK) == 0
    assert watch.matches.count() == 1


def test_what_was_missed_is_made_up_for() -> None:
    watch = make_watch()
    make_news()
    assert match_recent(clock=CLOCK) == 1
    assert match_recent(clock=CLOCK) == 0
    assert watch.matches.count() == 1


def shown(text: str = "", *authors: str) -> matching.WatchPreview:
    found = preview_watch(WatchCriteria(("cs.CL",), parse_expression(text), authors))
    assert found
    return found


def test_a_preview_counts_the_last_week_by_reason() -> None:
    make_news("On agents")
    make_news("Agents again", authors=["Kaiming He"])
    make_news("Residuals", authors=["Kaiming He"])
    make_news("Birds")
    make_news("Agents in pictures", categories=["cs.CV"])
    found = shown("agents", "Kaiming He", "Nobody Atall")
    assert (found.total, found.matched, found.by_words, found.by_authors) == (4, 3, 2, 2)
    assert [paper.title for paper in found.newest] == ["Residuals", "Agents again", "On agents"]
    assert found.strangers == ("Nobody Atall",)


def test_a_preview_says_how_many_papers_have_their_words_unread() -> None:
    make_news("On agents", searchable=False)
    make_news("On agents")
    assert (shown("agents").matched, shown("agents").unread) == (1, 1)


def test_the_last_week_is_the_last_seven_days_with_an_announcement() -> None:
    for days in range(0, 20, 2):
        make_news(announced=TODAY - timedelta(days=days))
    found = shown()
    assert (found.first, found.last, found.total) == (TODAY - timedelta(days=12), TODAY, 7)
    assert matching.last_week() == found.first


def test_without_a_day_of_announcement_there_is_no_preview() -> None:
    make_paper()
    assert preview_watch(WatchCriteria(("cs.CL",))) is None
    assert matching.last_week() is None


def test_twice_as_many_papers_take_no_more_queries_to_preview() -> None:
    for _ in range(3):
        make_news()
    few = statements(lambda: shown("agents", "Orion Weller"))
    for _ in range(3):
        make_news()
    assert statements(lambda: shown("agents", "Orion Weller")) == few


@pytest.mark.django_db(transaction=True)
def test_a_watch_is_saved_where_the_database_is_too_slow_to_match_it() -> None:
    watch = make_watch(words="agents")
    make_news("On birds")
    watch.words = "birds"
    with another() as other:
        other.execute("BEGIN; SELECT FROM papers_paper FOR UPDATE")
        assert save_watch(watch, clock=CLOCK, patience=0.1) is None
    assert Watch.objects.get().words == "birds"
    assert matched(watch) == ["On birds"]


@pytest.mark.django_db(transaction=True)
def test_a_new_watch_is_saved_where_the_database_is_too_slow_to_match_it() -> None:
    make_news("On birds")
    watch = Watch(name="Birds", slug="birds", categories=["cs.CL"], words="birds")
    with another() as other:
        other.execute("BEGIN; SELECT FROM papers_paper FOR UPDATE")
        assert save_watch(watch, clock=CLOCK, patience=0.1) is None
    assert Watch.objects.get() == watch


def test_words_that_english_has_everywhere_are_too_common() -> None:
    assert [matching.is_too_common(ExpressionTerm(text)) for text in ("the", "not the", "agent")] == [True, True, False]


@pytest.mark.django_db(transaction=True)
def test_two_that_match_at_once_write_each_match_once() -> None:
    watch = make_watch(words="agents")
    make_watch()
    papers = [make_news().pk for _ in range(50)]
    begin = Barrier(2)

    def look(keys: Sequence[int]) -> int:
        begin.wait()
        try:
            return match_papers(keys, clock=CLOCK)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        new = list(pool.map(look, [papers, papers[::-1]]))
    assert (sum(new), watch.matches.count()) == (100, 50)


@pytest.mark.django_db(transaction=True)
def test_a_watch_that_changes_while_papers_are_written_waits_for_them() -> None:
    watch = make_watch(words="agents")
    paper = make_news()
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            Paper.objects.select_for_update().get(pk=paper.pk)
            changing = pool.submit(changed, watch, words="on", slug="agents", authors=["Orion Weller"])
            assert match_papers([paper.pk], clock=CLOCK) == 1
        assert changing.result(timeout=60) == 1
    assert watch.matches.count() == 1


def changed(watch: Watch, **fields: Any) -> int | None:
    for name, value in fields.items():
        setattr(watch, name, value)
    try:
        return save_watch(watch, clock=CLOCK)
    finally:
        connection.close()


def last_week_of_the_corpus() -> list[PaperRecord]:
    """About 1,600 real papers, each with the day on which it was listed."""
    with gzip.open(data_path("arxiv/corpus/recent_ai_2025-03_2026-02.jsonl.gz")) as file:
        return [parse_line(line) for line in file if re.search(rb'"listed_on": \["2026-02-(19|2\d)', line)]


AGENT = re.compile(r"\b(multi|sub)?agent(s|ic)?\b", re.IGNORECASE)
SURVEY = re.compile(r"\bsurvey(s|ed|ing)?\b", re.IGNORECASE)


@needs_data
def test_a_watch_matches_what_reading_a_week_of_real_papers_finds() -> None:
    records = last_week_of_the_corpus()
    upsert_records(records)
    watch = make_watch(words="(agent OR multiagent OR subagent) -survey title:(benchmark* OR eval*)")
    match_papers(Paper.objects.values_list("pk", flat=True), clock=Clock(now=lambda: datetime(2026, 2, 28, tzinfo=UTC)))
    expected = {
        record.arxiv_id
        for record in records
        if "cs.CL" in record.categories
        and AGENT.search(text := f"{record.title} {record.abstract}")
        and not SURVEY.search(text)
        and re.search(r"\b(benchmark|eval)", record.title, re.IGNORECASE)
    }
    assert set(watch.matches.values_list("paper__arxiv_id", flat=True)) == expected
    found = preview_watch(watch.wish)
    assert found is not None
    assert found.matched == len(expected) > 5
