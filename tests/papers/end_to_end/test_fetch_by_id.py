"""Papers pulled by their identifiers from the simulated arXiv: whatever goes wrong, the database ends as the truth."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from threading import Thread

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from core.clock import REAL_CLOCK, Clock
from core.command_reports import Report
from papers.arxiv.query_api_client import SHORT_ANSWER
from papers.ingest.fetch_by_id import NO_SUCH_PAPER, pull_ids
from papers.models import Paper, PaperVersion
from tests.arxiv_simulator.archive import Archive
from tests.arxiv_simulator.faults import BODIES, Fault, Plan
from tests.arxiv_simulator.history import tell
from tests.arxiv_simulator.making import TUESDAY, failing, make_entry, make_papers, make_simulator
from tests.arxiv_simulator.server import serving
from tests.arxiv_simulator.simulator import Simulator
from tests.arxiv_simulator.year.comparing import stored, told
from tests.data import data_path, needs_data

pytestmark = pytest.mark.django_db
# Without the hundred megabytes, which each cost a second.
PASSING = ("429", "503", "empty", "short", "duplicates", *(kind for kind in BODIES if kind != "huge"))


@pytest.fixture
def world(settings: Settings) -> "World":
    return World(settings)


class World:
    """Our side."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @contextmanager
    def at(self, simulator: Simulator, delay: float = 0.0) -> Iterator[Simulator]:
        with serving(simulator):
            self._settings.ARXIV_API_URL, self._settings.ARXIV_DELAY = f"{simulator.origin}/api/query", delay
            yield simulator


def pull(simulator: Simulator, ids: Sequence[str]) -> Report:
    """With waits that pass on the simulator's clock and so take no time."""
    return pull_ids(ids, clock=Clock(simulator.clock.now, simulator.clock.advance))


def pull_all(simulator: Simulator) -> Report:
    return pull(simulator, [truth.id for truth in simulator.truth()])


def pull_until_clean(simulator: Simulator, day: date) -> Report:
    """As an editor would: again, as long as anything is said to be wrong."""
    simulator.clock.set_day(day)
    for _ in range(20):
        report = pull_all(simulator)
        if not report.problems:
            return report
        simulator.clock.advance(60)
    raise AssertionError(report.problems)


def assert_true(simulator: Simulator) -> None:
    assert stored() == sorted(map(told, simulator.truth()), key=lambda row: str(row[0]))
    assert simulator.manners.violations == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_whatever_passes_the_database_ends_as_the_truth(seed: int, world: World) -> None:
    papers = [tell(make_entry(number), seed, made=0.6) for number in range(1, 251)]
    simulator = make_simulator(papers, plan=Plan(rate=0.4, seed=seed, kinds=PASSING))
    days = [day for day in simulator.archive.days() if day >= TUESDAY]
    with world.at(simulator):
        for day in (days[0], days[len(days) // 3], days[-1]):
            pull_until_clean(simulator, day)
            assert_true(simulator)
    assert len(simulator.faults) > 3


@needs_data
def test_real_papers_end_as_the_truth_although_everything_goes_wrong(world: World) -> None:
    archive = Archive.read(data_path("arxiv/corpus/recent_ai_2025-03_2026-02.jsonl.gz"), seed=7, made=0.4, most=300)
    simulator = make_simulator(list(archive.papers.values()), plan=Plan(rate=0.5, seed=7, kinds=PASSING))
    with world.at(simulator):
        for day in (date(2025, 10, 20), archive.days()[-1]):
            pull_until_clean(simulator, day)
            assert_true(simulator)
    assert len(stored()) > 250


@pytest.mark.parametrize("kind", PASSING)
def test_one_fault_of_each_kind_is_got_over(kind: str, world: World) -> None:
    with world.at(make_simulator(make_papers(6), plan=failing(kind, "7"))) as simulator:
        pull_until_clean(simulator, TUESDAY)
        assert_true(simulator)
    assert simulator.faults == {1: kind}


def test_a_hundred_megabytes_are_not_read_to_their_end(world: World) -> None:
    with world.at(make_simulator(make_papers(2), plan=failing("huge"))) as simulator:
        assert pull(simulator, ["2510.00001"]).problems == ()
    assert (simulator.faults, simulator.manners.requests) == ({1: "huge"}, 2)


def test_the_waits_that_arxiv_asks_for_are_kept(world: World) -> None:
    with world.at(make_simulator(make_papers(1), plan=failing("503", "100"))) as simulator:
        begin = simulator.clock.now()
        pull(simulator, ["2510.00001"])
        assert (simulator.clock.now() - begin).total_seconds() >= 100
    assert simulator.manners.violations == []


def test_after_a_refusal_nothing_more_is_asked(world: World) -> None:
    with world.at(make_simulator(make_papers(250), plan=failing("403", at=2))) as simulator:
        report = pull_all(simulator)
    assert (report.counts["new"], report.counts["failed"]) == (100, 150)
    assert (simulator.manners.requests, simulator.manners.violations) == (2, [])


def test_a_paper_that_arxiv_hides_is_reported_and_not_deleted(world: World) -> None:
    with world.at(make_simulator(make_papers(3), plan=failing("missing", at=2))) as simulator:
        ids = [truth.id for truth in simulator.truth()]
        pull(simulator, ids)
        report = pull(simulator, ids)
    assert [problem.what for problem in report.problems] == [NO_SUCH_PAPER]
    assert Paper.objects.count() == 3


def test_papers_left_out_of_a_short_page_are_not_said_to_be_missing(world: World) -> None:
    with world.at(make_simulator(make_papers(4), plan=failing("short"))) as simulator:
        report = pull_all(simulator)
    assert [problem.what for problem in report.problems] == [SHORT_ANSWER] * 2


def test_a_stale_answer_takes_no_paper_back_to_an_older_version(world: World) -> None:
    days = (TUESDAY, date(2025, 10, 15))
    paper = tell(make_entry(1, listed_on=days), seed=1, made=0.0)
    with world.at(make_simulator([paper], day=days[1], plan=failing("stale", at=2))) as simulator:
        pull(simulator, [paper.id])
        pull(simulator, [paper.id])
        assert simulator.faults == {2: "stale"}
        assert_true(simulator)


def test_a_withdrawal_is_told_and_kept_by_its_version(world: World) -> None:
    papers = [tell(make_entry(number), seed=1, made=0.6) for number in range(1, 251)]
    simulator = make_simulator(papers, day=date(2026, 6, 30))
    with world.at(simulator):
        pull_until_clean(simulator, date(2026, 6, 30))
    withdrawn = {truth.id for truth in simulator.truth() if truth.state.withdrawn}
    assert withdrawn
    assert set(Paper.objects.filter(withdrawn=True).values_list("arxiv_id", flat=True)) == withdrawn
    assert PaperVersion.objects.filter(paper__arxiv_id__in=withdrawn, version__gt=1).count() >= len(withdrawn)


def test_requests_keep_the_delay_between_them(world: World) -> None:
    # Ours is longer than arXiv's here by more than a busy machine holds a request up.
    with world.at(make_simulator(make_papers(250), delay=0.1), delay=0.6) as simulator:
        pull_ids([truth.id for truth in simulator.truth()], clock=REAL_CLOCK)
    assert (simulator.manners.requests, simulator.manners.violations) == (3, [])


def test_requests_without_a_delay_are_caught(world: World) -> None:
    with world.at(make_simulator(make_papers(250), delay=60)) as simulator:
        pull_all(simulator)
    assert [violation.request for violation in simulator.manners.violations] == [2, 3]


@pytest.mark.django_db(transaction=True)
def test_two_that_pull_at_once_ask_one_after_the_other_and_end_as_the_truth(world: World) -> None:
    # The first answers take their time, so that nobody gets past the other by luck.
    slow, kinds = Fault("slow"), ("empty", "short", "duplicates", "truncated", "dropped")
    plan = Plan({1: slow, 2: slow, 3: slow}, rate=0.3, seed=5, kinds=kinds)
    with world.at(make_simulator(make_papers(300), plan=plan, pause=0.02)) as simulator:
        threads = [Thread(target=pull_in_thread, args=(simulator,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        pull_until_clean(simulator, TUESDAY)
        assert_true(simulator)
    assert set(simulator.faults.values()) > {"slow"}


def pull_in_thread(simulator: Simulator) -> None:
    try:
        pull_until_clean(simulator, TUESDAY)
    finally:
        connection.close()
