"""One polite request: the patience of a run, answers that still stand, what is kept, hostile headers."""

import gzip
from random import Random

import httpx
import pytest

from papers.arxiv.polite_http import (
    LONGEST_WAITING,
    MAX_ATTEMPTS,
    MOST_FAILURES,
    ArxivUnavailable,
    HttpAnswer,
    PassingFault,
    PoliteHttp,
    RetryBudget,
    etag_of,
)
from tests.papers.roads import OpenRoad, Time

URL = "https://rss.arxiv.org/rss/cs.CL"
ETAG = 'W/"2026-11-24"'


class Desk:
    """Gives these answers, the last one again and again."""

    def __init__(self, *answers: httpx.Response, known: HttpAnswer | None = None) -> None:
        self.requests: list[httpx.Request] = []
        self.time, self.road = Time(), OpenRoad(known)
        self.answers = list(answers)
        http = httpx.Client(transport=httpx.MockTransport(self._answer))
        self.polite = PoliteHttp(http, self.road, self.time.clock, Random(7))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def get(self, *, revalidate: bool = True) -> HttpAnswer:
        return self.polite.get("rss", URL, {}, readable, revalidate=revalidate)


def readable(answer: HttpAnswer) -> HttpAnswer:
    if b"html" in answer.body:
        raise PassingFault("HTML")
    return answer


def ok(body: bytes = b"<rss/>", **headers: str) -> httpx.Response:
    return httpx.Response(200, content=body, headers={name.replace("_", "-"): value for name, value in headers.items()})


def test_a_run_that_fails_again_and_again_ends() -> None:
    desk = Desk(httpx.Response(500))
    sentences = set()
    for _ in range(MOST_FAILURES):
        with pytest.raises(ArxivUnavailable) as ended:
            desk.get()
        sentences.add(str(ended.value))
    assert sentences == {
        "arXiv gave no usable answer in 6 attempts: HTTP 500",
        "arXiv failed too often in this run: HTTP 500",
    }
    assert sum(desk.time.slept) <= LONGEST_WAITING
    assert len(desk.requests) < 2 * MOST_FAILURES + MAX_ATTEMPTS


def test_a_budget_bounds_failures_and_waits() -> None:
    few, short = RetryBudget(failures=1), RetryBudget(waiting=10.0)
    assert [few.spend(1), few.spend(1)] == [True, False]
    assert [short.spend(6), short.spend(6)] == [True, False]


def test_answers_give_patience_back_up_to_where_it_began() -> None:
    budget = RetryBudget()
    budget.spend(25)
    for _ in range(5):
        budget.give_back()
    assert budget == RetryBudget(MOST_FAILURES, LONGEST_WAITING)


def test_an_answer_that_could_be_read_is_told_to_all() -> None:
    desk = Desk(httpx.Response(503), ok())
    desk.get()
    assert (desk.road.turns, desk.road.arrivals) == (2, 1)


def test_what_a_reader_was_given_is_kept_with_why_it_could_not_be_read() -> None:
    desk = Desk(httpx.Response(503, content=b"busy"), ok(b"<html>"), ok())
    desk.get()
    assert desk.road.kept == [("rss", b"<html>", "HTML"), ("rss", b"<rss/>", "")]


def test_a_known_answer_that_still_stands_is_read_again() -> None:
    known = HttpAnswer(200, b"<rss>known</rss>", ETAG, unchanged=True)
    desk = Desk(httpx.Response(304), known=known)
    assert desk.get() == known
    assert desk.requests[0].headers["If-None-Match"] == ETAG


def test_a_known_answer_that_stands_no_more_is_replaced() -> None:
    desk = Desk(ok(ETag='"new"'), known=HttpAnswer(200, b"<rss>known</rss>", ETAG, unchanged=True))
    assert desk.get() == HttpAnswer(200, b"<rss/>", '"new"', unchanged=False)


def test_without_a_known_answer_nothing_is_said_about_it() -> None:
    desk = Desk(ok())
    desk.get()
    assert "If-None-Match" not in desk.requests[0].headers


def test_an_answer_that_stands_though_nobody_asked_is_none() -> None:
    with pytest.raises(ArxivUnavailable, match="HTTP 304"):
        Desk(httpx.Response(304)).get()
    with pytest.raises(ArxivUnavailable, match="HTTP 304"):
        Desk(httpx.Response(304), known=HttpAnswer(200, b"<rss/>", ETAG)).get(revalidate=False)


@pytest.mark.parametrize(
    ("header", "etag"),
    [
        (ETAG, ETAG),
        ('"a-b"', '"a-b"'),
        ("unquoted", ""),
        ('"' + "a" * 200 + '"', ""),
        ('"a\r\nX-Evil: 1"', ""),
        ('"a b"', ""),
        ('"ä"', ""),
        ('"a"\n', ""),
        ("", ""),
    ],
)
def test_only_a_short_and_plain_etag_is_sent_back(header: str, etag: str) -> None:
    assert etag_of(header) == etag


@pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "gzip,identity"])
def test_a_body_that_is_compressed_in_another_way_is_not_unpacked(encoding: str) -> None:
    twice = httpx.ByteStream(gzip.compress(gzip.compress(b"<rss/>")))
    desk = Desk(httpx.Response(200, stream=twice, headers={"Content-Encoding": encoding}), ok())
    assert desk.get().body == b"<rss/>"
    assert len(desk.requests) == 2


def test_a_body_that_is_compressed_once_is_unpacked() -> None:
    packed = httpx.ByteStream(gzip.compress(b"<rss/>"))
    assert Desk(httpx.Response(200, stream=packed, headers={"Content-Encoding": "GZIP"})).get().body == b"<rss/>"
