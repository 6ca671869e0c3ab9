"""The announcement feeds of the simulated arXiv, pulled into the database."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from pytest_django.fixtures import Settings

from core.clock import REAL_CLOCK, Clock
from core.command_reports import Refused, Report
from papers.models import Paper, Pull
from tests.arxiv_simulator.faults import BODIES, Plan
from tests.arxiv_simulator.formats.announcing import pull_announcements
from tests.arxiv_simulator.history import tell
from tests.arxiv_simulator.making import TUESDAY, failing, make_entry, make_papers, make_simulator
from tests.arxiv_simulator.server import serving
from tests.arxiv_simulator.simulator import Simulator

pytestmark = pytest.mark.django_db
WEDNESDAY = TUESDAY + timedelta(days=1)
SATURDAY = TUESDAY + timedelta(days=4)
PASSING = ("429", "503", *(kind for kind in BODIES if kind != "huge"))
Pulled = Callable[[Simulator, str], Report]


@pytest.fixture
def pulled(settings: Settings) -> Pulled:
    """Pulls a category's feed; waits pass on the simulator's clock and so take no time."""

    def pull(simulator: Simulator, category: str = "cs.CL") -> Report:
        with serving(simulator):
            settings.ARXIV_RSS_URL, settings.ARXIV_DELAY = f"{simulator.origin}/rss", 0.0
            return pull_announcements(category, clock=Clock(simulator.clock.now, simulator.clock.advance))

    return pull


def outcome(**counts: int) -> dict[str, int]:
    return {"new": 0, "updated": 0, "unchanged": 0, "missing": 0, "failed": 0, **counts}


def announced() -> list[tuple[str | None, date | None]]:
    return list(Paper.objects.order_by("arxiv_id").values_list("arxiv_id", "announced"))


def test_new_papers_are_written_with_the_day_they_were_announced(pulled: Pulled) -> None:
    simulator = make_simulator(make_papers(2))
    assert pulled(simulator, "cs.CL").counts == outcome(new=2)
    assert announced() == [("2510.00001", TUESDAY), ("2510.00002", TUESDAY)]
    assert set(Paper.objects.values_list("source", "version")) == {("rss", 1)}


def test_the_same_feed_again_changes_nothing(pulled: Pulled) -> None:
    simulator = make_simulator(make_papers(2))
    pulled(simulator, "cs.CL")
    assert pulled(simulator, "cs.CL").counts == outcome(unchanged=2)


def test_a_cross_list_gets_its_day_from_its_own_category(pulled: Pulled) -> None:
    simulator = make_simulator(make_papers(1))
    pulled(simulator, "cs.LG")
    assert announced() == [("2510.00001", None)]
    assert pulled(simulator, "cs.CL").counts == outcome(updated=1)
    assert announced() == [("2510.00001", TUESDAY)]


def test_a_replacement_keeps_the_first_day(pulled: Pulled) -> None:
    simulator = make_simulator([tell(make_entry(1, listed_on=(TUESDAY, WEDNESDAY)), seed=1, made=0.0)])
    pulled(simulator, "cs.CL")
    simulator.clock.set_day(WEDNESDAY)
    assert pulled(simulator, "cs.CL").counts == outcome(updated=1)
    assert (announced(), Paper.objects.get().version) == ([("2510.00001", TUESDAY)], 2)


def test_each_run_has_a_row_with_the_day_of_the_feed(pulled: Pulled) -> None:
    simulator = make_simulator(make_papers(2))
    pulled(simulator, "cs.CL")
    simulator.clock.set_day(SATURDAY)
    pulled(simulator, "cs.CL")
    rows = Pull.objects.order_by("day").values_list("source", "set_spec", "day", "outcome", "records")
    assert list(rows) == [("rss", "cs.CL", TUESDAY, "complete", 2), ("rss", "cs.CL", SATURDAY, "empty", 0)]


@pytest.mark.parametrize("kind", PASSING)
def test_one_fault_of_each_kind_is_got_over(kind: str, pulled: Pulled) -> None:
    simulator = make_simulator(make_papers(3), plan=failing(kind, "7"))
    assert pulled(simulator, "cs.CL").counts == outcome(new=3)
    assert simulator.manners.violations == []


def test_a_feed_that_does_not_come_is_a_problem_and_leaves_its_day_pending(pulled: Pulled) -> None:
    simulator = make_simulator(make_papers(1), plan=Plan(rate=1.0, kinds=("html",)))
    report = pulled(simulator, "cs.CL")
    assert (report.counts, Paper.objects.count()) == (outcome(), 0)
    assert "no usable answer in 6 attempts" in report.problems[0].what
    assert (Pull.objects.get().outcome, Pull.objects.get().day) == ("pending", TUESDAY)


def test_a_refusal_is_a_problem(pulled: Pulled) -> None:
    report = pulled(make_simulator(make_papers(1), plan=failing("403")), "cs.CL")
    assert "HTTP 403" in report.problems[0].what


def test_an_unsafe_address_is_refused(settings: Settings) -> None:
    settings.ARXIV_RSS_URL = "http://rss.arxiv.org/rss"
    with pytest.raises(Refused, match=r"ARXIV_RSS_URL: .* must begin with https://"):
        pull_announcements("cs.CL", clock=REAL_CLOCK)
