"""Subscribers as CSV: what is written is read back, harmless in a spreadsheet, at the same cost for any number."""

import csv
import logging
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from subscribers.imports.export import CSV_COLUMNS, csv_lines, guard_cell
from subscribers.models import Subscriber
from tests.builders import make_series, make_subscriber

pytestmark = pytest.mark.django_db
KEPT = ("email", "name", "state", "depth", "paid_until", "consent_at")


def exported(*options: str) -> str:
    out = StringIO()
    call_command("export_subscribers", *options, stdout=out, stderr=StringIO())
    return out.getvalue()


def bring_in(folder: Path, text: str) -> None:
    path = folder / "export.csv"
    path.write_text(text, encoding="utf-8", newline="")
    call_command("import_subscribers", str(path), "--confirmed", stdout=StringIO(), stderr=StringIO())


def test_what_is_exported_is_read_back(tmp_path: Path) -> None:
    series = make_series(name="Deep; Dives, too", slug="deep")
    since = datetime(2025, 3, 1, 8, tzinfo=UTC)
    for email, name in (
        ("a@example.org", "Weller, Orion"),
        ("+b@example.org", "=1+1"),
        ("c@bücher.example.org", "'-x"),
    ):
        one = make_subscriber(
            email, name=name, depth="highlights", paid_until=date(2027, 1, 1), consent_at=since, confirmed_at=since
        )
        one.series.add(series)
    make_subscriber("d@example.org", state="pending", confirmed_at=None, consent_at=None)
    before = list(Subscriber.objects.order_by("email").values(*KEPT, "series__slug"))
    text = exported()
    Subscriber.objects.all().delete()
    bring_in(tmp_path, text)
    assert list(Subscriber.objects.order_by("email").values(*KEPT, "series__slug")) == before
    assert exported().splitlines()[0] == ",".join(CSV_COLUMNS)


@pytest.mark.parametrize("state", ["unsubscribed", "bounced", "complained"])
def test_who_left_is_in_the_export_and_does_not_come_back_by_it(tmp_path: Path, state: str) -> None:
    make_subscriber("a@example.org", state=state)
    text = exported()
    Subscriber.objects.all().delete()
    bring_in(tmp_path, text)
    assert state in text
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "+1", "-1", "@x", "\tx", "\rx", "'=x", "''+x"])
def test_no_cell_begins_as_a_formula_does(cell: str) -> None:
    assert guard_cell(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["Orion Weller", "O'Neill", "'s", "a=b", ""])
def test_other_cells_stay_as_they_are(cell: str) -> None:
    assert guard_cell(cell) == cell


def test_one_state_can_be_asked_for_and_nothing_else_stands_on_stdout() -> None:
    make_subscriber("a@example.org")
    make_subscriber("b@example.org", state="unsubscribed")
    rows = list(csv.DictReader(StringIO(exported("--state", "active"))))
    assert [row["email"] for row in rows] == ["a@example.org"]


def test_who_carried_how_many_away_stands_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    make_subscriber("a@example.org")
    with caplog.at_level(logging.INFO, "subscribers.imports.export"):
        exported()
    assert "(command) rows=1" in caplog.text
    assert "a@example.org" not in caplog.text


def test_it_costs_the_same_for_few_and_for_many() -> None:
    series, costs = make_series(), []
    for _round in range(2):
        for _person in range(5):
            make_subscriber().series.add(series)
        with CaptureQueriesContext(connection) as seen:
            list(csv_lines(Subscriber.objects.all()))
        costs.append(len(seen))
    assert costs[0] == costs[1]
