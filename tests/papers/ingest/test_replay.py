"""Answers that are kept, read again: nothing is new after a pull, and what was lost comes back."""

import json
from datetime import date, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from papers.arxiv.polite_http import HttpAnswer
from papers.ingest import response_archive
from papers.ingest.fetch_by_id import pull_ids
from papers.ingest.harvest import harvest_set
from papers.ingest.replay import replay_responses
from papers.models import ArxivResponse, IncompletePaper, Paper, PaperEvent, PaperVersion
from tests.arxiv_simulator.formats.announcing import pull_announcements
from tests.arxiv_simulator.making import make_papers, make_simulator
from tests.arxiv_simulator.server import serving
from tests.papers.arxiv.feeds import make_entry, make_feed
from tests.papers.arxiv.oai import make_oai_error, make_page, make_raw
from tests.papers.arxiv.test_feed_parser import HEAD, ITEM
from tests.papers.roads import NOON, Time

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
RSS = f"{HEAD}{ITEM}</channel></rss>".encode()
ASKED = "https://export.arxiv.org/api/query?id_list=2501.00001&start=0&max_results=1"


@pytest.fixture
def pulled(settings: Settings) -> None:
    """Three papers have come over all three interfaces."""
    simulator, time = make_simulator(make_papers(3)), Time()
    with serving(simulator):
        settings.ARXIV_API_URL, settings.ARXIV_DELAY = f"{simulator.origin}/api/query", 0.0
        settings.ARXIV_OAI_URL, settings.ARXIV_RSS_URL = f"{simulator.origin}/oai", f"{simulator.origin}/rss"
        pull_announcements("cs.CL", clock=time.clock)
        pull_ids(["2510.00001", "2510.00002"], clock=time.clock)
        harvest_set("cs", date(2025, 10, 13), date(2025, 10, 14), clock=time.clock)


def outcome(**counts: int) -> dict[str, int]:
    return {"new": 0, "updated": 0, "unchanged": 0, "failed": 0, "unreadable": 0, "bodies": 0, **counts}


def keep(source: str, body: bytes, *, fault: str = "", fetched: datetime = NOON, asked: str = "https://x") -> None:
    response_archive.store_response(source, asked, HttpAnswer(200, body), fault, fetched)


def replayed(**options: str) -> dict[str, int]:
    return dict(replay_responses(NOON, **options).counts)  # type: ignore[arg-type]


@pytest.mark.usefixtures("pulled")
def test_right_after_a_pull_nothing_is_new() -> None:
    before = list(Paper.objects.order_by("pk").values())
    report = replay_responses(NOON)
    assert (report.counts["new"], report.counts["updated"], report.problems) == (0, 0, ())
    assert report.counts["bodies"] == ArxivResponse.objects.count() >= 4
    assert list(Paper.objects.order_by("pk").values()) == before


@pytest.mark.usefixtures("pulled")
def test_what_was_lost_comes_back() -> None:
    names = set(Paper.objects.values_list("arxiv_id", "title", "version", "licence", "announced"))
    Paper.objects.all().delete()
    assert replay_responses(NOON).counts["new"] == 3
    assert set(Paper.objects.values_list("arxiv_id", "title", "version", "licence", "announced")) == names


def test_bodies_are_read_in_the_order_in_which_they_came() -> None:
    keep("oai", make_page([make_raw(versions=(1, 2), title="Second")]), fetched=NOON + HOUR)
    keep("oai", make_page([make_raw(title="First")]))
    assert replayed() == outcome(new=1, updated=1, bodies=2)
    assert Paper.objects.get().title == "Second"
    assert list(PaperEvent.objects.values_list("kind", "detail")) == [("version", "v2")]
    assert PaperVersion.objects.count() == 2
    assert replayed() == outcome(unchanged=2, bodies=2)


def test_only_bodies_of_this_time_and_source_are_read() -> None:
    keep("oai", make_page([make_raw("2509.00001")]), fetched=NOON - HOUR)
    keep("oai", make_page([make_raw("2509.00002")]))
    keep("rss", RSS)
    keep("oai", make_page([make_raw("2509.00003")]), fetched=NOON + HOUR)
    assert replay_responses(NOON, NOON + HOUR, "oai").counts == outcome(new=1, bodies=1)
    assert Paper.objects.get().arxiv_id == "2509.00002"


def test_of_papers_asked_for_by_name_no_others_are_written() -> None:
    feed = make_feed([make_entry("2501.00001v1"), make_entry("2501.00009v1")])
    keep("atom", feed, asked=ASKED)
    assert replayed() == outcome(new=1, bodies=1)
    assert Paper.objects.get().arxiv_id == "2501.00001"


def test_of_a_search_all_are_written() -> None:
    keep("atom", make_feed([make_entry("2501.00001v1"), make_entry("2501.00009v1")]))
    assert replayed() == outcome(new=2, bodies=1)


def test_papers_of_a_feed_wait_for_what_feeds_leave_out() -> None:
    keep("rss", RSS)
    replayed()
    assert IncompletePaper.objects.get().paper.arxiv_id == "2509.03312"


def test_what_could_not_be_read_when_it_came_is_counted_and_no_problem() -> None:
    keep("oai", b"<html>", fault="not XML")
    report = replay_responses(NOON)
    assert (report.counts, report.problems) == (outcome(unreadable=1, bodies=1), ())


def test_what_could_not_be_read_when_it_came_is_read_if_it_can_be_now() -> None:
    keep("oai", make_page([make_raw()]), fault="an older parser did not know it")
    assert replayed() == outcome(new=1, bodies=1)


def test_what_could_be_read_when_it_came_and_cannot_now_is_a_problem() -> None:
    keep("oai", b"<html>")
    (problem,) = replay_responses(NOON).problems
    assert problem.where == f"body {ArxivResponse.objects.get().pk}"


def test_a_record_that_cannot_be_read_is_named() -> None:
    keep("oai", make_page([make_raw("2509.00001", title=""), make_raw("2509.00002")]))
    report = replay_responses(NOON)
    assert report.counts == outcome(new=1, failed=1, bodies=1)
    assert [problem.where for problem in report.problems] == ["oai:arXiv.org:2509.00001"]


def test_a_refusal_tells_nothing() -> None:
    keep("oai", make_oai_error("badArgument"))
    assert replayed() == outcome(bodies=1)


def test_the_command_reports_and_tells_how_far_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    keep("oai", make_page([make_raw()]))
    out = StringIO()
    call_command("replay_arxiv", "--since", "2026-11-24", "--until", "2026-11-24", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {**outcome(new=1, bodies=1), "problems": []}
    assert capsys.readouterr().err == "2026-11-24T12:00:00 OAI-PMH: 1 papers\n"


@pytest.mark.parametrize(
    ("since", "until", "read"),
    [
        ("2026-11-24", "2026-11-24T12:00", 0),
        ("2026-11-24T12:00", "2026-11-24T12:01", 1),
        ("2026-11-24T12:00:01", "9999-12-31", 0),
        ("2026-11-24T14:00+02:00", "2026-11-24", 1),
    ],
)
def test_the_command_takes_days_and_times(since: str, until: str, read: int) -> None:
    keep("oai", make_page([make_raw()]))
    out = StringIO()
    call_command("replay_arxiv", "--since", since, "--until", until, "--json", stdout=out)
    assert json.loads(out.getvalue())["bodies"] == read


def test_the_command_names_a_day_that_is_none() -> None:
    with pytest.raises(CommandError, match="argument --since: “yesterday” is no day; write it like 2026-11-20"):
        call_command("replay_arxiv", "--since", "yesterday")


def test_the_command_refuses_an_end_before_the_beginning() -> None:
    with pytest.raises(CommandError, match="--until is before --since"):
        call_command("replay_arxiv", "--since", "2026-11-24", "--until", "2026-11-23")
