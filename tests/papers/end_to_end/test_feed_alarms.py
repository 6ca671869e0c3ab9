"""Outages of the simulated arXiv are noticed, and their alarms end when what was missing has come."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta

import pytest
import time_machine
from pytest_django.fixtures import Settings

from core.clock import Clock
from core.models import Alarm
from papers.ingest.arxiv_calendar import feed_days
from papers.ingest.harvest import harvest_set
from papers.ingest.request_day import ask_again
from papers.ingest.scheduler import follow_arxiv
from papers.models import Pull, Watch
from papers.monitoring.feed_alarms import check_feeds
from tests.arxiv_simulator.faults import Fault, Plan
from tests.arxiv_simulator.formats.announcing import pull_announcements
from tests.arxiv_simulator.history import Paper, tell
from tests.arxiv_simulator.making import TUESDAY, failing, make_entry, make_simulator
from tests.arxiv_simulator.server import serving
from tests.arxiv_simulator.simulator import Simulator
from tests.papers.monitoring.test_feed_alarms import make_feed, make_harvest

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WEDNESDAY = TUESDAY + DAY
CATEGORIES = ("cs.AI", "cs.CL", "cs.CV", "cs.LG")


def make_days() -> list[Paper]:
    """Twenty papers of each category on Tuesday and on Wednesday."""
    numbers = range(1, 161)
    return [
        tell(make_entry(n, TUESDAY if n <= 80 else WEDNESDAY, categories=(CATEGORIES[n % 4],)), seed=1, made=0.0)
        for n in numbers
    ]


@contextmanager
def living(simulator: Simulator, settings: Settings) -> Iterator[Clock]:
    """The simulator serves, and waits pass on its clock and on ours."""
    with serving(simulator), time_machine.travel(simulator.clock.now(), tick=False) as ours:

        def sleep(seconds: float) -> None:
            simulator.clock.advance(seconds)
            ours.move_to(simulator.clock.now())

        settings.ARXIV_DELAY = 0.0
        settings.ARXIV_RSS_URL, settings.ARXIV_OAI_URL = f"{simulator.origin}/rss", f"{simulator.origin}/oai"
        settings.ARXIV_API_URL = f"{simulator.origin}/api/query"
        yield Clock(simulator.clock.now, sleep)


@pytest.fixture(autouse=True)
def followed() -> None:
    """Four categories, followed for a year; of the weeks before their feeds are known."""
    Watch.objects.create(name="All", slug="all", categories=list(CATEGORIES), created=datetime(2024, 1, 1, tzinfo=UTC))
    days = list(feed_days(TUESDAY - 30 * DAY, TUESDAY))
    Pull.objects.bulk_create(make_feed(category, day, 20) for day in days for category in CATEGORIES)


def standing() -> list[tuple[str, str]]:
    """Each open alarm after a look on Wednesday evening, and the first category it names."""
    check_feeds(datetime.combine(WEDNESDAY, time(20), UTC))
    return [(alarm.key.rpartition(":")[2], alarm.sentence.partition(": ")[2][:5]) for alarm in Alarm.objects.open()]


@pytest.mark.parametrize(("kind", "alarm"), [("stale", "late"), ("empty", "nothing"), ("short", "few")])
def test_a_feed_that_fails_in_silence_raises_an_alarm_until_oai_has_brought_its_day(
    kind: str, alarm: str, settings: Settings
) -> None:
    simulator = make_simulator(make_days(), day=WEDNESDAY, plan=failing(kind, at=2))
    with living(simulator, settings) as clock:
        for category in CATEGORIES:
            pull_announcements(category, clock=clock)
        assert standing() == [(alarm, "cs.CL")]
        simulator.clock.set_day(WEDNESDAY + DAY)
        with time_machine.travel(simulator.clock.now(), tick=False):
            harvest_set("cs:cs:CL", WEDNESDAY, WEDNESDAY, clock=clock)
        check_feeds(datetime.combine(WEDNESDAY + DAY, time(10), UTC))
        assert not Alarm.objects.open().exists()


def test_an_empty_feed_that_was_asked_for_again_needs_no_alarm(settings: Settings) -> None:
    simulator = make_simulator(make_days(), day=WEDNESDAY, plan=Plan({1: Fault("empty")}))
    with living(simulator, settings) as clock:
        for category in CATEGORIES:
            pull_announcements(category, clock=clock)
        assert standing() == [("nothing", "cs.AI")]
        pull_announcements("cs.AI", clock=clock)
        check_feeds(datetime.combine(WEDNESDAY, time(21), UTC))
        assert not Alarm.objects.open().exists()


def test_a_day_that_was_asked_for_already_is_asked_for_again_where_an_editor_wants_it(settings: Settings) -> None:
    simulator = make_simulator(make_days(), day=WEDNESDAY + 5 * DAY)
    make_harvest(WEDNESDAY, 0, started=simulator.clock.now() - DAY).save()
    ask_again(WEDNESDAY, ["cs.CL"], simulator.clock.now())
    with living(simulator, settings) as clock:
        follow_arxiv(clock)
    asked = Pull.objects.filter(set_spec="cs:cs:CL", day=WEDNESDAY).order_by("pk")
    assert list(asked.values_list("outcome", "records")) == [("empty", 0), ("complete", 20)]
