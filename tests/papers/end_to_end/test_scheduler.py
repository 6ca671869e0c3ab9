"""arXiv followed day by day on the simulated one: whatever happens, the database ends as the truth."""

import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from core.clock import Clock
from core.command_reports import Report
from papers.ingest.harvest import harvest_set
from papers.ingest.request_day import ask_again
from papers.ingest.scheduler import RUN_LOCK, due_tasks, follow_arxiv
from papers.models import Paper, Pull, Watch, WatchMatch
from papers.tasks import dispatch_due
from tests.arxiv_simulator.archive import Archive
from tests.arxiv_simulator.days import Clock as TheirClock
from tests.arxiv_simulator.faults import Fault, Plan
from tests.arxiv_simulator.history import Paper as Story
from tests.arxiv_simulator.history import tell
from tests.arxiv_simulator.making import TUESDAY, failing, make_entry, make_papers
from tests.arxiv_simulator.server import serving
from tests.arxiv_simulator.simulator import API_PATH, OAI_PATH, RSS_PATH, Simulator
from tests.arxiv_simulator.year.comparing import differences
from tests.builders import make_watch
from tests.connections import another

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WEDNESDAY, FRIDAY, SATURDAY, MONDAY = (TUESDAY + n * DAY for n in (1, 3, 4, 6))
LOOKS = ("05:40", "07:40", "14:30")
Asked = list[tuple[str, date, str]]


class World:
    """A watch, and a time that passes only while we wait for it."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.clock = Clock(simulator.clock.now, simulator.clock.advance)
        self.reports: list[Report] = []

    def at(self, day: date, hour: str) -> Report:
        """A look at what is due, at this time (UTC)."""
        moment = datetime.combine(day, time.fromisoformat(hour), UTC)
        self.simulator.clock.set(max(moment, self.simulator.clock.now()))
        self.reports.append(follow_arxiv(self.clock))
        return self.reports[-1]

    def live(self, first: date, last: date) -> None:
        """These days, with some looks at each."""
        for number in range((last - first).days + 1):
            for hour in LOOKS:
                self.at(first + number * DAY, hour)

    def differences(self, first: date, *categories: str) -> list[str]:
        return [*differences(self.simulator, categories or ("cs.CL", "cs.LG"), first)]

    @property
    def problems(self) -> list[str]:
        return [f"{problem.where}: {problem.what}" for report in self.reports for problem in report.problems]

    @property
    def manners(self) -> list[str]:
        return [violation.sentence for violation in self.simulator.manners.violations]


Made = Callable[..., World]


@pytest.fixture
def world(settings: Settings) -> Iterator[Made]:
    """Makes a simulated arXiv of these papers, at noon of the day before, and a watch."""
    with ExitStack() as stack:

        def make(papers: Sequence[Story], categories: Sequence[str] = ("cs.CL",), **options: Any) -> World:
            clock = TheirClock(datetime(2025, 10, 13, 12, tzinfo=UTC))
            simulator = Simulator(Archive(papers), clock, delay=3.0, ticks=lambda: clock.now().timestamp(), **options)
            stack.enter_context(serving(simulator))
            settings.ARXIV_DELAY = 3.0
            for name, path in (("API", API_PATH), ("OAI", OAI_PATH), ("RSS", RSS_PATH)):
                setattr(settings, f"ARXIV_{name}_URL", f"{simulator.origin}{path}")
            make_watch(categories=list(categories))
            return World(simulator)

        yield make


def until(day: date, paper: Story) -> Story:
    """Nothing happens to it later."""
    return Story(paper.id, tuple(event for event in paper.events if event.day <= day))


def pulls(**fields: object) -> Asked:
    rows = Pull.objects.filter(**fields).order_by("started", "pk")
    return list(rows.values_list("set_spec", "day", "outcome"))


def test_a_feed_is_read_and_its_papers_are_completed_in_one_round(world: Made) -> None:
    ours = world(make_papers(3))
    assert ours.at(TUESDAY, "05:20").counts == {"new": 3, "updated": 3, "unchanged": 0, "missing": 0, "failed": 0}
    assert pulls(source="rss") == [("cs.CL", TUESDAY, "complete")]
    assert pulls(source="atom") == [("feeds", TUESDAY, "complete")]
    assert (WatchMatch.objects.count(), ours.manners) == (3, [])


@pytest.mark.parametrize("kind", ["short", "missing", "empty"])
def test_what_one_answer_of_a_feed_left_out_comes_with_the_next(kind: str, world: Made) -> None:
    ours = world(make_papers(3), plan=failing(kind))
    ours.at(TUESDAY, "05:20")
    assert Paper.objects.count() < 3
    ours.at(TUESDAY, "08:20")
    assert set(Paper.objects.values_list("arxiv_id", "announced")) == {(f"2510.0000{n}", TUESDAY) for n in (1, 2, 3)}


@pytest.mark.parametrize("many", [14, pytest.param(40, marks=pytest.mark.soak)])
def test_days_are_lived_and_the_database_ends_as_the_truth(many: int, world: Made) -> None:
    days = (TUESDAY, WEDNESDAY, MONDAY, MONDAY + DAY)
    papers = [
        tell(make_entry(n, days[n % 4], listed_on=days[n % 4 : n % 4 + 1 + n % 2]), 3, 0.6) for n in range(1, many + 1)
    ]
    ours = world([until(MONDAY + DAY, paper) for paper in papers], ("cs.CL", "cs.LG"), oai_page=7)
    ours.live(TUESDAY, MONDAY + 2 * DAY)
    assert (ours.differences(TUESDAY), ours.manners, ours.problems) == ([], [], [])


def test_a_weekend_and_a_holiday_are_asked_for_no_feed(world: Made) -> None:
    thanksgiving = date(2025, 11, 27)
    ours = world(make_papers(2, thanksgiving))
    ours.live(thanksgiving, thanksgiving + 4 * DAY)
    assert {day for _, day, _ in pulls(source="rss")} == {thanksgiving, thanksgiving + 4 * DAY}
    assert ours.problems == []


def test_after_ten_days_away_every_day_is_made_up_for_the_oldest_first(world: Made) -> None:
    days = [TUESDAY + n * DAY for n in range(12) if (TUESDAY + n * DAY).weekday() < 5]
    papers = [tell(make_entry(n, days[n % len(days)]), 1, 0.3) for n in range(1, 41)]
    ours = world([until(days[-1], paper) for paper in papers])
    ours.at(TUESDAY, "05:40")
    ours.at(TUESDAY + 11 * DAY, "09:00")
    assert [day for _, day, _ in pulls(source="oai")] == [TUESDAY + n * DAY for n in range(11)]
    wrong = [line for line in ours.differences(TUESDAY) if "announced is None" not in line]
    assert (wrong, ours.manners) == ([], [])


def test_a_watch_has_no_past(world: Made) -> None:
    ours = world(make_papers(1, TUESDAY - 30 * DAY))
    ours.live(TUESDAY, WEDNESDAY)
    assert pulls(source="oai") == [("cs:cs:CL", TUESDAY, "empty")]
    assert Paper.objects.count() == 0


def test_a_category_that_nobody_followed_for_long_has_no_past_either(world: Made) -> None:
    ours = world(make_papers(1))
    ours.at(TUESDAY, "05:40")
    Watch.objects.update(active=False)
    dispatch_due(ours.simulator.clock.now() + 9 * DAY)
    Watch.objects.update(active=True)
    ours.at(TUESDAY + 9 * DAY, "08:00")
    assert pulls(source="oai") == []
    ours.at(TUESDAY + 10 * DAY, "08:00")
    assert pulls(source="oai") == [("cs:cs:CL", TUESDAY + 9 * DAY, "empty")]


def test_a_watch_that_was_switched_off_for_a_day_lost_nothing(world: Made) -> None:
    ours = world(make_papers(1))
    ours.at(TUESDAY, "05:40")
    Watch.objects.update(active=False)
    ours.at(WEDNESDAY, "08:00")
    Watch.objects.update(active=True)
    ours.at(WEDNESDAY + DAY, "08:00")
    assert [day for _, day, _ in pulls(source="oai")] == [TUESDAY, WEDNESDAY]


def test_what_no_watch_was_shown_is_matched_once_each_night(world: Made) -> None:
    ours = world(make_papers(3))
    ours.at(TUESDAY, "05:20")
    ours.at(TUESDAY, "07:40")
    WatchMatch.objects.all().delete()
    ours.at(WEDNESDAY, "07:20")
    assert WatchMatch.objects.count() == 0
    ours.at(WEDNESDAY, "07:40")
    assert WatchMatch.objects.count() == 3
    WatchMatch.objects.all().delete()
    ours.at(WEDNESDAY, "14:30")
    assert WatchMatch.objects.count() == 0


def test_what_another_process_is_at_is_left_to_it(world: Made) -> None:
    ours = world(make_papers(1))
    with another() as other:
        other.execute("SELECT pg_advisory_lock(%s)", [zlib.crc32(RUN_LOCK.encode())])
        assert ours.at(TUESDAY, "05:40").counts["new"] == 0
    assert ours.simulator.manners.requests == 0


def test_whoever_dies_after_each_page_ends_as_the_truth(world: Made) -> None:
    def die(step: object) -> None:
        raise KeyboardInterrupt

    ours = world(make_papers(7), oai_page=3)
    for minutes in range(0, 24 * 60 * 2, 97):
        ours.simulator.clock.set(datetime(2025, 10, 14, 5, 20, tzinfo=UTC) + timedelta(minutes=minutes))
        with suppress(KeyboardInterrupt):
            follow_arxiv(ours.clock, progress=die)
    assert (ours.differences(TUESDAY), ours.manners) == ([], [])


def test_each_night_the_two_days_before_are_asked_for_once_more(world: Made) -> None:
    ours = world(make_papers(1))
    ours.live(TUESDAY, TUESDAY + 4 * DAY)
    asked = [(day - TUESDAY).days for _, day, _ in pulls(source="oai")]
    assert asked == [0, 0, 1, 0, 1, 2, 1, 2, 3]


def test_a_stale_feed_is_kept_as_what_it_is_and_asked_for_again(world: Made) -> None:
    ours = world([*make_papers(1), tell(make_entry(2, WEDNESDAY), 1, 0.0)])
    ours.at(TUESDAY, "05:20")
    ours.simulator.plan = Plan(rate=1.0, kinds=("stale",))
    report = ours.at(WEDNESDAY, "05:20")
    said = "arXiv's feed is of 14 October 2025; it is asked for again."
    assert [problem.what for problem in report.problems] == [said]
    assert pulls(source="rss")[1:] == [("cs.CL", WEDNESDAY, "pending"), ("cs.CL", TUESDAY, "complete")]
    ours.simulator.plan = Plan()
    assert ours.at(WEDNESDAY, "06:19").counts["new"] == 0
    assert ours.at(WEDNESDAY, "06:20").counts["new"] == 1
    assert pulls(source="rss", day=WEDNESDAY) == [("cs.CL", WEDNESDAY, "complete")]


def test_a_feed_that_stays_stale_is_missed_and_its_papers_come_over_oai(world: Made) -> None:
    ours = world(make_papers(3), plan=Plan(rate=1.0, kinds=("stale",)))
    ours.live(TUESDAY, TUESDAY)
    ours.simulator.plan = Plan()
    ours.live(WEDNESDAY, WEDNESDAY)
    assert pulls(source="rss", day=TUESDAY) == [("cs.CL", TUESDAY, "missed")]
    assert Paper.objects.filter(source="raw").count() == 3


def test_a_feed_that_came_and_then_was_stale_is_not_missed(world: Made) -> None:
    ours = world(make_papers(1))
    ours.at(TUESDAY, "05:40")
    ours.simulator.plan = Plan(rate=1.0, kinds=("stale",))
    ours.at(TUESDAY, "08:30")
    assert [outcome for *_, outcome in pulls(source="rss", day=TUESDAY)] == ["complete", "pending"]
    ours.at(WEDNESDAY, "05:40")
    assert [outcome for *_, outcome in pulls(source="rss", day=TUESDAY)] == ["complete"] * 2


def test_a_feed_that_may_be_cut_has_its_day_harvested_at_once(world: Made) -> None:
    replaced = [tell(make_entry(n, listed_on=(TUESDAY, WEDNESDAY)), 1, 0.0) for n in range(1, 2_001)]
    ours = world([*replaced, tell(make_entry(2_001, WEDNESDAY), 1, 0.0)])
    report = ours.at(WEDNESDAY, "05:20")
    assert Paper.objects.filter(arxiv_id="2510.02001").exists()
    assert "its day is harvested over OAI-PMH at once" in report.problems[0].what


def test_a_refusal_ends_the_round_with_one_problem_and_nothing_is_asked_for_a_day(world: Made) -> None:
    ours = world(make_papers(1), ("cs.AI", "cs.CL"), plan=failing("403"))
    assert len(ours.at(TUESDAY, "05:20").problems) == 1
    ours.live(TUESDAY, TUESDAY)
    assert (ours.simulator.manners.requests, ours.manners) == (1, [])
    ours.live(WEDNESDAY, WEDNESDAY)
    assert (Paper.objects.count(), ours.manners) == (1, [])


def test_a_fault_in_one_category_does_not_stop_the_others(world: Made) -> None:
    ours = world(make_papers(1), ("cs.CL", "cs.LG"), plan=Plan({n: Fault("html") for n in range(1, 7)}))
    report = ours.at(TUESDAY, "05:20")
    assert [problem.where for problem in report.problems] == ["cs.CL 2025-10-14"]
    assert pulls(source="rss")[-1] == ("cs.LG", TUESDAY, "complete")


def test_a_last_page_that_was_cut_is_found_the_next_night(world: Made) -> None:
    ours = world(make_papers(6))
    ours.simulator.plan = Plan(rate=1.0, kinds=("stale",))
    ours.live(TUESDAY, TUESDAY)
    ours.simulator.plan = Plan(rate=1.0, kinds=("short",))
    ours.at(WEDNESDAY, "07:40")
    assert Paper.objects.count() == 3
    ours.simulator.plan = Plan()
    ours.at(WEDNESDAY + DAY, "07:40")
    assert Paper.objects.count() == 6


def test_nothing_starts_while_arxiv_announces(world: Made) -> None:
    ours = world(make_papers(1))
    for hour in ("23:50", "23:59"):
        ours.at(TUESDAY, hour)
    ours.at(WEDNESDAY, "00:59")
    assert ours.simulator.manners.requests == 0
    ours.at(WEDNESDAY, "01:00")
    assert pulls(source="rss") == [("cs.CL", TUESDAY, "complete")]


def test_papers_that_the_query_api_never_has_are_asked_for_four_times(world: Made) -> None:
    ours = world(make_papers(2))
    ours.simulator.plan = Plan({n: Fault("missing") for n in range(2, 40)})
    for hour in ("05:20", "05:50", "07:50", "15:50", "23:40"):
        ours.at(TUESDAY, hour)
    assert Pull.objects.filter(source="atom").count() == 4
    assert Paper.objects.filter(source="rss").count() == 1


def test_two_days_of_faults_end_as_the_truth(world: Made) -> None:
    papers = [tell(make_entry(n, (TUESDAY, WEDNESDAY)[n % 2]), 2, 0.0) for n in range(1, 81)]
    kinds = ("429", "503", "duplicates", "truncated", "html", "dropped", "entities", "wrong-root", "redirect")
    ours = world(papers, plan=Plan(rate=0.4, seed=4, kinds=kinds), oai_page=15)
    ours.live(TUESDAY, WEDNESDAY)
    ours.simulator.plan = Plan()
    ours.live(WEDNESDAY + DAY, WEDNESDAY + 4 * DAY)
    assert (ours.differences(TUESDAY), ours.manners) == ([], [])
    assert len(ours.simulator.faults) > 3


def test_a_harvest_that_a_person_left_is_gone_on_with(world: Made) -> None:
    ours = world(make_papers(5), plan=Plan(rate=1.0, kinds=("html",)), oai_page=2)
    ours.simulator.clock.set_day(WEDNESDAY)
    harvest_set("cs", TUESDAY, TUESDAY, clock=ours.clock)
    Watch.objects.all().delete()
    ours.simulator.plan = Plan()
    ours.at(WEDNESDAY + DAY, "01:00")
    assert pulls() == [("cs", TUESDAY, "complete")]
    assert Paper.objects.count() == 5


def test_a_round_ends_when_its_time_is_over_and_the_next_goes_on(world: Made) -> None:
    ours = world([tell(make_entry(n), 1, 0.0) for n in range(1, 12)], oai_page=2)
    ours.live(TUESDAY, TUESDAY)
    ours.clock = Clock(ours.clock.now, lambda seconds: ours.simulator.clock.advance(seconds * 60))
    ours.at(WEDNESDAY, "07:40")
    assert pulls(source="oai") == [("cs:cs:CL", TUESDAY, "pending")]
    ours.at(WEDNESDAY, "08:00")
    assert pulls(source="oai") == [("cs:cs:CL", TUESDAY, "complete")]


def test_without_a_watch_nothing_is_due_and_nothing_is_asked(world: Made) -> None:
    ours = world(make_papers(1))
    Watch.objects.all().delete()
    ours.live(TUESDAY, WEDNESDAY)
    assert (ours.simulator.manners.requests, due_tasks(ours.clock.now())) == (0, ())


def test_what_is_due_takes_as_many_queries_for_many_categories_and_years(
    world: Made, django_assert_num_queries: Any
) -> None:
    ours = world(make_papers(1))
    ours.live(TUESDAY, WEDNESDAY)
    for categories in (["cs.CL"], ["cs.CL", "cs.LG", "cs.AI"]):
        Watch.objects.update(categories=categories)
        with django_assert_num_queries(8):
            due_tasks(ours.clock.now() + 400 * DAY)


def test_a_day_that_an_editor_asks_for_again_is_asked_for_once_more(world: Made) -> None:
    ours = world(make_papers(1))
    ours.live(TUESDAY, FRIDAY)
    ask_again(TUESDAY, ["cs.CL"], ours.clock.now())
    before = ours.simulator.manners.requests
    ours.at(FRIDAY, "21:35")
    assert pulls(source="oai", day=TUESDAY)[-1] == ("cs:cs:CL", TUESDAY, "complete")
    assert (ours.simulator.manners.requests, due_tasks(ours.clock.now())) == (before + 1, ())
