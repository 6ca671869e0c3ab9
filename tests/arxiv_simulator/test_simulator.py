"""The simulator as a whole: its time, its papers' histories, the manners it sees, its truth, its control address."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Thread

import httpx
import pytest

from papers.arxiv.query_api_parser import parse_feed
from tests.arxiv_simulator.archive import Archive
from tests.arxiv_simulator.days import Clock, is_feed_day
from tests.arxiv_simulator.faults import Fault, Plan
from tests.arxiv_simulator.history import MADE, tell
from tests.arxiv_simulator.making import (
    TUESDAY,
    asking,
    failing,
    make_entry,
    make_papers,
    make_simulator,
    write_corpus,
)
from tests.arxiv_simulator.manners import Manners
from tests.arxiv_simulator.simulator import Simulator
from tests.data import data_path, needs_data

QUERY = "/api/query?search_query=cat:cs.CL"
REAL = "arxiv/corpus/recent_ai_2025-03_2026-02.jsonl.gz"
NOON = datetime(2025, 10, 14, 16, tzinfo=UTC)
MANY = [make_entry(number) for number in range(1, 400)]


def sentences(simulator: Simulator) -> list[str]:
    return [violation.sentence for violation in simulator.manners.violations]


def test_two_requests_closer_than_the_delay_are_bad_manners() -> None:
    simulator = make_simulator(make_papers(1), delay=3_600)
    with asking(simulator) as http:
        http.get(QUERY)
        http.get("/rss/cs.CL")
    assert [violation.request for violation in simulator.manners.violations] == [2]
    assert sentences(simulator)[0].endswith("s after the last request; 3600 s are due")


def test_requests_that_keep_the_delay_are_good_manners() -> None:
    ticks = iter([0.0, 3.0, 6.5])
    simulator = make_simulator(make_papers(1), delay=3, ticks=lambda: next(ticks))
    with asking(simulator) as http:
        for target in (QUERY, "/oai?verb=Identify", "/rss/cs.CL"):
            http.get(target)
    assert (simulator.manners.requests, simulator.manners.violations) == (3, [])


def test_two_requests_at_once_are_bad_manners() -> None:
    simulator = make_simulator(make_papers(20), plan=failing("slow"), pause=30)
    with asking(simulator) as http, http.stream("GET", QUERY):
        http.get("/oai?verb=Identify")
    assert sentences(simulator) == ["asked while another request was under way"]


def test_who_has_the_last_byte_may_ask_again() -> None:
    simulator = make_simulator(make_papers(3), plan=Plan({n: Fault("slow") for n in range(1, 40, 2)}), pause=0.001)
    with asking(simulator) as http:
        for _ in range(40):
            http.get(QUERY)
    assert (simulator.manners.requests, simulator.manners.violations) == (40, [])


def test_asking_before_the_time_that_was_given_is_bad_manners() -> None:
    simulator = make_simulator(make_papers(1), plan=failing("503", "120"))
    with asking(simulator) as http:
        http.get(QUERY)
        simulator.clock.advance(119)
        http.get(QUERY)
        simulator.clock.advance(1)
        http.get(QUERY)
    assert [(one.request, one.sentence) for one in simulator.manners.violations] == [
        (2, "asked before the time that Retry-After gave")
    ]


def test_asking_after_a_refusal_is_bad_manners_until_it_is_forgiven() -> None:
    simulator = make_simulator(make_papers(1), plan=failing("403"))
    with asking(simulator) as http:
        http.get(QUERY)
        http.get(QUERY)
        simulator.manners.forgive()
        http.get(QUERY)
    assert [(one.request, one.sentence) for one in simulator.manners.violations] == [
        (2, "asked although access was refused (HTTP 403)")
    ]


def test_a_refusal_is_for_a_day() -> None:
    simulator = make_simulator(make_papers(1), plan=failing("403"))
    with asking(simulator) as http:
        http.get(QUERY)
        simulator.clock.advance(86_400)
        http.get(QUERY)
    assert (simulator.manners.requests, simulator.manners.violations) == (2, [])


def test_who_has_hung_up_is_under_way_no_more() -> None:
    simulator = make_simulator(make_papers(20), plan=failing("slow"), pause=30)
    with asking(simulator) as http:
        with http.stream("GET", QUERY):
            pass
        http.get("/oai?verb=Identify")
    assert simulator.manners.violations == []


def told(*, then: Callable[[Manners], None]) -> list[str]:
    """What the next one does wrong, after one that was refused access."""
    manners = make_simulator(make_papers(1), ticks=iter(range(9)).__next__).manners
    manners.depart(manners.arrive("one"))
    manners.told_to_stop()
    then(manners)
    manners.depart(manners.arrive("other"))
    return [violation.sentence for violation in manners.violations]


def test_what_was_told_before_a_death_holds() -> None:
    refused = ["asked although access was refused (HTTP 403)"]
    assert told(then=lambda manners: None) == told(then=lambda manners: manners.died("one")) == refused


def test_what_was_told_to_the_dead_is_forgotten() -> None:
    manners = make_simulator(make_papers(1), ticks=lambda: 0.0).manners
    for say in (manners.told_to_stop, partial(manners.told_to_wait, 60)):
        number = manners.arrive("one")
        say()
        manners.depart(number)
    manners.died("one")
    manners.depart(manners.arrive("other"))
    assert [violation.request for violation in manners.violations] == [2]


def test_what_the_dead_sent_off_is_not_judged_by_when_it_is_found() -> None:
    manners = make_simulator(make_papers(1), delay=3, ticks=lambda: 0.0).manners
    manners.died("one")
    manners.arrive("one")
    manners.arrive("other")
    assert (manners.requests, manners.violations) == (2, [])


def test_the_server_answers_many_at_once_all_the_same() -> None:
    simulator = make_simulator(make_papers(5))
    counts: list[int] = []

    def ask() -> None:
        counts.append(len(parse_feed(httpx.get(simulator.origin + QUERY, trust_env=False).content).records))

    with asking(simulator):
        threads = [Thread(target=ask) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (counts, simulator.manners.requests) == ([5] * 6, 6)


def test_time_stands_until_it_is_moved() -> None:
    clock = Clock(NOON)
    assert clock.now() == clock.now() == NOON
    clock.advance(90)
    assert clock.now() == NOON + timedelta(seconds=90)
    clock.set_day(date(2025, 12, 24))
    assert clock.now() == datetime(2025, 12, 24, 17, tzinfo=UTC)


def test_time_runs_where_it_is_given_ticks() -> None:
    ticks = iter([100.0, 107.0, 200.0, 201.0])
    clock = Clock(NOON, lambda: next(ticks))
    assert clock.now() == NOON + timedelta(seconds=7)
    clock.set(NOON)
    assert clock.now() == NOON + timedelta(seconds=1)


def test_the_same_seed_tells_the_same_histories_in_any_order() -> None:
    first = [tell(entry, seed=1, made=0.5) for entry in MANY]
    again = [tell(entry, seed=1, made=0.5) for entry in reversed(MANY)]
    assert first == again[::-1]
    assert first != [tell(entry, seed=2, made=0.5) for entry in MANY]


def test_everything_that_is_made_up_says_so() -> None:
    events = [event for entry in MANY for event in tell(entry, seed=1, made=0.6).events[1:]]
    kinds = Counter(event.kind for event in events)
    assert set(kinds) == {"replace", "withdraw", "cross", "metadata"}
    assert all(MADE in event.state.comment for event in events if event.kind in {"replace", "withdraw"})
    assert all(MADE in event.state.journal_ref for event in events if event.kind == "metadata")


def test_histories_are_in_order_and_on_days_with_a_mailing() -> None:
    for entry in MANY:
        events = tell(entry, seed=1, made=0.6).events
        days, versions = [event.day for event in events], [event.state.version for event in events]
        times = [event.state.submitted for event in events]
        assert (days, versions, times) == (sorted(set(days)), sorted(versions), sorted(times))
        assert all(map(is_feed_day, days))
        assert all(event.state.submitted.date() < event.day for event in events)


def test_some_papers_were_held_by_moderation_for_days() -> None:
    waits = Counter((TUESDAY - tell(entry, seed=1, made=0.0).submitted.date()).days for entry in MANY)
    assert waits[1] > 300
    assert max(waits) == 5


def test_a_list_of_the_weekend_repeats_that_of_friday() -> None:
    weekend = tuple(date(2025, 10, day) for day in (17, 18, 19))
    assert [event.day for event in tell(make_entry(listed_on=weekend), 1, 0.0).events] == [date(2025, 10, 17)]
    assert [event.day for event in tell(make_entry(listed_on=weekend[1:]), 1, 0.0).events] == [date(2025, 10, 20)]


def test_an_old_paper_that_is_listed_has_a_new_version() -> None:
    events = tell(make_entry(id="1812.06145"), 1, 0.0).events
    assert [(event.day, event.kind, event.state.version) for event in events] == [
        (date(2018, 12, 17), "new", 1),
        (TUESDAY, "replace", 2),
    ]


def test_the_truth_is_that_of_the_simulated_day() -> None:
    entry = make_entry(1, listed_on=(TUESDAY, TUESDAY + timedelta(days=1)))
    simulator = make_simulator([tell(entry, seed=1, made=0.0)])
    first = simulator.truth()[0]
    simulator.clock.set_day(TUESDAY + timedelta(days=1))
    second = simulator.truth()[0]
    assert (first.state.version, second.state.version) == (1, 2)
    assert [number for number, _ in second.versions] == [1, 2]
    assert (second.submitted, second.announced) == (first.submitted, TUESDAY)
    assert second.changed == TUESDAY + timedelta(days=1)


def test_a_corpus_is_read_from_its_file(tmp_path: Path) -> None:
    entries = [make_entry(1), make_entry(2, comment="7 pages")]
    path = write_corpus(tmp_path / "corpus.jsonl", entries)
    papers = Archive.read(path, seed=4, made=0.5).papers
    assert papers == {entry.id: tell(entry, seed=4, made=0.5) for entry in entries}


@needs_data
def test_real_papers_are_read_with_a_category_each() -> None:
    archive = Archive.read(data_path(REAL), most=2_000)
    assert len(archive.papers) == 2_000
    assert all(paper.events[0].state.categories for paper in archive.papers.values())


@contextmanager
def control() -> Iterator[tuple[Simulator, httpx.Client]]:
    simulator = make_simulator(make_papers(2))
    with asking(simulator) as http:
        yield simulator, http


def test_the_time_is_moved_at_the_control_address() -> None:
    with control() as (simulator, http):
        assert http.post("/control/clock", params={"days": "2"}).json()["now"] == "2025-10-16T16:00:00+00:00"
        http.post("/control/clock", params={"to": "2025-10-13T12:00:00-04:00"})
    assert simulator.clock.now() == datetime(2025, 10, 13, 16, tzinfo=UTC)


def test_faults_are_set_at_the_control_address() -> None:
    with control() as (_, http):
        http.post("/control/faults", params={"plan": "1=429"})
        assert http.get(QUERY).status_code == 429
        state = http.get("/control/state").json()
    assert (state["requests"], state["papers"], state["faults"], state["violations"]) == (1, 2, {"1": "429"}, [])


@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("clock", {"to": "tomorrow"}),
        ("clock", {"to": "2025-10-13T12:00:00"}),
        ("clock", {}),
        ("faults", {"plan": "1=flood"}),
        ("poems", {}),
    ],
)
def test_what_the_control_address_cannot_do_is_answered_with_400(name: str, params: dict[str, str]) -> None:
    with control() as (_, http):
        assert http.post(f"/control/{name}", params=params).status_code == 400


def test_other_addresses_are_not_found() -> None:
    with control() as (_, http):
        assert http.get("/abs/2510.00001").status_code == 404
