"""The doctor: each check says how it is, and the mend."""

import json
import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django.fixtures import Settings

from core.clock import Clock
from core.concurrency import rate_limits
from core.models import LastRun, RateLimit
from llmwatch.doctor import Finding, arxiv, broker, clock_check, database, huggingface, probe, settings_check
from papers.models import Pull, Watch
from tests.arxiv_simulator.faults import Plan
from tests.arxiv_simulator.making import failing, make_papers, make_simulator
from tests.arxiv_simulator.server import serving
from tests.builders import NOON
from tests.data import ROOT
from tests.papers import hugging_face

DAY = timedelta(days=1)
AT_NOON = Clock(now=lambda: NOON, sleep=lambda seconds: None)
Asked = Callable[[Plan], dict[str, str]]


def levels(findings: Iterable[Finding]) -> dict[str, str]:
    return {finding.name: str(finding.level) for finding in findings}


@pytest.mark.django_db
def test_the_database_of_the_tests_is_well() -> None:
    found = levels(database.check_database(AT_NOON))
    expected = {"database", "database.encoding", "database.extensions", "database.migrations", "media.disk"}
    assert expected <= set(found)
    assert {found[name] for name in expected - {"media.disk"}} == {"ok"}


@pytest.mark.parametrize(("number", "level"), [(150_000, "ok"), (180_006, "ok"), (140_009, "error")])
def test_an_old_database_is_an_error(number: int, level: str) -> None:
    assert database.judge_version(number).level == level


def test_what_a_database_lacks_is_named_with_its_mend() -> None:
    assert database.judge_encoding("SQL_ASCII").level == "error"
    assert "CREATE EXTENSION pg_trgm; CREATE EXTENSION unaccent" in database.judge_extensions(set()).mend
    waiting = database.judge_migrations(["papers.0009_x", "papers.0010_y"])
    assert waiting.sentence == "Migrations that wait: 2; the first is papers.0009_x."


@pytest.mark.parametrize(("free", "level"), [(10**10, "ok"), (10**9, "warning"), (10**8, "error")])
def test_a_full_disk_is_told_before_it_is_full(free: int, level: str) -> None:
    assert database.judge_room("media.disk", free).level == level


@pytest.mark.django_db
def test_a_broker_that_does_not_answer_is_an_error(settings: Settings) -> None:
    settings.REDIS_URL = "unix:///nonexistent/valkey.sock?db=0"
    assert levels(broker.check_broker(AT_NOON)) == {"broker": "error"}


@pytest.mark.django_db
def test_a_broker_without_workers_is_told_apart() -> None:
    assert levels(broker.check_broker(AT_NOON)) == {"broker": "ok", "worker": "error"}


def test_workers_are_counted() -> None:
    assert (broker.judge_workers(0).level, broker.judge_workers(1).level) == ("error", "ok")


@pytest.mark.django_db
def test_a_clock_that_nobody_winds_is_an_error() -> None:
    assert levels(broker.last_tick(AT_NOON)) == {"beat": "error"}
    LastRun.objects.leave("tick", NOON - timedelta(minutes=4))
    assert levels(broker.last_tick(AT_NOON)) == {"beat": "ok"}
    LastRun.objects.leave("tick", NOON - timedelta(minutes=6))
    assert levels(broker.last_tick(AT_NOON)) == {"beat": "error"}


@pytest.mark.parametrize(("seconds", "level"), [(0, "ok"), (-5, "ok"), (6, "warning"), (-61, "error")])
def test_clocks_that_disagree_are_told(seconds: int, level: str) -> None:
    assert clock_check.judge_clock("clock", "the database", NOON + timedelta(seconds=seconds), NOON).level == level


@pytest.mark.django_db
def test_the_databases_clock_is_looked_at() -> None:
    assert levels(clock_check.check_clocks(AT_NOON)) == {"clock": "error"}


def make_choice(**changes: Any) -> settings_check.ChosenSettings:
    """A public site whose settings are no risk."""
    safe = {
        "debug": False,
        "site_url": "https://news.example.org",
        "contact": "editor@example.org",
        "postal_address": "1 Example Street",
        "mail_host": "mail.example.org",
        "mail_password": "secret",
        "mail_is_encrypted": True,
        "edge_url": "",
        "refresh_key": "",
        "keys_are_the_same": False,
    }
    return settings_check.ChosenSettings(**{**safe, **changes})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, {}),
        ({"debug": True}, {"settings.debug": "error"}),
        ({"debug": True, "site_url": "http://127.0.0.1:8000"}, {}),
        ({"site_url": "http://news.example.org"}, {"settings.site_url": "warning"}),
        ({"contact": "http://127.0.0.1:8000"}, {"settings.arxiv_contact": "warning"}),
        ({"postal_address": ""}, {"settings.postal_address": "warning"}),
        ({"mail_is_encrypted": False}, {"settings.email_url": "error"}),
        ({"mail_is_encrypted": False, "mail_host": "localhost"}, {}),
        ({"refresh_key": "a key"}, {"settings.edge": "warning"}),
        ({"keys_are_the_same": True}, {"settings.keys": "warning"}),
    ],
)
def test_risky_settings_are_named(changes: dict[str, Any], expected: dict[str, str]) -> None:
    assert levels(settings_check.check_settings(make_choice(**changes))) == expected


@pytest.fixture
def asked(settings: Settings, db: None) -> Asked:
    """What the doctor says of the three addresses of an arXiv that behaves so."""

    def ask(plan: Plan) -> dict[str, str]:
        simulator = make_simulator(make_papers(1), plan=plan)
        clock = Clock(simulator.clock.now, simulator.clock.advance)
        with serving(simulator):
            settings.ARXIV_API_URL = f"{simulator.origin}/api/query"
            settings.ARXIV_OAI_URL = f"{simulator.origin}/oai"
            settings.ARXIV_RSS_URL = f"{simulator.origin}/rss"
            return levels(arxiv.check_addresses(clock))

    return ask


def test_arxiv_is_asked_once_at_each_address(asked: Asked) -> None:
    found = asked(Plan({}))
    assert [found[f"arxiv.{name}"] for name in ("api", "oai", "rss")] == ["ok", "ok", "ok"]


def test_the_clock_is_compared_with_the_date_of_arxivs_answer() -> None:
    date = {"date": "Sun, 07 Sep 2025 12:00:10 GMT"}
    assert levels(arxiv.against_arxiv(date, NOON)) == {"clock.arxiv": "warning"}
    assert levels(arxiv.against_arxiv({"date": "yesterday"}, NOON)) == {}


def test_an_arxiv_that_asks_for_patience_is_a_warning(asked: Asked) -> None:
    assert asked(failing("503"))["arxiv.api"] == "warning"


def test_a_page_that_is_none_of_arxivs_is_an_error(asked: Asked) -> None:
    assert asked(failing("html"))["arxiv.api"] == "error"


def test_a_refusal_closes_the_road_and_the_next_address_is_not_asked(asked: Asked) -> None:
    assert asked(failing("403"))["arxiv.api"] == "error"
    assert RateLimit.objects.get(name="arxiv").closed_until is not None


@pytest.mark.django_db
def test_a_closed_road_says_until_when_and_why() -> None:
    rate_limits.close_until("arxiv", DAY, "arXiv refuses our requests", clock=AT_NOON)
    (found,) = arxiv.check_rate_limit(AT_NOON)
    assert (found.level, "2025-09-08 12:00 UTC" in found.sentence) == ("error", True)
    assert list(arxiv.check_addresses(AT_NOON)) == []


@pytest.mark.django_db
def test_arxiv_is_left_alone_while_it_announces(settings: Settings) -> None:
    settings.ARXIV_API_URL = "http://127.0.0.1:1"
    at_midnight = Clock(now=lambda: NOON.replace(hour=0), sleep=lambda seconds: None)
    assert levels(arxiv.check_addresses(at_midnight)) == {"arxiv.answers": "ok"}


def test_the_last_whole_feed_of_each_followed_category_is_told() -> None:
    days = {"cs.CL": date(2025, 9, 5), "cs.LG": date(2025, 9, 1)}
    found = levels(arxiv.feeds_of(["cs.CL", "cs.LG", "cs.AI"], days, NOON.date()))
    assert found == {"arxiv.feed.cs.CL": "ok", "arxiv.feed.cs.LG": "error", "arxiv.feed.cs.AI": "warning"}
    assert levels(arxiv.feeds_of([], {}, NOON.date())) == {"arxiv.watches": "warning"}


@pytest.mark.django_db
def test_windows_that_are_unfinished_for_days_are_a_warning() -> None:
    Watch.objects.create(name="Agents", slug="agents", categories=["cs.CL"])
    Pull.objects.create(source="rss", set_spec="cs.CL", day=NOON.date(), outcome="complete")
    assert levels(arxiv.check_pulls(AT_NOON)) == {"arxiv.feed.cs.CL": "ok", "arxiv.windows": "ok"}
    Pull.objects.create(source="oai", set_spec="cs:cs:CL", day=NOON.date(), started=NOON - 3 * DAY)
    assert levels(arxiv.check_pulls(AT_NOON))["arxiv.windows"] == "warning"


@pytest.mark.django_db
def test_hugging_face_is_asked_or_said_to_be_off(settings: Settings) -> None:
    with hugging_face.serving() as there:
        settings.HF_API_URL = there.url
        assert levels(huggingface.check_address(AT_NOON)) == {"huggingface": "ok"}
        there.gives(b"", 500)
        assert levels(huggingface.check_address(AT_NOON)) == {"huggingface": "warning"}
    assert levels(huggingface.check_address(AT_NOON)) == {"huggingface": "error"}
    settings.HF_API_URL = ""
    assert list(huggingface.check_address(AT_NOON)) == []
    assert levels(huggingface.check_rate_limit(AT_NOON)) == {"huggingface": "ok"}


@pytest.mark.django_db
def test_the_doctor_waits_for_its_turn_no_longer_than_usual_afterwards() -> None:
    with pytest.raises(probe.NoAnswer, match="not safe"):
        probe.ask_address("http://example.org", lane="arxiv", delay=0.0, clock=AT_NOON)
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)


@pytest.fixture
def no_broker(settings: Settings) -> None:
    """So that nobody waits for workers."""
    settings.REDIS_URL = "unix:///nonexistent/valkey.sock?db=0"


def run(*options: str) -> tuple[str, bool]:
    """What the command says, and whether it ends well."""
    out = StringIO()
    try:
        call_command("doctor", "--offline", *options, stdout=out)
    except SystemExit:
        return out.getvalue(), False
    return out.getvalue(), True


@pytest.mark.django_db
def test_the_command_says_one_line_a_check_and_fails_where_one_is_an_error(no_broker: None) -> None:
    said, is_well = run()
    lines = [line.split("\t") for line in said.splitlines()]
    assert ["ok", "database.encoding", "It keeps text as UTF8."] in lines
    assert {len(line) for line in lines if line[0] != "ok"} == {4}
    assert not is_well


@pytest.mark.django_db
def test_the_command_reports_as_json(no_broker: None) -> None:
    report = json.loads(run("--json")[0])
    assert report["error"] == len(report["problems"]) > 0
    assert report["ok"] + report["warning"] + report["error"] == len(report["findings"])
    assert set(report["findings"][0]) == {"level", "name", "sentence", "mend"}


@pytest.mark.django_db(transaction=True)
def test_without_a_database_the_rest_that_can_be_told_is_told(no_broker: None) -> None:
    there = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict["HOST"] = "/nonexistent"
    try:
        said, is_well = run()
    finally:
        connection.settings_dict["HOST"] = there
    names = [line.split("\t")[1] for line in said.splitlines()]
    assert "database" in names
    assert "broker" in names
    assert "beat" not in names
    assert not is_well


def test_the_runbook_has_the_mend_of_every_check() -> None:
    sources = "".join(path.read_text() for path in sorted((ROOT / "llmwatch" / "doctor").glob("*.py")))
    names = set(re.findall(r'(?:ok|warning|error)\(\s*"((?!settings)[a-z_.]+)"', sources))
    runbook = (ROOT / "docs" / "runbook.md").read_text()
    assert len(names) > 10
    assert [name for name in sorted(names) if f"`{name}`" not in runbook] == []
