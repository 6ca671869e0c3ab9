"""A set harvested day by day from a little OAI-PMH on loopback: pages, checkpoints, resuming, refusals."""

import json
import zlib
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from core.command_reports import Refused, Report
from papers.ingest.harvest import RunStep, harvest_set
from papers.models import Paper, PaperVersion, Pull
from tests.builders import make_paper
from tests.connections import another
from tests.data import data_path, needs_data
from tests.papers.arxiv.oai import make_arxiv, make_deleted, make_oai_error, make_page, make_raw
from tests.servers.oai_server import OaiServer, serving_oai

pytestmark = pytest.mark.django_db
DAY, NEXT = date(2026, 11, 20), date(2026, 11, 21)
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ONE, TWO, THREE = "2509.00001", "2509.00002", "2509.00003"


@pytest.fixture
def oai(settings: Settings) -> Iterator[OaiServer]:
    with serving_oai() as served:
        settings.ARXIV_OAI_URL, settings.ARXIV_DELAY = served.url, 0.0
        yield served


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Its time goes on by itself, as pacing needs, but a test may set it."""
    with time_machine.travel(NOON) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def at_noon(clock: time_machine.Traveller) -> None:
    """Every test's today is 24 November 2026."""


def outcome(**counts: int) -> dict[str, int]:
    return {"new": 0, "updated": 0, "unchanged": 0, "missing": 0, "failed": 0, "pages": 0, **counts}


def two_days() -> dict[str, list[list[str]]]:
    return {"2026-11-20": [[make_raw(ONE)], [make_raw(TWO)]], "2026-11-21": [[make_raw(THREE)]]}


def run(first: date = DAY, last: date = NEXT, form: str = "arXivRaw") -> Report:
    return harvest_set("cs:cs:CL", first, last, form)


def stop_at(oai: OaiServer, status: int, *, skip: str) -> None:
    """From now on the page that this token asks for gets no answer."""
    oai.before = lambda asked: (status, b"") if f"skip%3D{skip}" in asked.get("resumptionToken", "") else None


def test_every_day_is_asked_for_alone_and_to_its_last_page(oai: OaiServer) -> None:
    oai.days = two_days()
    assert run().counts == outcome(new=3, pages=3)
    assert oai.asked[0] == {
        "verb": "ListRecords",
        "metadataPrefix": "arXivRaw",
        "set": "cs:cs:CL",
        "from": "2026-11-20",
        "until": "2026-11-20",
    }
    assert oai.asked[1] == {
        "verb": "ListRecords",
        "resumptionToken": "verb%3DListRecords%26from%3D2026-11-20%26skip%3D1",
    }
    assert oai.asked[2]["from"] == "2026-11-21"


def test_a_pull_tells_what_was_done(oai: OaiServer) -> None:
    oai.days = {"2026-11-20": [[make_raw(ONE), make_deleted(TWO)], [make_raw(title=""), make_raw(THREE)]]}
    run(last=DAY)
    pull = Pull.objects.get()
    assert (pull.source, pull.set_spec, pull.day, pull.form) == ("oai", "cs:cs:CL", DAY, "arXivRaw")
    assert (pull.outcome, pull.token, pull.pages, pull.records) == ("complete", "", 2, 4)
    assert (pull.new, pull.updated, pull.unchanged, pull.missing, pull.failed) == (2, 0, 0, 1, 1)
    assert len(pull.sha256) == 64
    assert pull.duration > timedelta(0)


def test_a_complete_day_is_not_asked_for_again(oai: OaiServer) -> None:
    oai.days = two_days()
    run()
    asked = len(oai.asked)
    assert run().counts == outcome()
    assert len(oai.asked) == asked


def test_a_day_in_another_format_is_another_window(oai: OaiServer) -> None:
    oai.days = {"2026-11-20": [[make_raw(ONE)]]}
    run(last=DAY)
    oai.days = {"2026-11-20": [[make_arxiv(ONE)]]}
    assert run(last=DAY, form="arXiv").counts == outcome(updated=1, pages=1)
    assert Paper.objects.get().authors == ["Guibin Zhang Jr."]


def test_a_day_without_changes_is_empty_and_asked_for_again(oai: OaiServer) -> None:
    assert run(last=DAY).counts == outcome(pages=1)
    assert Pull.objects.get().outcome == "empty"
    oai.days = {"2026-11-20": [[make_raw(ONE)]]}
    assert run(last=DAY).counts == outcome(new=1, pages=1)
    assert sorted(Pull.objects.values_list("outcome", flat=True)) == ["complete", "empty"]


def test_versions_licence_and_dates_come_from_the_raw_format(oai: OaiServer) -> None:
    licence = "https://creativecommons.org/licenses/by/4.0/"
    oai.days = {"2026-11-20": [[make_raw(ONE, versions=(2, 1, 3), fields=f"<license>{licence}</license>")]]}
    run(last=DAY)
    paper = Paper.objects.get()
    assert (paper.version, paper.licence, paper.datestamp) == (3, licence, DAY)
    assert paper.submitted == datetime(2025, 9, 1, 10, tzinfo=UTC)
    assert list(PaperVersion.objects.values_list("version", "licence")) == [(3, licence), (2, ""), (1, "")]


def test_a_deleted_record_deletes_nothing(oai: OaiServer) -> None:
    make_paper(ONE)
    oai.days = {"2026-11-20": [[make_deleted(ONE)]]}
    assert run(last=DAY).counts == outcome(missing=1, pages=1)
    assert Paper.objects.count() == 1


def test_a_record_that_cannot_be_read_is_named_and_its_day_asked_for_again(oai: OaiServer) -> None:
    oai.days = {"2026-11-20": [[make_raw(ONE, title=""), make_raw(TWO)]]}
    report = run(last=DAY)
    assert report.counts == outcome(new=1, failed=1, pages=1)
    assert [(p.where, p.what) for p in report.problems] == [(f"oai:arXiv.org:{ONE}", f"{ONE} has no title")]
    oai.days = {"2026-11-20": [[make_raw(ONE), make_raw(TWO)]]}
    assert run(last=DAY).counts == outcome(new=1, unchanged=1, pages=1)


def test_what_came_before_a_fault_is_kept_and_gone_on_with(oai: OaiServer) -> None:
    oai.days = two_days()
    stop_at(oai, 404, skip="1")
    report = run()
    assert report.counts == outcome(new=1, pages=1)
    assert report.problems[0].where == "cs:cs:CL 2026-11-20"
    assert report.problems[0].what.endswith("Run the same again later: it goes on from here.")
    assert (Pull.objects.get().outcome, Pull.objects.get().pages) == ("pending", 1)

    oai.before = lambda asked: None
    oai.asked.clear()
    assert run().counts == outcome(new=2, pages=2)
    assert oai.asked[0].keys() == {"verb", "resumptionToken"}
    assert list(Pull.objects.order_by("day").values_list("outcome", "pages")) == [("complete", 2), ("complete", 1)]


def test_a_process_that_was_killed_leaves_a_day_to_go_on_with(oai: OaiServer) -> None:
    oai.days = two_days()

    def killed(step: RunStep) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        harvest_set("cs:cs:CL", DAY, NEXT, progress=killed)
    assert (Pull.objects.get().outcome, Paper.objects.count()) == ("running", 1)
    assert run().counts == outcome(new=2, pages=2)


def test_a_day_is_begun_anew_where_its_token_is_from_yesterday(oai: OaiServer, clock: time_machine.Traveller) -> None:
    oai.days = two_days()
    stop_at(oai, 404, skip="1")
    run()
    oai.before = lambda asked: None
    oai.asked.clear()
    clock.move_to(NOON + timedelta(days=1))
    assert run().counts == outcome(new=2, unchanged=1, pages=3)
    assert "resumptionToken" not in oai.asked[0]
    assert Pull.objects.get(day=DAY).records == 2


def test_a_day_is_begun_anew_once_where_its_token_is_refused(oai: OaiServer) -> None:
    oai.days = two_days()
    oai.before = lambda asked: (
        (200, make_oai_error("badResumptionToken")) if "resumptionToken" in asked and len(oai.asked) == 2 else None
    )
    assert run(last=DAY).counts == outcome(new=2, unchanged=1, pages=3)


def test_a_day_whose_every_token_is_refused_is_left_for_later(oai: OaiServer) -> None:
    oai.days = two_days()
    oai.before = lambda asked: (200, make_oai_error("badResumptionToken")) if "resumptionToken" in asked else None
    assert "does not take its own token" in run(last=DAY).problems[0].what
    assert Pull.objects.get().outcome == "pending"


def test_a_question_that_arxiv_refuses_is_not_repeated(oai: OaiServer) -> None:
    oai.faults = [(200, make_oai_error("badArgument", "Reason: no such set"))]
    report = run()
    assert report.problems[0].what == "arXiv refuses the question (badArgument): Reason: no such set"
    assert (Pull.objects.get().outcome, Pull.objects.get().reason) == ("refused", "badArgument: Reason: no such set")
    assert len(oai.asked) == 1


def test_a_refusal_ends_it_and_leaves_the_day_pending(oai: OaiServer) -> None:
    oai.days = two_days()
    oai.faults = [(403, b"")]
    assert "HTTP 403" in run().problems[0].what
    assert "nothing is sent to arXiv before 25 November 2026" in run().problems[0].what
    assert (Pull.objects.get().outcome, len(oai.asked)) == ("pending", 1)


def test_a_list_that_is_shorter_than_arxiv_counted_is_not_complete(oai: OaiServer) -> None:
    oai.before = lambda asked: (200, make_page([make_raw(ONE)], list_size=2))
    assert "arXiv counted 2 records and sent 1" in run(last=DAY).problems[0].what
    assert (Pull.objects.get().outcome, Paper.objects.count()) == ("pending", 0)


def test_a_token_that_promised_more_than_there_is_does_not_complete_the_day(oai: OaiServer) -> None:
    oai.days = two_days()
    oai.before = lambda asked: (200, make_oai_error("noRecordsMatch")) if "resumptionToken" in asked else None
    assert "nothing left though its token promised more" in run(last=DAY).problems[0].what
    assert (Pull.objects.get().outcome, Pull.objects.get().pages) == ("pending", 0)


def test_a_token_that_leads_to_itself_is_found_out(oai: OaiServer) -> None:
    oai.before = lambda asked: (200, make_page([make_raw(ONE)], "6960524|1001"))
    assert "token leads to itself" in run(last=DAY).problems[0].what


@pytest.mark.django_db(transaction=True)
def test_a_day_that_another_process_is_at_is_left_to_it(oai: OaiServer) -> None:
    oai.days = two_days()
    with another() as other:
        other.execute("SELECT pg_advisory_lock(%s)", [zlib.crc32(b"harvest:cs:cs:CL:2026-11-20:arXivRaw")])
        report = run()
    assert report.counts == outcome(new=1, pages=1)
    assert [(p.where, p.what) for p in report.problems] == [
        ("cs:cs:CL 2026-11-20", "another process is harvesting this day.")
    ]


@pytest.mark.parametrize(
    ("set_spec", "first", "last", "form", "sentence"),
    [
        ("CS", DAY, DAY, "arXivRaw", "“CS” is no set of arXiv"),
        ("cs:cs:CL:x", DAY, DAY, "arXivRaw", "is no set of arXiv"),
        ("cs", DAY, DAY, "oai_dc", "“oai_dc” is not read; write arXivRaw or arXiv"),
        ("cs", date(2005, 9, 15), DAY, "arXivRaw", "arXiv's records begin on 2005-09-16"),
        ("cs", NEXT, DAY, "arXivRaw", "is before --from"),
        ("cs", DAY, date(2026, 11, 24), "arXivRaw", "must be before today"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    oai: OaiServer, set_spec: str, first: date, last: date, form: str, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        harvest_set(set_spec, first, last, form)
    assert oai.asked == []


def test_an_unsafe_address_is_refused(settings: Settings) -> None:
    settings.ARXIV_OAI_URL = "http://oaipmh.arxiv.org/oai"
    with pytest.raises(Refused, match=r"ARXIV_OAI_URL: .* must begin with https://"):
        run()


def test_progress_is_told_page_by_page(oai: OaiServer) -> None:
    oai.days = two_days()
    steps: list[RunStep] = []
    harvest_set("cs:cs:CL", DAY, NEXT, progress=steps.append)
    assert [(str(step.window), step.pages, step.records) for step in steps] == [
        ("cs:cs:CL 2026-11-20", 1, 1),
        ("cs:cs:CL 2026-11-20", 2, 1),
        ("cs:cs:CL 2026-11-21", 1, 1),
    ]


def test_the_command_reports_in_json_and_tells_its_progress(oai: OaiServer, capsys: pytest.CaptureFixture[str]) -> None:
    oai.days = two_days()
    out = StringIO()
    days = ("--from", "2026-11-20", "--until", "2026-11-21")
    call_command("harvest_arxiv", "--set", "cs:cs:CL", *days, "--json", stdout=out)
    assert json.loads(out.getvalue()) == {**outcome(new=3, pages=3), "problems": []}
    assert "cs:cs:CL 2026-11-20: page 2, 1 papers\n" in capsys.readouterr().err


def test_the_command_ends_with_1_where_something_is_left(oai: OaiServer) -> None:
    oai.faults = [(403, b"")]
    with pytest.raises(SystemExit) as ended:
        call_command("harvest_arxiv", "--set", "cs", "--from", "2026-11-20", "--until", "2026-11-20", stdout=StringIO())
    assert ended.value.code == 1


def test_the_command_names_a_day_that_is_none(oai: OaiServer) -> None:
    with pytest.raises(CommandError, match="argument --from: “yesterday” is no day; write it like 2026-11-20"):
        call_command("harvest_arxiv", "--set", "cs", "--from", "yesterday", "--until", "2026-11-20")
    assert oai.asked == []


@needs_data
def test_the_generated_pages_are_harvested_and_the_second_time_nothing_is_new(oai: OaiServer) -> None:
    bodies = [data_path(f"arxiv/oai_pmh/arxiv_server_generated/list_records_arXivRaw_p{n}.xml") for n in (1, 2, 3)]
    served = iter(2 * bodies)
    oai.before = lambda asked: (200, next(served).read_bytes())
    assert run(last=DAY).counts == outcome(new=501, pages=3)
    assert run(DAY + timedelta(days=1)).counts == outcome(unchanged=501, pages=3)
