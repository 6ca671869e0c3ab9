"""Every fault does what it says, on the wire."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from email.utils import parsedate_to_datetime

import httpx
import pytest
from lxml import etree

from papers.arxiv.query_api_parser import parse_feed
from papers.arxiv.strict_xml import NotArxivFeed
from tests.arxiv_simulator.faults import KINDS, NONE, PASSING, BadPlan, Fault, Plan, read_plan
from tests.arxiv_simulator.history import tell
from tests.arxiv_simulator.making import TUESDAY, asking, failing, make_entry, make_papers, make_simulator
from tests.arxiv_simulator.simulator import Simulator

QUERY = "/api/query?search_query=cat:cs.CL&max_results=100&sortBy=submittedDate"
LIST = "/oai?verb=ListIdentifiers&metadataPrefix=arXiv"


def simulator_with(kind: str, value: str = "") -> Simulator:
    return make_simulator(make_papers(6), plan=failing(kind, value))


def answer(kind: str, value: str = "", target: str = QUERY) -> httpx.Response:
    """The answer to the first request, which fails, after the second was seen to be good."""
    with asking(simulator_with(kind, value)) as http:
        spoiled = http.get(target)
        assert len(parse_feed(http.get(QUERY).content).records) == 6
        return spoiled


@contextmanager
def good(target: str = QUERY) -> Iterator[httpx.Response]:
    with asking(make_simulator(make_papers(6))) as http:
        yield http.get(target)


def headers_of(root: etree._Element) -> int:
    return len(root.findall(".//{*}header"))


def test_429_says_so_in_plain_text_without_a_word_on_when() -> None:
    spoiled = answer("429")
    assert (spoiled.status_code, spoiled.text, "Retry-After" in spoiled.headers) == (429, "Rate exceeded.", False)


@pytest.mark.parametrize("kind", ["429", "503"])
def test_retry_after_is_given_in_seconds(kind: str) -> None:
    spoiled = answer(kind, "120")
    assert (spoiled.status_code, spoiled.headers["Retry-After"]) == (int(kind), "120")


def test_retry_after_is_given_as_a_date_of_the_simulated_time() -> None:
    simulator = simulator_with("503", "date")
    with asking(simulator) as http:
        until = parsedate_to_datetime(http.get(QUERY).headers["Retry-After"])
    assert until == simulator.clock.now() + timedelta(seconds=60)


def test_403_is_a_refusal() -> None:
    assert answer("403").status_code == 403


def test_an_empty_page_still_counts_what_was_found() -> None:
    feed = parse_feed(answer("empty").content)
    assert (len(feed.records), feed.total_results) == (0, 6)


def test_a_short_page_still_counts_what_was_found() -> None:
    feed = parse_feed(answer("short").content)
    assert (len(feed.records), feed.total_results) == (3, 6)


def test_a_missing_record_is_not_counted_either() -> None:
    feed = parse_feed(answer("missing").content)
    assert (len(feed.records), feed.total_results) == (5, 5)


def test_a_duplicate_stands_twice_on_the_page() -> None:
    feed = parse_feed(answer("duplicates").content)
    assert (len(feed.records), len({record.arxiv_id for record in feed.records})) == (7, 6)


def test_a_stale_answer_is_that_of_the_day_before() -> None:
    assert parse_feed(answer("stale").content).total_results == 0


@pytest.mark.parametrize(("kind", "count"), [("empty", 0), ("short", 3), ("missing", 5), ("duplicates", 7)])
def test_faults_of_content_are_those_of_lists_too(kind: str, count: int) -> None:
    assert headers_of(etree.fromstring(answer(kind, target=LIST).content)) == count


@pytest.mark.parametrize(("kind", "count"), [("empty", 0), ("short", 3), ("missing", 5), ("duplicates", 7)])
def test_faults_of_content_are_those_of_feeds_too(kind: str, count: int) -> None:
    assert len(etree.fromstring(answer(kind, target="/rss/cs.CL").content).findall("channel/item")) == count


@pytest.mark.parametrize("target", [QUERY, LIST, "/rss/cs.CL"])
def test_truncated_xml_ends_in_the_middle_and_looks_whole_to_http(target: str) -> None:
    with good(target) as whole:
        spoiled = answer("truncated", target=target)
    assert spoiled.status_code == 200
    assert len(spoiled.content) < len(whole.content)
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(spoiled.content)


def test_html_comes_with_200() -> None:
    spoiled = answer("html")
    assert (spoiled.status_code, spoiled.headers["Content-Type"]) == (200, "text/html")
    assert spoiled.text.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize("kind", ["html", "wrong-root", "entities", "truncated"])
def test_our_parser_takes_none_of_these_for_a_feed(kind: str) -> None:
    spoiled = answer(kind)
    assert spoiled.status_code == 200
    with pytest.raises(NotArxivFeed):
        parse_feed(spoiled.content)


def test_the_wrong_root_is_whole_xml() -> None:
    assert etree.fromstring(answer("wrong-root").content).tag == "{http://example.org/}status"


def test_the_entity_bomb_would_grow_to_ten_thousand_million_letters() -> None:
    bomb = answer("entities").content
    assert bomb.count(b"<!ENTITY") == 10
    assert b'<!ENTITY j "&i;&i;&i;&i;&i;&i;&i;&i;&i;&i;">' in bomb
    assert b"<title>&j;</title>" in bomb


def test_a_hundred_megabytes_are_promised_and_come_piece_by_piece() -> None:
    with asking(simulator_with("huge")) as http, http.stream("GET", QUERY) as spoiled:
        assert spoiled.headers["Content-Length"] == "100000000"
        pieces = spoiled.iter_bytes(1_000_000)
        assert sum(len(next(pieces)) for _ in range(12)) == 12_000_000


def test_slow_bytes_are_the_same_bytes() -> None:
    simulator = simulator_with("slow")
    with asking(simulator) as http:
        slow, quick = http.get(QUERY).content, http.get(QUERY).content
    assert slow == quick
    assert (simulator.manners.violations, simulator.faults) == ([], {1: "slow"})


def test_a_dropped_connection_is_an_error_of_transport() -> None:
    with asking(simulator_with("dropped")) as http, pytest.raises(httpx.RemoteProtocolError):
        http.get(QUERY)


def test_a_redirect_leads_to_where_it_came_from_and_is_not_repeated() -> None:
    simulator = simulator_with("redirect")
    with asking(simulator) as http:
        moved = http.get(QUERY)
        assert moved.status_code == 301
        assert moved.headers["Location"] == simulator.origin + QUERY
        assert len(parse_feed(http.get(moved.headers["Location"]).content).records) == 6


def test_a_fault_is_written_down_by_the_number_of_its_request() -> None:
    simulator = make_simulator(make_papers(1), plan=Plan({2: Fault("html"), 3: Fault("429")}))
    with asking(simulator) as http:
        assert [http.get(QUERY).status_code for _ in range(4)] == [200, 200, 429, 200]
    assert simulator.faults == {2: "html", 3: "429"}


def test_random_faults_are_the_same_with_the_same_seed() -> None:
    plans = [Plan(rate=0.3, seed=seed, kinds=KINDS) for seed in (1, 1, 2)]
    first, same, other = ([plan.of(number) for number in range(1, 200)] for plan in plans)
    assert first == same != other
    assert 30 < sum(fault != NONE for fault in first) < 90
    assert {fault.kind for fault in first if fault != NONE} == set(KINDS)


def test_a_plan_is_read_from_words() -> None:
    plan = read_plan("3=429, 5=503:120,6=503:date,rate=0.1,seed=7,kinds=empty|short")
    assert plan.script == {3: Fault("429"), 5: Fault("503", "120"), 6: Fault("503", "date")}
    assert (plan.rate, plan.seed, plan.kinds) == (0.1, 7, ("empty", "short"))
    assert read_plan("") == Plan(kinds=PASSING)


@pytest.mark.parametrize(
    "words", ["3=flood", "rate=often", "seed=x", "kinds=empty|x", "speed=3", "5=503:soon", "5=429:-1", "rate=2"]
)
def test_a_plan_that_cannot_be_read_is_refused_by_name(words: str) -> None:
    with pytest.raises(BadPlan, match=r"flood|often|“x”|speed|soon|-1|rate=2"):
        read_plan(words)


def test_the_day_before_is_really_another() -> None:
    paper = tell(make_entry(1, listed_on=(TUESDAY, TUESDAY + timedelta(days=1))), seed=1, made=0.0)
    simulator = make_simulator([paper], day=TUESDAY + timedelta(days=1), plan=failing("stale"))
    with asking(simulator) as http:
        versions = [parse_feed(http.get(QUERY).content).records[0].version for _ in range(2)]
    assert versions == [1, 2]
