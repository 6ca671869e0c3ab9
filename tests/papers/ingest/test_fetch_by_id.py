"""Papers pulled by their identifiers, from a little arXiv on loopback that serves recorded answers."""

import json
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from core.command_reports import Problem, Refused
from core.models import RateLimit
from papers.arxiv.query_api_parser import parse_feed
from papers.ingest.fetch_by_id import NO_SUCH_PAPER, pull_ids
from papers.models import Paper, PaperEvent, PaperVersion
from tests.builders import make_paper
from tests.data import data_path, needs_data
from tests.papers.arxiv.feeds import make_entry, make_error, make_feed
from tests.servers.arxiv_server import Answer, Arxiv, all_known, serving

pytestmark = pytest.mark.django_db
RECORDED = "arxiv/atom/recorded_2026"


@pytest.fixture
def arxiv(settings: Settings) -> Iterator[Arxiv]:
    with serving() as served:
        settings.ARXIV_API_URL, settings.ARXIV_DELAY = served.url, 0.0
        settings.ARXIV_CONTACT = "mailto:editor@example.org"
        yield served


def recorded(name: str) -> bytes:
    return data_path(f"{RECORDED}/{name}").read_bytes()


def outcome(**counts: int) -> dict[str, int]:
    return {"new": 0, "updated": 0, "unchanged": 0, "missing": 0, "failed": 0, **counts}


def test_papers_are_pulled_once(arxiv: Arxiv) -> None:
    assert pull_ids(["2501.00001", "hep-th/9901001"]).counts == outcome(new=2)
    assert pull_ids(["2501.00001", "hep-th/9901001"]).counts == outcome(unchanged=2)
    assert set(Paper.objects.values_list("arxiv_id", "version", "source")) == {
        ("2501.00001", 1, "atom"),
        ("hep-th/9901001", 1, "atom"),
    }


def test_every_form_of_an_identifier_is_understood_and_one_paper_asked_for_once(arxiv: Arxiv) -> None:
    forms = [
        "arXiv:2501.00001 [cs.CL]",
        "https://arxiv.org/abs/2501.00001",
        "https://arxiv.org/pdf/2501.00001.pdf",
        "10.48550/arXiv.2501.00001",
        "https://doi.org/10.48550/arXiv.2501.00001",
        "math.CA/0611800",
    ]
    assert pull_ids(forms).counts == outcome(new=2)
    assert arxiv.asked == [["2501.00001", "math/0611800"]]


def test_a_version_is_asked_for_as_it_is_written(arxiv: Arxiv) -> None:
    pull_ids(["2501.00001v3"])
    assert Paper.objects.get().version == 3
    assert list(PaperVersion.objects.values_list("version", flat=True)) == [3, 1]


def test_a_bad_identifier_is_named_and_harms_no_other(arxiv: Arxiv) -> None:
    report = pull_ids(["2501.00001", "abc", "2501.00002"])
    assert report.counts == outcome(new=2, failed=1)
    assert [problem.where for problem in report.problems] == ["abc"]
    assert "is not an arXiv identifier" in report.problems[0].what
    assert arxiv.asked == [["2501.00001", "2501.00002"]]


def test_nothing_is_asked_where_every_identifier_is_bad(arxiv: Arxiv) -> None:
    assert pull_ids(["abc", ""]).counts == outcome(failed=2)
    assert arxiv.asked == []


@needs_data
def test_a_missing_paper_is_reported_by_name(arxiv: Arxiv) -> None:
    arxiv.answer = lambda ids: (200, recorded("id_0808.05394_1707.08567_s0_m100_42e5aa0ec3af.xml"))
    report = pull_ids(["0808.0539", "1707.08567"])
    assert report.counts == outcome(new=1, missing=1)
    assert report.problems == (Problem("0808.0539", NO_SUCH_PAPER),)


@needs_data
def test_a_paper_with_the_title_0_is_pulled(arxiv: Arxiv) -> None:
    arxiv.answer = lambda ids: (200, recorded("id_2104.12255v1_s0_m100_6ae69987ffe1.xml"))
    assert pull_ids(["2104.12255v1"]).counts == outcome(new=1)
    assert Paper.objects.get().title == "0"


@needs_data
def test_a_hundred_recorded_papers_are_written_and_nothing_changes_the_second_time(arxiv: Arxiv) -> None:
    body = recorded("q_testing_s0_m100_cfe7536492ca.xml")
    ids = [record.arxiv_id for record in parse_feed(body).records]
    arxiv.answer = lambda asked: (200, body)
    assert pull_ids(ids).counts == outcome(new=100)
    assert pull_ids(ids).counts == outcome(unchanged=100)


@needs_data
def test_papers_that_were_not_asked_for_are_not_written(arxiv: Arxiv) -> None:
    arxiv.answer = lambda ids: (200, recorded("q_testing_s0_m10_bc5a6c384fe9.xml"))
    pull_ids(["2501.00001"])
    assert not Paper.objects.exists()


@needs_data
def test_an_identifier_that_arxiv_refuses_fails_alone(arxiv: Arxiv) -> None:
    refusal = recorded("id_abc_s0_m100_b79c8dcf6bc3_HTTP400.xml")
    arxiv.answer = lambda ids: (400, refusal) if "2501.00666" in ids else all_known(ids)
    report = pull_ids(["2501.00001", "2501.00666", "2501.00002"])
    assert report.counts == outcome(new=2, failed=1)
    assert report.problems == (Problem("2501.00666", "arXiv: incorrect id format for abc"),)


def test_an_error_feed_never_becomes_a_paper(arxiv: Arxiv) -> None:
    arxiv.answer = lambda ids: (200, make_error("too many requests of this kind"))
    assert pull_ids(["2501.00001"]).counts == outcome(failed=1)
    assert not Paper.objects.exists()


def test_what_came_before_a_refusal_is_kept_and_the_refusal_reported(arxiv: Arxiv) -> None:
    def refuse_the_second(ids: list[str]) -> Answer:
        return all_known(ids) if len(arxiv.asked) == 1 else (403, b"")

    arxiv.answer = refuse_the_second
    report = pull_ids([f"2501.{number:05d}" for number in range(1, 104)])
    assert report.counts == outcome(new=100, failed=3)
    assert [problem.where for problem in report.problems] == ["2501.00101", "2501.00102", "2501.00103"]
    assert "refuses our requests (HTTP 403)" in report.problems[0].what
    assert len(arxiv.asked) == 2


def test_a_new_version_is_news(arxiv: Arxiv) -> None:
    pull_ids(["2501.00001"])
    arxiv.answer = lambda ids: (200, make_feed([make_entry("2501.00001v2", title="Revised")]))
    assert pull_ids(["2501.00001"]).counts == outcome(updated=1)
    assert Paper.objects.get().title == "Revised"
    assert list(PaperEvent.objects.values_list("kind", "detail")) == [("version", "v2")]


def test_an_older_version_that_is_asked_for_does_not_go_back(arxiv: Arxiv) -> None:
    pull_ids(["2501.00001v2"])
    pull_ids(["2501.00001v1"])
    assert Paper.objects.get().version == 2


def test_a_stub_of_this_identifier_is_filled(arxiv: Arxiv) -> None:
    make_paper("2501.00001", title="as printed", stub=True)
    assert pull_ids(["2501.00001"]).counts == outcome(updated=1)
    assert not Paper.objects.stubs().exists()


def test_requests_take_their_turn_on_the_lane_and_say_who_we_are(arxiv: Arxiv) -> None:
    pull_ids(["2501.00001"])
    assert RateLimit.objects.get().name == "arxiv"
    assert all("mailto:editor@example.org" in agent for agent in arxiv.agents)


def test_an_unsafe_address_of_arxiv_is_refused(settings: Settings) -> None:
    settings.ARXIV_API_URL = "http://export.arxiv.org/api/query"
    with pytest.raises(Refused, match=r"ARXIV_API_URL: .* must begin with https://"):
        pull_ids(["2501.00001"])


def test_the_command_reports_what_was_done(arxiv: Arxiv) -> None:
    out = StringIO()
    call_command("pull_arxiv", "--ids", "2501.00001,2501.00002", "arXiv:2501.00003", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {**outcome(new=3), "problems": []}


def test_the_command_ends_with_1_where_a_paper_is_missing(arxiv: Arxiv) -> None:
    arxiv.answer = lambda ids: (200, make_feed())
    out = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("pull_arxiv", "--ids", "2501.00001", stdout=out)
    assert ended.value.code == 1
    assert f"problem: 2501.00001: {NO_SUCH_PAPER}" in out.getvalue()
