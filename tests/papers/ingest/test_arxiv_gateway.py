"""The road to arXiv: closed for everybody after a refusal, at rest where arXiv asks for it or fails again and again."""

from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime
from threading import Thread

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from core.clock import Clock
from core.command_reports import Report
from core.models import RateLimit
from papers.arxiv.polite_http import MAX_ATTEMPTS, ArxivRefused, ArxivUnavailable, PassingFault
from papers.ingest import arxiv_gateway
from papers.ingest.fetch_by_id import pull_ids
from tests.papers.roads import NOON, Time
from tests.servers.arxiv_server import Answer, Arxiv, all_known, serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def time(settings: Settings) -> Time:
    settings.ARXIV_DELAY = 0.0
    return Time()


@pytest.fixture
def arxiv(settings: Settings, time: Time) -> Iterator[Arxiv]:
    with serving() as served:
        settings.ARXIV_API_URL, served.now = served.url, time.now
        yield served


def busy(ids: list[str]) -> Answer:
    return 503, b"first byte timeout"


MEND = r"\(HTTP 403\); nothing is sent to arXiv for 24 hours\. Check ARXIV_CONTACT$"


def pull(time: Time) -> Report:
    """As any process would."""
    return pull_ids(["2501.00001"], clock=time.clock)


def refuse(time: Time) -> None:
    with pytest.raises(ArxivRefused, match=MEND), arxiv_gateway.wait_for_turn(time.clock):
        raise ArxivRefused("arXiv refuses our requests (HTTP 403)")


def test_a_refusal_closes_the_road_for_a_day_and_says_until_when(time: Time) -> None:
    refuse(time)
    time.go_on(86_340)
    with (
        pytest.raises(ArxivRefused, match=r"\(HTTP 403\); nothing is sent to arXiv before 25 November 2026, 12:00 UTC"),
        arxiv_gateway.wait_for_turn(time.clock),
    ):
        pass


def test_asking_in_vain_does_not_lengthen_the_day(time: Time) -> None:
    refuse(time)
    time.go_on(82_800)
    with pytest.raises(ArxivRefused), arxiv_gateway.wait_for_turn(time.clock):
        pass
    assert RateLimit.objects.get().closed_until == NOON + timedelta(hours=24)
    assert RateLimit.objects.get().reason == "arXiv refuses our requests (HTTP 403)"


def test_the_road_is_open_again_after_a_day(time: Time) -> None:
    refuse(time)
    time.go_on(86_400)
    with arxiv_gateway.wait_for_turn(time.clock):
        pass


def test_lasting_faults_leave_the_road_open(time: Time) -> None:
    with pytest.raises(ArxivUnavailable), arxiv_gateway.wait_for_turn(time.clock):
        raise ArxivUnavailable("HTTP 404")
    assert (RateLimit.objects.get().closed_until, RateLimit.objects.get().failures) == (None, 0)


def test_after_a_refusal_nothing_at_all_is_sent(time: Time, arxiv: Arxiv) -> None:
    arxiv.answer = lambda ids: (403, b"")
    for _ in range(2):
        (problem,) = pull(time).problems
    assert "before 25 November 2026, 12:00 UTC" in problem.what
    assert len(arxiv.asked) == 1


@pytest.mark.parametrize("header", ["1800", format_datetime(NOON + timedelta(seconds=1800), usegmt=True)])
def test_a_long_wait_that_arxiv_asks_for_is_left_to_the_next_tick_and_kept_by_everybody(
    header: str, time: Time, arxiv: Arxiv
) -> None:
    arxiv.answer, arxiv.headers = busy, {"Retry-After": header}
    for _ in range(2):
        (problem,) = pull(time).problems
    assert problem.what == "arXiv is troubled (HTTP 503); nothing is sent to arXiv before 24 November 2026, 12:30 UTC"
    assert (len(arxiv.asked), time.slept) == (1, [])


def test_after_the_wait_that_arxiv_asked_for_it_is_asked_again(time: Time, arxiv: Arxiv) -> None:
    arxiv.answer, arxiv.headers = busy, {"Retry-After": "1800"}
    pull(time)
    arxiv.answer = all_known
    time.go_on(1600)
    assert pull(time).problems
    time.go_on(200)
    assert pull(time).counts["new"] == 1
    assert len(arxiv.asked) == 2


def test_a_short_wait_is_waited_for(time: Time, arxiv: Arxiv) -> None:
    arxiv.answer = lambda ids: busy(ids) if len(arxiv.asked) == 1 else all_known(ids)
    arxiv.headers = {"Retry-After": "60"}
    assert pull(time).counts["new"] == 1
    assert time.slept == [60.0]


def test_a_short_wait_is_waited_for_by_the_next_process_too(time: Time, arxiv: Arxiv) -> None:
    with pytest.raises(PassingFault), arxiv_gateway.wait_for_turn(time.clock):
        raise PassingFault("HTTP 429", after=60.0)
    time.go_on(20)
    assert pull(time).counts["new"] == 1
    assert (time.slept, arxiv.times) == ([40.0], [NOON + timedelta(seconds=60)])


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_neither_asks_before_the_time_that_arxiv_named_to_one(time: Time, arxiv: Arxiv) -> None:
    arxiv.answer = lambda ids: busy(ids) if len(arxiv.asked) == 1 else all_known(ids)
    arxiv.headers = {"Retry-After": "60"}
    reports: list[Report] = []
    together(reports, time)
    first, *later = arxiv.times
    assert (first, len(later), min(later) >= NOON + timedelta(seconds=60)) == (NOON, 2, True)
    assert [report.problems for report in reports] == [(), ()]


def test_a_refusal_lasts_a_day_although_the_road_rested_before(time: Time, arxiv: Arxiv) -> None:
    arxiv.answer, arxiv.headers = busy, {"Retry-After": "1800"}
    pull(time)
    time.go_on(1800)
    refuse(time)
    time.go_on(7200)
    with pytest.raises(ArxivRefused), arxiv_gateway.wait_for_turn(time.clock):
        pass


@pytest.mark.parametrize(
    ("failures", "seconds"), [(0, 0), (7, 0), (8, 300), (9, 600), (10, 1200), (11, 2400), (12, 3600), (10_000, 3600)]
)
def test_the_more_failures_in_a_row_the_longer_the_rest(failures: int, seconds: float) -> None:
    assert arxiv_gateway.rest_after(failures) == seconds


def test_failures_in_a_row_are_counted_over_all_processes_and_then_nobody_asks_for_a_while(
    time: Time, arxiv: Arxiv
) -> None:
    arxiv.answer = busy
    assert "no usable answer in 6 attempts" in pull(time).problems[0].what
    assert "nothing is sent to arXiv before" in pull(time).problems[0].what
    assert len(arxiv.asked) == arxiv_gateway.MOST_IN_A_ROW == MAX_ATTEMPTS + 2
    assert pull(time).problems
    assert len(arxiv.asked) == arxiv_gateway.MOST_IN_A_ROW


def test_after_the_rest_one_more_failure_is_enough_for_the_next_one(time: Time, arxiv: Arxiv) -> None:
    arxiv.answer = busy
    rest(time)
    time.go_on(300)
    pull(time)
    assert len(arxiv.asked) == 1
    assert RateLimit.objects.get().closed_until == time.now() + timedelta(seconds=600)


def test_after_the_rest_an_answer_ends_it_all(time: Time, arxiv: Arxiv) -> None:
    rest(time)
    time.go_on(300)
    assert pull(time).counts["new"] == 1
    assert RateLimit.objects.get().failures == 0


def test_what_is_no_answer_is_a_failure_too(time: Time, arxiv: Arxiv) -> None:
    arxiv.answer = lambda ids: (200, b"<html><body>Please wait</body></html>")
    pull(time)
    assert RateLimit.objects.get().failures == MAX_ATTEMPTS


def test_a_rest_that_is_begun_again_and_again_ends_the_patience(time: Time) -> None:
    def sleep(seconds: float) -> None:
        time.sleep(seconds)
        RateLimit.objects.update(closed_until=time.now() + timedelta(seconds=60))

    RateLimit.objects.create(name="arxiv", closed_until=NOON + timedelta(seconds=60), passing=True, reason="HTTP 503")
    with pytest.raises(ArxivUnavailable, match="more patience"), arxiv_gateway.wait_for_turn(Clock(time.now, sleep)):
        pass
    assert time.slept == [60.0] * arxiv_gateway.MOST_WAITS


def rest(time: Time) -> None:
    """As many failures as it takes."""
    for _ in range(arxiv_gateway.MOST_IN_A_ROW):
        with pytest.raises((PassingFault, ArxivUnavailable)), arxiv_gateway.wait_for_turn(time.clock):
            raise PassingFault("HTTP 503")


def together(reports: list[Report], time: Time) -> None:
    def go() -> None:
        reports.append(pull(time))
        connection.close()

    threads = [Thread(target=go) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
