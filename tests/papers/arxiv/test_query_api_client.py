"""The client of the query API: batches, retries, refusals; against made answers and a real server on loopback."""

import gzip
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from random import Random

import httpx
import pytest

from core.clock import Clock
from papers.arxiv.polite_http import (
    LARGEST_BODY,
    LONGEST_RETRY_AFTER,
    LONGEST_WAIT,
    MAX_ATTEMPTS,
    SHORTEST_WAIT,
    ArxivRefused,
    PoliteHttp,
    retry_after,
)
from papers.arxiv.query_api_client import NOT_ASKED, SHORT_ANSWER, ArxivClient, FetchResult, open_http
from papers.identifiers import ArxivId, parse_arxiv_id
from tests.data import data_path, needs_data
from tests.papers.arxiv.feeds import make_entry, make_error, make_feed
from tests.papers.roads import OpenRoad
from tests.servers.loopback import listening

BASE = "https://export.arxiv.org/api/query"
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
Handler = Callable[[httpx.Request], httpx.Response]
FIRST, SECOND = parse_arxiv_id("2501.00001"), parse_arxiv_id("2501.00002")


class Desk:
    """A client whose requests, turns and pauses are written down instead of waited for."""

    def __init__(self, handler: Handler, base_url: str = BASE, http: httpx.Client | None = None) -> None:
        self.requests: list[httpx.Request] = []
        self.road = OpenRoad()
        self.slept: list[float] = []
        self.handler = handler
        http = http or httpx.Client(transport=httpx.MockTransport(self._answer))
        clock = Clock(lambda: NOW, self.slept.append)
        self.client = ArxivClient(PoliteHttp(http, self.road, clock, Random(7)), base_url)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        return self.handler(request)

    @property
    def turns(self) -> int:
        return self.road.turns

    def fetch(self, *ids: ArxivId) -> FetchResult:
        return sum(self.client.fetch_batches(ids), FetchResult())


def asked(request: httpx.Request) -> list[str]:
    return request.url.params["id_list"].split(",")


def arxiv(request: httpx.Request) -> httpx.Response:
    """Answers as arXiv does: unversioned names get version 3, versioned ones theirs."""
    ids = [name if "v" in name else f"{name}v3" for name in asked(request)]
    return httpx.Response(200, content=make_feed([make_entry(name) for name in ids]))


def after(faults: Sequence[httpx.Response | Exception], then: Handler = arxiv) -> Handler:
    """First these faults, one a request, then proper answers."""
    waiting = list(faults)

    def handler(request: httpx.Request) -> httpx.Response:
        fault = waiting.pop(0) if waiting else then(request)
        if isinstance(fault, Exception):
            raise fault
        return fault

    return handler


def always(status: int, content: bytes = b"", **headers: str) -> Handler:
    return lambda _: httpx.Response(status, content=content, headers=headers)


def many(count: int) -> list[ArxivId]:
    return [ArxivId(f"2501.{number:05d}") for number in range(1, count + 1)]


def test_papers_are_fetched_in_batches_of_a_hundred() -> None:
    desk = Desk(arxiv)
    result = desk.fetch(*many(250))
    assert [len(asked(request)) for request in desk.requests] == [100, 100, 50]
    assert [request.url.params["max_results"] for request in desk.requests] == ["100", "100", "50"]
    assert (len(result.records), result.missing, result.failed) == (250, (), ())


def test_every_request_takes_a_turn() -> None:
    desk = Desk(after([httpx.Response(503)]))
    desk.fetch(*many(101))
    assert desk.turns == len(desk.requests) == 3


def test_nothing_asked_is_nothing_sent() -> None:
    desk = Desk(arxiv)
    assert desk.fetch() == FetchResult()
    assert desk.requests == []


def test_identifier_given_twice_is_asked_once() -> None:
    desk = Desk(arxiv)
    assert len(desk.fetch(FIRST, FIRST).records) == 1
    assert asked(desk.requests[0]) == ["2501.00001"]


def test_named_version_is_asked_and_matched_by_version() -> None:
    desk = Desk(lambda _: httpx.Response(200, content=make_feed([make_entry("1706.03762v1")])))
    result = desk.fetch(parse_arxiv_id("1706.03762v1"), parse_arxiv_id("1706.03762v2"))
    assert [record.version for record in result.records] == [1]
    assert result.missing == ("1706.03762v2",)


def test_what_arxiv_leaves_out_is_missing_by_name() -> None:
    desk = Desk(lambda _: httpx.Response(200, content=make_feed([make_entry("2501.00002v1")])))
    result = desk.fetch(FIRST, SECOND)
    assert ([record.arxiv_id for record in result.records], result.missing) == (["2501.00002"], ("2501.00001",))


def test_empty_answer_that_counts_nothing_means_missing() -> None:
    assert Desk(always(200, make_feed())).fetch(FIRST) == FetchResult(missing=("2501.00001",))


def test_empty_page_that_counts_papers_is_asked_again() -> None:
    desk = Desk(after([httpx.Response(200, content=make_feed(total=1))]))
    assert len(desk.fetch(FIRST).records) == 1
    assert len(desk.slept) == 1


def test_short_page_makes_nothing_missing() -> None:
    desk = Desk(always(200, make_feed([make_entry("2501.00001v1")], total=2)))
    result = desk.fetch(FIRST, SECOND)
    assert (len(result.records), result.missing) == (1, ())
    assert [(failure.ids, failure.sentence) for failure in result.failed] == [(("2501.00002",), SHORT_ANSWER)]


def test_unreadable_entry_is_failed_and_not_missing() -> None:
    desk = Desk(always(200, make_feed([make_entry("2501.00001v1", title=""), make_entry("2501.00002v1")])))
    result = desk.fetch(FIRST, SECOND)
    assert result.missing == ()
    assert [(failure.ids, failure.sentence) for failure in result.failed] == [
        (("2501.00001",), "2501.00001v1 has no title")
    ]


def test_paper_nobody_asked_for_is_left_out() -> None:
    desk = Desk(always(200, make_feed([make_entry("2501.00001v1"), make_entry("2501.00009v1")])))
    assert [record.arxiv_id for record in desk.fetch(FIRST).records] == ["2501.00001"]


@pytest.mark.parametrize(
    "fault",
    [
        httpx.Response(429, content=b"Rate exceeded."),
        httpx.Response(500),
        httpx.Response(503, content=b"<html>first byte timeout</html>"),
        httpx.Response(200, content=b"<html><body>Rate exceeded</body></html>"),
        httpx.Response(200, content=make_feed([make_entry("2501.00001v1")])[:-40]),
        httpx.Response(200, content=b""),
        httpx.ReadTimeout("no byte in 120 s"),
        httpx.ConnectTimeout("no answer"),
        httpx.ConnectError("refused"),
        httpx.RemoteProtocolError("peer closed connection"),
    ],
)
def test_passing_fault_is_asked_again(fault: httpx.Response | Exception) -> None:
    desk = Desk(after([fault]))
    assert len(desk.fetch(FIRST).records) == 1
    assert len(desk.requests) == 2


def test_pauses_grow_and_stay_within_their_bounds() -> None:
    desk = Desk(always(503))
    desk.fetch(FIRST)
    bounds = [min(LONGEST_WAIT, SHORTEST_WAIT * 2**attempt) for attempt in range(1, MAX_ATTEMPTS)]
    assert len(desk.slept) == MAX_ATTEMPTS - 1
    assert all(SHORTEST_WAIT <= pause <= bound for pause, bound in zip(desk.slept, bounds, strict=True))


def test_after_the_last_attempt_the_rest_is_not_asked() -> None:
    desk = Desk(always(503))
    result = desk.fetch(*many(150))
    assert len(desk.requests) == MAX_ATTEMPTS
    assert [len(failure.ids) for failure in result.failed] == [100, 50]
    assert result.failed[0].sentence == "arXiv gave no usable answer in 6 attempts: HTTP 503"
    assert result.failed[1].sentence == NOT_ASKED


def test_retry_after_is_waited_for() -> None:
    desk = Desk(after([httpx.Response(503, headers={"Retry-After": "1234"})]))
    desk.fetch(FIRST)
    assert desk.slept == [1234.0]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("999999", LONGEST_RETRY_AFTER),
        ("9" * 400, LONGEST_RETRY_AFTER),
        ("Mon, 23 Nov 2026 12:02:00 GMT", 120.0),
        ("Monday, 23-Nov-26 12:02:00 GMT", 120.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("Mon, 23 Nov 2099 11:00:00 GMT", LONGEST_RETRY_AFTER),
        ("-5", 0.0),
        ("²", 0.0),
        ("soon", 0.0),
        ("", 0.0),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str, seconds: float) -> None:
    assert retry_after(header, NOW) == seconds


def test_refusal_is_raised_at_once() -> None:
    desk = Desk(always(403))
    with pytest.raises(ArxivRefused, match="refuses our requests"):
        desk.fetch(*many(150))
    assert len(desk.requests) == 1


def test_batches_before_a_refusal_can_be_kept() -> None:
    batches = Desk(after([arxiv_answer(100)], then=always(403))).client.fetch_batches(many(150))
    assert len(next(batches).records) == 100
    with pytest.raises(ArxivRefused):
        next(batches)


def arxiv_answer(count: int) -> httpx.Response:
    return httpx.Response(200, content=make_feed([make_entry(f"{identifier}v1") for identifier in many(count)]))


@pytest.mark.parametrize("status", [400, 401, 404, 410])
def test_lasting_fault_is_not_asked_again(status: int) -> None:
    desk = Desk(always(status, b"no"))
    result = desk.fetch(FIRST)
    assert len(desk.requests) == 1
    assert f"HTTP {status}" in result.failed[0].sentence


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("sentence", ["incorrect id format for {}", "something is wrong"])
def test_one_bad_identifier_fails_alone(status: int, sentence: str) -> None:
    def picky(request: httpx.Request) -> httpx.Response:
        if "2501.00042" in asked(request):
            return httpx.Response(status, content=make_error(sentence.format("2501.00042")))
        return arxiv(request)

    desk = Desk(picky)
    result = desk.fetch(*many(100))
    assert [failure.ids for failure in result.failed] == [("2501.00042",)]
    assert (len(result.records), result.missing, desk.slept) == (99, (), [])


def test_identifier_that_arxiv_names_costs_one_more_request() -> None:
    desk = Desk(after([httpx.Response(400, content=make_error("incorrect id format for 2501.00042"))]))
    desk.fetch(*many(100))
    assert len(desk.requests) == 2


def test_body_larger_than_the_cap_is_not_kept() -> None:
    bomb = gzip.compress(b"<" * (LARGEST_BODY + 1))
    result = Desk(always(200, bomb, **{"Content-Encoding": "gzip"})).fetch(FIRST)
    assert "larger than" in result.failed[0].sentence


def test_broken_compression_is_a_passing_fault() -> None:
    bad = httpx.Response(200, stream=httpx.ByteStream(b"no gzip"), headers={"Content-Encoding": "gzip"})
    assert len(Desk(after([bad])).fetch(FIRST).records) == 1


@pytest.mark.parametrize(
    "location", ["https://arxiv.org/api/query", "https://oaipmh.arxiv.org/x", "/api/query2", "//export.arxiv.org/y"]
)
def test_redirect_within_arxiv_is_followed_in_its_own_turn(location: str) -> None:
    target = location if "?" in location else f"{location}?id_list=2501.00001"
    desk = Desk(after([httpx.Response(301, headers={"Location": target})]))
    assert len(desk.fetch(FIRST).records) == 1
    assert desk.turns == 2


@pytest.mark.parametrize(
    "location",
    [
        "http://export.arxiv.org/api/query",
        "https://example.org/",
        "https://arxiv.org.example.org/",
        "https://notarxiv.org/",
        "file:///etc/passwd",
        "http://127.0.0.1/",
        "https://[bad",
    ],
)
def test_redirect_elsewhere_is_not_followed(location: str) -> None:
    desk = Desk(always(302, Location=location))
    assert desk.fetch(FIRST).failed[0].sentence.startswith("arXiv redirects to")
    assert len(desk.requests) == 1


def test_redirects_in_a_circle_end() -> None:
    desk = Desk(always(302, Location=BASE))
    assert desk.fetch(FIRST).failed[0].sentence == "arXiv redirects in a circle"


@pytest.mark.parametrize(
    "address", ["http://export.arxiv.org/api/query", "ftp://arxiv.org/", "http://localhost.example.org"]
)
def test_address_without_tls_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="must begin with https://"):
        Desk(arxiv, base_url=address)


def test_we_say_who_we_are() -> None:
    with open_http("0.1.0", "mailto:editor@example.org\r\nX-Evil: 1") as http:
        assert http.headers["User-Agent"] == "llmwatch/0.1.0 (+mailto:editor@example.orgX-Evil: 1)"


class _Served(BaseHTTPRequestHandler):
    """Serves the bodies of `script` one after the other; a cut one ends before its announced length."""

    script: list[tuple[int, bytes, bool]]
    agents: list[str]

    def do_GET(self) -> None:
        status, body, cut = self.script.pop(0)
        self.agents.append(self.headers["User-Agent"])
        self.send_response(status)
        self.send_header("Content-Length", str(len(body) + (100 if cut else 0)))
        self.send_header("Retry-After", "60")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@contextmanager
def serving(script: list[tuple[int, bytes, bool]]) -> Iterator[tuple[str, list[str]]]:
    class Served(_Served):
        pass

    Served.script, Served.agents = script, []
    with listening(Served) as port:
        yield f"http://127.0.0.1:{port}/api/query", Served.agents


@needs_data
def test_real_server_that_stumbles_and_then_answers() -> None:
    recorded = "arxiv/atom/recorded_2026"
    good = data_path(f"{recorded}/id_0808.05394_1707.08567_s0_m100_42e5aa0ec3af.xml").read_bytes()
    refusal = data_path(f"{recorded}/id_abc_s0_m100_b79c8dcf6bc3_HTTP400.xml").read_bytes()
    script = [
        (503, b"", False),
        (200, good, True),
        (200, good[:2000], False),
        (200, good, False),
        (400, refusal, False),
    ]
    with serving(script) as (url, agents), open_http("0.1.0", "mailto:editor@example.org") as http:
        desk = Desk(arxiv, base_url=url, http=http)
        result = desk.fetch(parse_arxiv_id("1707.08567"), FIRST)
        refused = desk.fetch(SECOND)
    assert [record.arxiv_id for record in result.records] == ["1707.08567"]
    assert (result.missing, result.failed) == (("2501.00001",), ())
    assert refused.failed[0].sentence == "arXiv: incorrect id format for abc"
    assert (len(desk.slept), desk.slept[0], desk.turns) == (3, 60.0, 5)
    assert set(agents) == {"llmwatch/0.1.0 (+mailto:editor@example.org)"}
