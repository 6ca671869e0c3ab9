"""What one watch asks of the simulated arXiv: its feeds, and its words over the last days."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from core.clock import Clock
from core.command_reports import Refused
from papers.arxiv.polite_http import ArxivUnavailable
from papers.arxiv.search_client import DaySpan, SearchClient
from papers.ingest import arxiv_gateway
from papers.ingest.watch_search import fetch_pages, search_for_watch
from papers.models import Paper, Pull, Watch, WatchMatch
from tests.arxiv_simulator.archive import Archive
from tests.arxiv_simulator.days import Clock as TheirClock
from tests.arxiv_simulator.faults import Plan
from tests.arxiv_simulator.history import Paper as Story
from tests.arxiv_simulator.history import tell
from tests.arxiv_simulator.making import TUESDAY, make_entry
from tests.arxiv_simulator.server import serving
from tests.arxiv_simulator.simulator import API_PATH, RSS_PATH, Simulator
from tests.builders import make_watch

pytestmark = pytest.mark.django_db
WEDNESDAY = TUESDAY + timedelta(days=1)
Served = Callable[..., Simulator]


@pytest.fixture
def served(settings: Settings) -> Iterator[Served]:
    """Serves these papers at noon of Wednesday, and makes a watch for “planning” in cs.CL."""
    with ExitStack() as stack:

        def serve(papers: Sequence[Story], **options: Any) -> Simulator:
            clock = TheirClock(datetime(2025, 10, 15, 12, tzinfo=UTC))
            simulator = stack.enter_context(serving(Simulator(Archive(papers), clock, **options)))
            settings.ARXIV_API_URL, settings.ARXIV_RSS_URL = simulator.origin + API_PATH, simulator.origin + RSS_PATH
            settings.ARXIV_DELAY = 0.0
            make_watch(slug="planning", words="planning")
            return simulator

        yield serve


def clock_of(simulator: Simulator) -> Clock:
    return Clock(simulator.clock.now, simulator.clock.advance)


def planning(count: int, day: date = TUESDAY) -> list[Story]:
    """Papers that are not in Wednesday's feed."""
    return [tell(make_entry(n, day, title=f"Planning, part {n}"), 1, 0.0) for n in range(1, count + 1)]


def test_its_words_find_what_its_feeds_no_longer_show(served: Served) -> None:
    simulator = served([*planning(3), tell(make_entry(4), 1, 0.0), tell(make_entry(5, WEDNESDAY), 1, 0.0)])
    report = search_for_watch("planning", clock=clock_of(simulator))
    assert report.counts == {"new": 4, "updated": 1, "unchanged": 0, "missing": 0, "failed": 0}
    assert list(Paper.objects.order_by("arxiv_id").values_list("arxiv_id", flat=True)) == [
        f"2510.0000{n}" for n in (1, 2, 3, 5)
    ]
    assert (WatchMatch.objects.count(), report.problems) == (3, ())


def test_pages_are_read_to_the_last_and_each_day_has_a_row(served: Served) -> None:
    simulator = served(planning(250))
    assert search_for_watch("planning", clock=clock_of(simulator)).counts["new"] == 250
    rows = Pull.objects.filter(set_spec="watch:planning").order_by("day")
    assert [row.day for row in rows] == [WEDNESDAY + timedelta(days=n) for n in range(-7, 1)]
    assert (sum(row.records for row in rows), max(row.pages for row in rows)) == (250, 3)
    assert {row.outcome for row in rows} == {"complete", "empty"}


@pytest.mark.parametrize("kind", ["empty", "short", "duplicates", "html", "429", "truncated"])
def test_a_fault_is_got_over(kind: str, served: Served) -> None:
    simulator = served(planning(130), plan=Plan(rate=0.3, seed=3, kinds=(kind,)))
    assert search_for_watch("planning", clock=clock_of(simulator)).problems == ()
    assert (Paper.objects.count(), simulator.manners.violations) == (130, [])
    assert simulator.faults


def test_a_result_that_does_not_add_up_leaves_its_day_pending(served: Served) -> None:
    simulator = served(planning(3), plan=Plan(rate=1.0, kinds=("short",)))
    report = search_for_watch("planning", clock=clock_of(simulator))
    assert any("1 papers on a page that should have 3" in problem.what for problem in report.problems)
    assert Pull.objects.filter(set_spec="watch:planning", outcome="pending").count() == 1


def test_a_refusal_ends_it(served: Served) -> None:
    simulator = served(planning(3), plan=Plan(rate=1.0, kinds=("403",)))
    report = search_for_watch("planning", clock=clock_of(simulator))
    assert ["HTTP 403" in problem.what for problem in report.problems] == [True]
    assert (simulator.manners.requests, simulator.manners.violations) == (1, [])


def test_a_watch_of_categories_only_searches_for_nothing(served: Served) -> None:
    simulator = served(planning(3))
    Watch.objects.update(words="")
    search_for_watch("planning", clock=clock_of(simulator))
    assert simulator.manners.requests == 1


def test_a_day_with_more_papers_than_arxiv_gives_out_is_halved(served: Served) -> None:
    simulator = served(planning(250))
    day = datetime(2025, 10, 13, tzinfo=UTC)
    with arxiv_gateway.open_gateway(clock_of(simulator)) as polite:
        client = SearchClient(polite, simulator.origin + API_PATH, ceiling=90)
        found = list(
            fetch_pages(client, "ti:planning", DaySpan(day - timedelta(days=6), day + timedelta(hours=23, minutes=59)))
        )
    assert len({record.arxiv_id for page in found for record in page.records}) == 250
    assert len(found) > 3


def test_a_minute_with_more_papers_than_arxiv_gives_out_is_said(served: Served) -> None:
    simulator = served(planning(250))
    with arxiv_gateway.open_gateway(clock_of(simulator)) as polite:
        client = SearchClient(polite, simulator.origin + API_PATH, ceiling=-1)
        with pytest.raises(ArxivUnavailable, match="papers in one minute"):
            list(fetch_pages(client, "ti:planning", DaySpan(*[datetime(2025, 10, 13, tzinfo=UTC)] * 2)))


def test_a_watch_that_is_none_is_refused_with_the_names_of_those_that_are() -> None:
    make_watch(slug="agents")
    with pytest.raises(Refused, match=r"There is no watch “plans”; there are: agents\."):
        search_for_watch("plans")


def test_the_command_reports_in_json_and_tells_its_progress(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    simulator = served(planning(1, WEDNESDAY))
    out = StringIO()
    with time_machine.travel(simulator.clock.now()):
        call_command("pull_arxiv", "--watch", "planning", "--json", stdout=out)
    assert json.loads(out.getvalue())["new"] == 1
    assert "cs.CL 2025-10-15: page 1, 1 papers\n" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--due", "--watch", "x"], ["--ids", "2510.00001", "--due"]])
def test_exactly_one_of_three_is_asked_for(arguments: list[str]) -> None:
    with pytest.raises(CommandError, match=r"required|not allowed with"):
        call_command("pull_arxiv", *arguments)


def test_what_is_due_is_pulled_by_the_command(served: Served) -> None:
    simulator = served(planning(1, WEDNESDAY))
    out = StringIO()
    with time_machine.travel(simulator.clock.now()):
        call_command("pull_arxiv", "--due", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {
        "new": 1,
        "updated": 1,
        "unchanged": 0,
        "missing": 0,
        "failed": 0,
        "problems": [],
    }
