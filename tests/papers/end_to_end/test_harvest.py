"""A set harvested from the simulated arXiv: whatever goes wrong, the database ends as the truth."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from pytest_django.fixtures import Settings

from core.clock import Clock
from core.command_reports import Report
from papers.ingest.harvest import RunStep, harvest_set
from papers.models import PaperVersion, Pull
from tests.arxiv_simulator.archive import Archive
from tests.arxiv_simulator.faults import BODIES, Plan
from tests.arxiv_simulator.history import tell
from tests.arxiv_simulator.making import TUESDAY, failing, make_entry, make_papers, make_simulator
from tests.arxiv_simulator.server import serving
from tests.arxiv_simulator.simulator import Simulator
from tests.arxiv_simulator.year.comparing import stored, told
from tests.arxiv_simulator.year.truth import Truth
from tests.data import data_path, needs_data

pytestmark = pytest.mark.django_db
# Without the hundred megabytes, which each cost a second. A last page that is short looks like any other.
PASSING = ("429", "503", "empty", "duplicates", *(kind for kind in BODIES if kind != "huge"))
Progress = Callable[[RunStep], None]


class World:
    """Our side; its waits pass on the simulator's clock and so take no time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @contextmanager
    def at(self, simulator: Simulator) -> Iterator[Simulator]:
        with serving(simulator):
            self._settings.ARXIV_OAI_URL, self._settings.ARXIV_DELAY = f"{simulator.origin}/oai", 0.0
            yield simulator


@pytest.fixture
def world(settings: Settings) -> World:
    return World(settings)


def run(
    simulator: Simulator, first: date, last: date, progress: Progress = lambda _: None, form: str = "arXivRaw"
) -> Report:
    clock = Clock(simulator.clock.now, simulator.clock.advance)
    return harvest_set("cs", first, last, form, progress=progress, clock=clock)


def run_until_clean(simulator: Simulator, first: date, last: date, progress: Progress = lambda _: None) -> Report:
    """As cron would: an hour later again, as long as anything is said to be wrong."""
    for _ in range(30):
        report = run(simulator, first, last, progress)
        if not report.problems:
            return report
        simulator.clock.advance(3600)
    raise AssertionError(report.problems)


def all_told(truth: Truth) -> tuple[object, ...]:
    return (*told(truth), truth.changed, truth.state.licence)


def assert_true(simulator: Simulator) -> None:
    """Field by field and version by version, and nobody was asked too often."""
    assert stored("datestamp", "licence") == [all_told(truth) for truth in simulator.truth()]
    versions = PaperVersion.objects.order_by("paper__arxiv_id", "version")
    assert list(versions.values_list("paper__arxiv_id", "version", "submitted")) == [
        (truth.id, number, time) for truth in simulator.truth() for number, time in truth.versions
    ]
    assert simulator.manners.violations == []


def harvest_in_parts(simulator: Simulator, days: Sequence[date]) -> None:
    """Each part when its last day is over, so that what it brings changes again later."""
    begin = days[0]
    for day in (days[0], days[1], days[-1]):
        simulator.clock.set_day(day + timedelta(days=1))
        run_until_clean(simulator, begin, day)
        begin = day + timedelta(days=1)


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 10))])
def test_whatever_passes_the_database_ends_as_the_truth(seed: int, world: World) -> None:
    days = (TUESDAY, TUESDAY + timedelta(days=1), TUESDAY + timedelta(days=8))
    papers = [tell(make_entry(number, listed_on=days[: 1 + number % 3]), seed, made=0.0) for number in range(1, 101)]
    simulator = make_simulator(papers, plan=Plan(rate=0.4, seed=seed, kinds=PASSING), oai_page=10)
    with world.at(simulator):
        harvest_in_parts(simulator, days)
        assert_true(simulator)
    assert len(simulator.faults) > 3


@needs_data
@pytest.mark.soak
def test_real_papers_end_as_the_truth(world: World) -> None:
    archive = Archive.read(data_path("arxiv/corpus/recent_ai_2025-03_2026-02.jsonl.gz"), seed=7, made=0.4, most=500)
    plan = Plan(rate=0.3, seed=7, kinds=PASSING)
    simulator = make_simulator(list(archive.papers.values()), plan=plan, oai_page=100)
    with world.at(simulator):
        harvest_in_parts(simulator, archive.days())
        papers = [one for one in simulator.truth() if any(name.startswith("cs.") for name in one.state.categories)]
        assert stored("datestamp", "licence") == [all_told(truth) for truth in papers]
    assert simulator.manners.violations == []


@pytest.mark.parametrize("kind", [*PASSING, "short"])
def test_one_fault_of_each_kind_is_got_over(kind: str, world: World) -> None:
    simulator = make_simulator(make_papers(6), TUESDAY + timedelta(days=1), plan=failing(kind, "7"), oai_page=3)
    with world.at(simulator):
        assert run(simulator, TUESDAY, TUESDAY).problems == ()
        assert_true(simulator)
    assert simulator.faults == {1: kind}


def test_a_process_that_dies_after_each_page_ends_as_the_truth(world: World) -> None:
    def die(step: RunStep) -> None:
        raise KeyboardInterrupt

    simulator = make_simulator(make_papers(12), TUESDAY + timedelta(days=1), oai_page=4)
    with world.at(simulator):
        for _ in range(3):
            with pytest.raises(KeyboardInterrupt):
                run(simulator, TUESDAY, TUESDAY, die)
        assert_true(simulator)
    assert simulator.manners.requests == 3
    assert Pull.objects.get().outcome == "complete"


def test_both_formats_together_have_the_better_names(world: World) -> None:
    simulator = make_simulator(make_papers(3), TUESDAY + timedelta(days=1))
    with world.at(simulator):
        run(simulator, TUESDAY, TUESDAY)
        run(simulator, TUESDAY, TUESDAY, form="arXiv")
        assert_true(simulator)
