"""Lists with faults in more than twenty ways: right counts, nobody lost beside a broken line, all of it told."""

import csv
import json
from contextlib import suppress
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from subscribers.addresses import address_hash
from subscribers.models import Subscriber, Suppression
from tests.subscribers.imports import crooked

pytestmark = pytest.mark.django_db


def bring_in(folder: Path, count: int, every: int) -> tuple[dict[str, Any], list[list[str]]]:
    path, report, out = folder / "list.csv", folder / "report.csv", StringIO()
    with path.open("wb") as file:
        file.writelines(crooked.lines(count, every))
    options = ["--confirmed", "--json", "--report", str(report)]
    with suppress(SystemExit):
        call_command("import_subscribers", str(path), *options, stdout=out, stderr=StringIO())
    with report.open(encoding="utf-8", newline="") as file:
        return json.loads(out.getvalue()), list(csv.reader(file))


def suppress_some(count: int, every: int) -> None:
    Suppression.objects.bulk_create(
        Suppression(address_hash=address_hash(email), reason="bounced") for email in crooked.suppressed(count, every)
    )


@pytest.mark.parametrize("way", crooked.WAYS, ids=lambda way: way.name.replace(" ", "-"))
def test_each_fault_costs_its_own_line_and_no_other(tmp_path: Path, way: crooked.Way) -> None:
    Suppression.objects.create(address_hash=address_hash(f"7-{crooked.SUPPRESSED}"), reason="bounced")
    line = way.makes(7)
    path, out = tmp_path / "list.csv", StringIO()
    around = [crooked.HEAD, crooked.good(0), line, crooked.good(1), crooked.good(2)]
    path.write_bytes(b"".join(one if isinstance(one, bytes) else one.encode() for one in around))
    with suppress(SystemExit):
        call_command("import_subscribers", str(path), "--confirmed", "--json", stdout=out, stderr=StringIO())
    report = json.loads(out.getvalue())
    assert report["created"] == 3 + (way.counts_as == "created")
    assert not way.counts_as or report[way.counts_as] >= 1
    assert Subscriber.objects.filter(email__in=[crooked.address(number) for number in range(3)]).count() == 3


def check(folder: Path, count: int, every: int) -> None:
    suppress_some(count, every)
    report, rows = bring_in(folder, count, every)
    expected = crooked.expected(count, every)
    names = ("created", "duplicates", "left_elsewhere", "suppressed", "invalid")
    assert {name: report[name] for name in names} == {name: expected[name] for name in names}
    heads = sum(row[1].startswith("It repeats") for row in rows)
    assert len(rows) == 1 + heads + sum(expected[name] for name in names[1:])
    assert len(report["problems"]) <= 51
    again, _rows = bring_in(folder, count, every)
    assert (again["created"], again["updated"], again["unchanged"]) == (0, 0, report["created"])


def test_two_thousand_lines_with_every_fault_are_counted_right_and_the_second_time_change_nothing(
    tmp_path: Path,
) -> None:
    check(tmp_path, 2_000, 10)


@pytest.mark.soak
def test_a_million_lines_with_two_in_a_hundred_broken_are_counted_right(tmp_path: Path) -> None:
    check(tmp_path, 1_000_000, 50)
