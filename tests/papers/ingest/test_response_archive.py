"""arXiv's answers: kept once, found again, forgotten in time, and never in the way."""

from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from papers.arxiv.polite_http import ArxivUnavailable, HttpAnswer
from papers.ingest import arxiv_gateway, response_archive
from papers.ingest.fetch_by_id import pull_ids
from papers.ingest.run import open_feed_client
from papers.models import ArxivResponse, Paper
from tests.arxiv_simulator.making import TUESDAY, failing, make_papers, make_simulator
from tests.arxiv_simulator.server import serving
from tests.papers.roads import NOON, Time
from tests.servers.arxiv_server import serving as serving_ids

pytestmark = pytest.mark.django_db
URL = "https://rss.arxiv.org/rss/cs.CL"
FEED = HttpAnswer(200, b"<rss/>" * 100, '"today"')
LATER = NOON + timedelta(hours=1)


def keep(answer: HttpAnswer = FEED, fault: str = "", address: str = URL) -> None:
    response_archive.store_response("rss", address, answer, fault, NOON)


def test_a_body_is_kept_compressed_and_comes_back_whole() -> None:
    keep()
    body = ArxivResponse.objects.get()
    assert (body.source, body.asked, body.status, body.fetched, body.size) == ("rss", URL, 200, NOON, 600)
    assert (body.whole, len(body.content) < 100) == (FEED.body, True)


def test_the_same_bytes_are_kept_once_with_when_they_came_last() -> None:
    keep()
    response_archive.store_response("rss", URL, FEED, "", LATER)
    assert ArxivResponse.objects.get().fetched == LATER


def test_the_last_readable_answer_of_an_address_is_known() -> None:
    keep()
    response_archive.store_response("rss", URL, HttpAnswer(200, b"<html>", '"bad"'), "no feed", LATER)
    response_archive.store_response("rss", f"{URL}2", HttpAnswer(200, b"<other/>", '"other"'), "", LATER)
    assert response_archive.find_response(URL) == HttpAnswer(200, FEED.body, '"today"', unchanged=True)


def test_an_answer_without_an_etag_is_not_asked_about() -> None:
    keep(HttpAnswer(200, b"<rss/>"))
    assert response_archive.find_response(URL) is None


def test_a_body_that_the_database_does_not_take_is_no_fault() -> None:
    response_archive.store_response("gopher", URL, FEED, "", NOON)
    keep(HttpAnswer(200, b"<html>"), fault="a \0 in it")
    assert ArxivResponse.objects.get().fault == "a  in it"


def test_bodies_are_forgotten_after_their_days(settings: Settings) -> None:
    settings.ARXIV_BODIES_DAYS = 30
    keep()
    assert response_archive.delete_old_responses(NOON + timedelta(days=30)) == 0
    assert response_archive.delete_old_responses(NOON + timedelta(days=30, seconds=1)) == 1
    assert not ArxivResponse.objects.exists()


def test_without_days_none_is_kept(settings: Settings) -> None:
    settings.ARXIV_BODIES_DAYS = 0
    keep()
    assert not ArxivResponse.objects.exists()


def test_a_pull_keeps_what_it_got_and_what_it_could_not_read(settings: Settings) -> None:
    time = Time()
    html = b"<html><body>Please wait</body></html>"
    with serving_ids() as arxiv:
        good = arxiv.answer
        arxiv.answer = lambda ids: (200, html) if len(arxiv.asked) == 1 else good(ids)
        settings.ARXIV_API_URL, settings.ARXIV_DELAY = arxiv.url, 0.0
        pull_ids(["2501.00001"], clock=time.clock)
    bad, read = ArxivResponse.objects.order_by("fetched")
    assert (bad.whole, bad.fault != "", read.fault) == (html, True, "")
    assert (read.source, read.asked) == ("atom", f"{arxiv.url}?id_list=2501.00001&start=0&max_results=1")


def test_what_is_too_large_is_not_kept(settings: Settings) -> None:
    simulator = make_simulator(make_papers(2), plan=failing("huge"))
    with serving(simulator), arxiv_gateway.open_gateway(Time().clock) as polite:
        settings.ARXIV_RSS_URL, settings.ARXIV_DELAY = f"{simulator.origin}/rss", 0.0
        open_feed_client(polite).fetch("cs.CL")
    assert simulator.manners.requests == 2
    assert ArxivResponse.objects.get().size < 10_000


def test_a_feed_that_still_stands_is_not_sent_again_and_kept_once(settings: Settings) -> None:
    simulator = make_simulator(make_papers(2))
    with serving(simulator), arxiv_gateway.open_gateway(Time().clock) as polite:
        settings.ARXIV_RSS_URL, settings.ARXIV_DELAY = f"{simulator.origin}/rss", 0.0
        client = open_feed_client(polite)
        fetched = [client.fetch("cs.CL"), client.fetch("cs.CL"), client.fetch("cs.LG")]
    assert [feed.unchanged for feed in fetched] == [False, True, False]
    assert fetched[0].feed == fetched[1].feed
    assert (fetched[1].day, ArxivResponse.objects.count()) == (TUESDAY, 2)


def test_a_feed_that_could_not_be_read_is_sent_again(settings: Settings) -> None:
    simulator = make_simulator(make_papers(2), plan=failing("truncated"))
    with serving(simulator), arxiv_gateway.open_gateway(Time().clock) as polite:
        settings.ARXIV_RSS_URL, settings.ARXIV_DELAY = f"{simulator.origin}/rss", 0.0
        assert not open_feed_client(polite).fetch("cs.CL").unchanged
    assert ArxivResponse.objects.readable().count() == 1
    assert ArxivResponse.objects.count() == 2


def test_an_answer_of_bad_request_without_a_reason_is_kept_with_its_fault(settings: Settings) -> None:
    with serving_ids() as arxiv, arxiv_gateway.open_gateway(Time().clock) as polite:
        arxiv.answer = lambda ids: (400, b"Bad Request")
        settings.ARXIV_DELAY = 0.0
        with pytest.raises(ArxivUnavailable):
            polite.get("atom", arxiv.url, {"id_list": "x"}, refuse)
    assert (ArxivResponse.objects.get().status, ArxivResponse.objects.get().fault) == (400, "no reason given")
    assert not Paper.objects.exists()


def refuse(answer: HttpAnswer) -> None:
    raise ArxivUnavailable("no reason given")
