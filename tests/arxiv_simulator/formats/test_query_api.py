"""The simulated query API, read by our parser and compared with recorded answers."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from lxml import etree

from papers import normalize
from papers.arxiv.query_api_parser import ArxivError, QueryFeed, parse_feed
from tests.arxiv_simulator.history import Event, Paper, tell
from tests.arxiv_simulator.making import TUESDAY, asking, make_entry, make_history, make_papers, make_simulator
from tests.arxiv_simulator.simulator import Simulator
from tests.data import data_path, needs_data

WEDNESDAY = TUESDAY + timedelta(days=1)
ALL = {"search_query": "cat:cs.CL", "max_results": "100"}


def ask(simulator: Simulator, **params: str) -> QueryFeed:
    return parse_feed(answer(simulator, **params).content)


def answer(simulator: Simulator, **params: str) -> httpx.Response:
    with asking(simulator) as http:
        return http.get("/api/query", params=params)


def ids(feed: QueryFeed) -> list[str]:
    return [record.arxiv_id for record in feed.records]


def test_our_parser_reads_what_the_truth_says() -> None:
    revised = tell(make_entry(1, listed_on=(TUESDAY, WEDNESDAY)), seed=1, made=0.0)
    simulator = make_simulator([revised, *make_papers(2)[1:]], day=WEDNESDAY)
    feed = ask(simulator, id_list="2510.00001,2510.00002")
    assert feed.problems == ()
    for record, truth in zip(feed.records, simulator.truth(), strict=True):
        assert (record.arxiv_id, record.version) == (truth.id, truth.state.version)
        assert record.title == normalize.clean_line(truth.state.title)
        assert record.abstract == normalize.clean_abstract(truth.state.abstract)
        assert record.authors == truth.state.authors
        assert record.categories == truth.state.categories
        assert (record.submitted, record.updated) == (truth.submitted, truth.state.submitted)


def test_both_envelopes_say_the_same() -> None:
    new, old = (ask(make_simulator(make_papers(3), old=old), **ALL) for old in (False, True))
    assert new.records == old.records


def test_the_envelope_before_november_2025_has_codes_among_the_categories_and_wrapped_lines() -> None:
    body = answer(make_simulator(make_papers(1), old=True), **ALL).text
    assert 'term="68T50"' in body
    assert "case 1 of many." in body
    assert "68T50" not in answer(make_simulator(make_papers(1)), **ALL).text


def test_missing_papers_and_versions_are_left_out_without_a_word() -> None:
    feed = ask(make_simulator(make_papers(1)), id_list="2510.00001v2,2510.00001v1,2510.09999,hep-th/9901001")
    assert (ids(feed), feed.total_results) == (["2510.00001"], 1)


def test_one_bad_identifier_fails_the_whole_batch() -> None:
    refused = answer(make_simulator(make_papers(1)), id_list="2510.00001,abc")
    assert refused.status_code == 400
    with pytest.raises(ArxivError, match="incorrect id format for abc"):
        parse_feed(refused.content)


def test_the_old_service_sent_its_errors_with_200() -> None:
    refused = answer(make_simulator([], old=True), id_list="abc")
    assert refused.status_code == 200
    with pytest.raises(ArxivError):
        parse_feed(refused.content)


@pytest.mark.parametrize(
    "params",
    [
        {"search_query": "cat:cs.CL", "start": "9990", "max_results": "11"},
        {"search_query": "cat:cs.CL", "max_results": "2001"},
        {"search_query": "cat:cs.CL", "start": "-1"},
        {"search_query": "cat:cs.CL", "sortBy": "beauty"},
        {"search_query": "submittedDate:[20251001 TO 20251002]"},
        {"search_query": "cat:cs.CL AND"},
        {"search_query": "(cat:cs.CL"},
        {"search_query": 'all:"open'},
        {"search_query": "x:y"},
        {},
    ],
)
def test_what_arxiv_refuses_is_answered_with_400(params: dict[str, str]) -> None:
    assert answer(make_simulator(make_papers(1)), **params).status_code == 400


def test_pages_part_the_result_in_the_order_asked_for() -> None:
    simulator = make_simulator(make_papers(7))
    order: dict[str, str] = {"search_query": "cat:cs.*", "sortBy": "submittedDate", "sortOrder": "ascending"}
    pages = [ask(simulator, **order, start=str(start), max_results="3") for start in (0, 3, 6)]
    times = [record.submitted for page in pages for record in page.records if record.submitted]
    assert [len(page.records) for page in pages] == [3, 3, 1]
    assert {page.total_results for page in pages} == {7}
    assert times == sorted(times)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("cat:cs.LG", {1, 2}),
        ("cat:cs.RO", set()),
        ("all:language", {1, 2}),
        ('ti:"paper 2 on language"', {2}),
        ('all:"case 1" OR all:"case 2"', {1, 2}),
        ("cat:cs.CL ANDNOT au:number2", {1}),
        ("cat:cs.CL AND (abs:nothing OR au:number1)", {1}),
        ("submittedDate:[202510130000 TO 202510140000] AND cat:cs.CL", {1, 2}),
        ("submittedDate:[202510150000 TO 202510160000]", set()),
    ],
)
def test_searches_find_what_they_say(query: str, found: set[int]) -> None:
    entries = [make_entry(number) for number in (1, 2)]
    papers = [tell(entry, seed=3, made=0.0) for entry in entries]
    feed = ask(make_simulator(papers), search_query=query)
    assert set(ids(feed)) == {f"2510.{number:05d}" for number in found}


def test_a_version_can_be_asked_for_as_long_as_the_day_knows_it() -> None:
    entry = make_entry(1, listed_on=(TUESDAY, WEDNESDAY))
    simulator = make_simulator([tell(entry, seed=1, made=0.0)])
    assert ask(simulator, id_list="2510.00001").records[0].version == 1
    simulator.clock.set_day(WEDNESDAY)
    assert ask(simulator, id_list="2510.00001").records[0].version == 2
    assert ask(simulator, id_list="2510.00001v1").records[0].version == 1


def test_a_paper_is_not_there_before_its_day() -> None:
    simulator = make_simulator(make_papers(1), day=TUESDAY - timedelta(days=1))
    assert (ask(simulator, **ALL).records, simulator.truth()) == ((), ())


Shape = tuple[Any, ...]


def shape(element: etree._Element) -> Shape:
    """Its name, attributes in their order, and the shapes of its children, each once where alike ones follow."""
    children = [shape(child) for child in element]
    once = tuple(child for place, child in enumerate(children) if children[place - 1 : place] != [child])
    return (element.tag, tuple(element.attrib), once)


def recorded(name: str) -> etree._Element:
    return etree.fromstring(data_path(f"arxiv/atom/recorded_2026/{name}").read_bytes())


@needs_data
def test_the_envelope_and_the_entries_have_the_recorded_shape() -> None:
    papers = [tell(make_entry(number, comment="7 pages"), seed=1, made=0.0) for number in (1, 2)]
    ours = etree.fromstring(answer(make_simulator(papers), **ALL).content)
    theirs = recorded("q_testing_s0_m100_cfe7536492ca.xml")
    assert (ours.nsmap, ours.tag, [shape(one) for one in ours[:7]]) == (
        theirs.nsmap,
        theirs.tag,
        [shape(one) for one in theirs[:7]],
    )
    assert {shape(one) for one in ours[7:]} <= {shape(one) for one in theirs[7:]}


@needs_data
def test_a_published_paper_has_the_recorded_shape() -> None:
    first = tell(make_entry(1, comment="7 pages"), seed=1, made=0.0).events[0]
    published = _with_journal(first)
    ours = etree.fromstring(answer(make_simulator([published]), **ALL).content)
    theirs = recorded("q_testing_s0_m100_cfe7536492ca.xml")
    assert shape(ours[7]) in {shape(one) for one in theirs[7:]}


def _with_journal(event: Event) -> Paper:
    return make_history(replace(event, state=replace(event.state, journal_ref="Journal 1", doi="10.5555/1")))


@needs_data
def test_the_error_feed_has_the_recorded_shape() -> None:
    ours = etree.fromstring(answer(make_simulator([]), id_list="abc").content)
    theirs = recorded("id_abc_s0_m100_b79c8dcf6bc3_HTTP400.xml")
    assert shape(ours) == shape(theirs)
    assert ours.findtext("{*}entry/{*}id") == theirs.findtext("{*}entry/{*}id")
    assert ours.findtext("{*}entry/{*}summary") == theirs.findtext("{*}entry/{*}summary")
