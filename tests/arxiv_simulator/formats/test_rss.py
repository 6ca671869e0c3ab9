"""The simulated announcement feeds, read by our parser and compared with recorded and server-made ones."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from lxml import etree

from papers.arxiv.feed_parser import parse_announcements
from tests.arxiv_simulator.formats import rss
from tests.arxiv_simulator.formats.test_query_api import shape
from tests.arxiv_simulator.history import Event, State, tell
from tests.arxiv_simulator.making import (
    TUESDAY,
    asking,
    failing,
    make_entry,
    make_history,
    make_papers,
    make_simulator,
)
from tests.arxiv_simulator.simulator import Simulator
from tests.data import data_path, needs_data

WEDNESDAY = TUESDAY + timedelta(days=1)


def ask(simulator: Simulator, category: str = "cs.CL") -> httpx.Response:
    with asking(simulator) as http:
        return http.get(f"/rss/{category}")


def kinds(answer: httpx.Response) -> list[str]:
    root = etree.fromstring(answer.content)
    return [element.text or "" for element in root.iter(f"{{{rss.ARXIV}}}announce_type")]


def test_our_parser_reads_what_was_announced() -> None:
    feed = parse_announcements(ask(make_simulator(make_papers(3))).content)
    assert (feed.day, len(feed.items), feed.problems) == (TUESDAY, 3, ())
    assert {one.paper.arxiv_id for one in feed.items} == {"2510.00001", "2510.00002", "2510.00003"}


def test_a_new_paper_is_new_in_its_primary_category_and_a_cross_list_elsewhere() -> None:
    simulator = make_simulator(make_papers(1))
    assert kinds(ask(simulator, "cs.CL")) == ["new"]
    assert kinds(ask(simulator, "cs.LG")) == ["cross"]
    assert kinds(ask(simulator, "cs.RO")) == []
    assert kinds(ask(simulator, "cs")) == ["new"]
    assert kinds(ask(simulator, "stat+cs.LG")) == ["cross"]


def test_a_new_version_is_a_replacement_in_its_primary_category_and_replace_cross_elsewhere() -> None:
    entry = make_entry(1, listed_on=(TUESDAY, WEDNESDAY))
    simulator = make_simulator([tell(entry, seed=1, made=0.0)], day=WEDNESDAY)
    assert kinds(ask(simulator, "cs.CL")) == ["replace"]
    assert kinds(ask(simulator, "cs.LG")) == ["replace-cross"]


def state_of(**fields: Any) -> State:
    return replace(tell(make_entry(1), seed=1, made=0.0).events[0].state, **fields)


def test_a_later_cross_list_is_announced_where_it_is_new_only() -> None:
    crossed = state_of(categories=("cs.CL", "cs.LG", "stat.ML"))
    paper = make_history(Event(TUESDAY, "new", state_of()), Event(WEDNESDAY, "cross", crossed))
    simulator = make_simulator([paper], day=WEDNESDAY)
    assert (kinds(ask(simulator, "stat.ML")), kinds(ask(simulator, "cs.LG"))) == (["cross"], [])


def test_a_journal_reference_is_never_announced() -> None:
    paper = make_history(Event(TUESDAY, "new", state_of()), Event(WEDNESDAY, "metadata", state_of(journal_ref="J 1")))
    assert kinds(ask(make_simulator([paper], day=WEDNESDAY))) == []


def test_a_sixth_version_is_never_announced() -> None:
    paper = make_history(Event(TUESDAY, "new", state_of()), Event(WEDNESDAY, "replace", state_of(version=6)))
    assert kinds(ask(make_simulator([paper], day=WEDNESDAY))) == []


@pytest.mark.parametrize("day", ["2025-10-18", "2025-10-19", "2025-12-31", "2025-11-28"])
def test_a_day_after_an_evening_without_a_mailing_has_an_empty_feed(day: str) -> None:
    answer = ask(make_simulator(make_papers(1), day=date.fromisoformat(day)))
    assert (answer.status_code, kinds(answer)) == (200, [])


def test_an_over_full_feed_loses_what_is_new() -> None:
    papers = [*make_papers(rss.LIMIT), tell(make_entry(9_999, categories=("cs.RO", "cs.CL")), seed=1, made=0.0)]
    announced = kinds(ask(make_simulator(papers)))
    assert (len(announced), announced.count("new"), announced.count("cross")) == (2_000, 1_999, 1)


def test_what_is_new_stands_first_in_the_feed() -> None:
    old = tell(make_entry(1, listed_on=(TUESDAY, WEDNESDAY)), seed=1, made=0.0)
    crossed = tell(make_entry(2, WEDNESDAY, categories=("cs.RO", "cs.CL")), seed=1, made=0.0)
    simulator = make_simulator([old, crossed, tell(make_entry(3, WEDNESDAY), seed=1, made=0.0)], day=WEDNESDAY)
    assert kinds(ask(simulator)) == ["new", "cross", "replace"]


def test_a_feed_that_is_known_is_not_sent_again() -> None:
    simulator = make_simulator(make_papers(1))
    with asking(simulator) as http:
        headers = {"If-None-Match": http.get("/rss/cs.CL").headers["ETag"]}
        again = http.get("/rss/cs.CL", headers=headers)
        assert (again.status_code, again.content) == (304, b"")
        simulator.clock.set_day(WEDNESDAY)
        assert http.get("/rss/cs.CL", headers=headers).status_code == 200


def test_the_feed_is_built_at_midnight_in_new_york() -> None:
    root = etree.fromstring(ask(make_simulator(make_papers(1))).content)
    assert root.findtext("channel/lastBuildDate") == "Tue, 14 Oct 2025 04:00:02 +0000"
    assert root.findtext("channel/pubDate") == "Tue, 14 Oct 2025 00:00:00 -0400"


def test_a_stale_feed_is_that_of_the_last_day_with_one() -> None:
    simulator = make_simulator(make_papers(1), day=date(2025, 10, 20), plan=failing("stale"))
    root = etree.fromstring(ask(simulator).content)
    assert root.findtext("channel/pubDate") == "Fri, 17 Oct 2025 00:00:00 -0400"


def test_an_unknown_category_is_answered_with_400_and_a_feed() -> None:
    answer = ask(make_simulator([]), "nosuch.XX")
    root = etree.fromstring(answer.content)
    assert (answer.status_code, root.find("channel/item")) == (400, None)
    assert str(root.findtext("channel/title")).startswith("Feed error for query: ")


@needs_data
def test_an_empty_feed_has_the_recorded_shape() -> None:
    ours = etree.fromstring(ask(make_simulator([], day=date(2025, 12, 31)), "physics").content)
    theirs = etree.fromstring(data_path("arxiv/rss/recorded/2025-12-31_rss_physics_holiday_empty.xml").read_bytes())
    assert (ours.nsmap, shape(ours)) == (theirs.nsmap, shape(theirs))
    for name in ("title", "description", "pubDate", "managingEditor", "docs", "language"):
        assert ours.findtext(f"channel/{name}") == theirs.findtext(f"channel/{name}")


@needs_data
def test_items_have_the_shape_of_arxivs_server() -> None:
    published = state_of(journal_ref="Journal 1", doi="10.5555/1")
    papers = [*make_papers(2)[1:], make_history(Event(TUESDAY, "new", published))]
    ours = etree.fromstring(ask(make_simulator(papers)).content)
    shapes = set()
    for path in data_path("arxiv/rss/arxiv_server_generated").glob("rss_*.xml"):
        shapes |= {shape(item) for item in etree.fromstring(path.read_bytes()).iter("item")}
    assert {shape(item) for item in ours.iter("item")} <= shapes
