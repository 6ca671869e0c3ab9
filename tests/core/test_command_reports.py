import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from core.command_reports import Problem, Refused, Report, ReportingCommand

FINE = Report({"new": 1200, "records_per_second": 7})
PARTLY = Report({"new": 1}, (Problem("line 3", "is no JSON; mend it"),))


class Reporting(ReportingCommand):
    """A command that did what it is given."""

    done: Report

    def report(self, **options: object) -> Report:
        return self.done


def outcome(report: Report, **options: object) -> tuple[str, int]:
    """What stands on stdout, and the exit code."""
    command, out = Reporting(stdout=StringIO()), StringIO()
    command.done = report
    try:
        call_command(command, stdout=out, **options)
    except SystemExit as ending:
        return out.getvalue(), int(ending.code or 0)
    return out.getvalue(), 0


def test_counts_are_printed_in_words() -> None:
    assert outcome(FINE) == ("new: 1,200\nrecords per second: 7\n", 0)


def test_a_problem_is_printed_and_makes_the_exit_code_1() -> None:
    assert outcome(PARTLY) == ("new: 1\nproblem: line 3: is no JSON; mend it\n", 1)


def test_json_is_one_object_on_the_last_line() -> None:
    said, code = outcome(PARTLY, json=True)
    assert json.loads(said.splitlines()[-1]) == {
        "new": 1,
        "problems": [{"where": "line 3", "what": "is no JSON; mend it"}],
    }
    assert code == 1


def test_json_keeps_every_letter() -> None:
    assert outcome(Report({}, (Problem("Ünï", "„quoted“"),)), json=True)[0].count("Ünï") == 1


def test_what_is_refused_has_exit_code_2() -> None:
    with pytest.raises(CommandError, match="Port 80 is taken") as refused:
        raise Refused("Port 80 is taken.")
    assert refused.value.returncode == 2
