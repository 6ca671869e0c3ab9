"""The client of OAI-PMH against made answers: what counts as one, what is asked again."""

import hashlib
from datetime import UTC, datetime
from random import Random

import httpx
import pytest

from core.clock import Clock
from papers.arxiv.oai_client import OaiClient, Window
from papers.arxiv.oai_parser import OaiError
from papers.arxiv.polite_http import LARGEST_BODY, MAX_ATTEMPTS, ArxivRefused, ArxivUnavailable, PoliteHttp
from tests.papers.arxiv.oai import DAY, make_arxiv, make_oai_error, make_page, make_raw
from tests.papers.roads import OpenRoad

BASE = "https://oaipmh.arxiv.org/oai"
WINDOW = Window("cs:cs:CL", DAY, "arXivRaw")
GOOD = make_page([make_raw()], "a%3Db")


class Desk:
    """A client that gets these answers, one a request; its pauses are written down instead of waited for."""

    def __init__(self, *answers: httpx.Response) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.URL] = []
        self.slept: list[float] = []
        http = httpx.Client(transport=httpx.MockTransport(self._answer))
        now = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
        self.client = OaiClient(PoliteHttp(http, OpenRoad(), Clock(lambda: now, self.slept.append), Random(7)), BASE)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request.url)
        return self.answers.pop(0)


def ok(body: bytes) -> httpx.Response:
    return httpx.Response(200, content=body)


def test_a_page_comes_with_the_hash_of_its_body() -> None:
    fetched = Desk(ok(GOOD)).client.first(WINDOW)
    assert (fetched.page.size, fetched.sha256) == (1, hashlib.sha256(GOOD).hexdigest())


def test_a_token_is_encoded_again_and_sent_alone() -> None:
    desk = Desk(ok(make_page([make_raw()])))
    desk.client.following(WINDOW, "verb%3DListRecords%26skip%3D1")
    assert str(desk.asked[0]) == f"{BASE}?verb=ListRecords&resumptionToken=verb%253DListRecords%2526skip%253D1"


@pytest.mark.parametrize(
    "fault",
    [
        ok(b"<html><body>Maintenance</body></html>"),
        ok(GOOD[:-30]),
        ok(b""),
        ok(make_page([])),
        ok(make_page([make_arxiv()])),
        ok(b" " * (LARGEST_BODY + 1)),
        httpx.Response(200, content=iter([b"x" * 1_000_000] * 100)),
        httpx.Response(503, headers={"Retry-After": "30"}),
        httpx.Response(429, content=b"Rate exceeded."),
    ],
    ids=["HTML", "cut off", "nothing", "no records", "another format", "too large", "100 MB", "503", "429"],
)
def test_what_is_no_answer_is_asked_for_again(fault: httpx.Response) -> None:
    desk = Desk(fault, ok(GOOD))
    assert desk.client.first(WINDOW).page.token == "a%3Db"
    assert desk.asked[0] == desk.asked[1]
    assert len(desk.slept) == 1


def test_a_page_with_fewer_records_than_its_token_counts_is_asked_for_again() -> None:
    token = f"verb%3DListRecords%26from%3D{DAY}%26skip%3D2"
    short = make_page([make_raw()], token)
    twice = make_page([make_raw(), make_raw()], token)
    desk = Desk(ok(short), ok(twice), ok(make_page([make_raw(), make_raw("2509.00001")], token)))
    assert desk.client.first(WINDOW).page.size == 2
    assert len(desk.slept) == 2


def test_a_following_page_is_counted_from_its_own_token_on() -> None:
    first, second = (f"verb%3DListRecords%26from%3D{DAY}%26skip%3D{skip}" for skip in (1_300, 1_301))
    assert Desk(ok(make_page([make_raw()], second))).client.following(WINDOW, first).page.size == 1


def test_so_many_faults_are_the_end_for_now() -> None:
    desk = Desk(*[httpx.Response(503)] * MAX_ATTEMPTS)
    with pytest.raises(ArxivUnavailable, match="no usable answer in 6 attempts: HTTP 503"):
        desk.client.first(WINDOW)


def test_a_refusal_is_not_repeated() -> None:
    desk = Desk(httpx.Response(403))
    with pytest.raises(ArxivRefused):
        desk.client.first(WINDOW)
    assert len(desk.asked) == 1


@pytest.mark.parametrize("body", [b"Bad Request", GOOD])
def test_a_bad_request_without_a_reason_is_not_repeated(body: bytes) -> None:
    desk = Desk(httpx.Response(400, content=body))
    with pytest.raises(ArxivUnavailable, match="HTTP 400 without a reason"):
        desk.client.first(WINDOW)


@pytest.mark.parametrize("status", [200, 400])
def test_an_error_of_the_protocol_is_told_with_its_code(status: int) -> None:
    desk = Desk(httpx.Response(status, content=make_oai_error("badArgument")))
    with pytest.raises(OaiError, match=r"^Reason: made$") as caught:
        desk.client.first(WINDOW)
    assert caught.value.code == "badArgument"


def test_a_token_that_leads_to_itself_is_no_way_on() -> None:
    with pytest.raises(ArxivUnavailable, match="leads to itself"):
        Desk(ok(GOOD)).client.following(WINDOW, "a%3Db")
