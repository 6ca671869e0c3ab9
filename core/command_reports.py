"""Commands that report: counts and problems on stdout, one JSON object with `--json`, exit codes 0, 1 and 2."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Refused(CommandError):
    """Unusable arguments or input: one clear sentence, exit code 2, nothing changed."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, returncode=2)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that went wrong: where (a file and line, an id, a title) and what, with the mend."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a command did. Counts are printed in their order; problems make the exit code 1."""

    counts: Mapping[str, int]
    problems: tuple[Problem, ...] = field(default=())

    def as_json(self) -> str:
        problems = [{"where": problem.where, "what": problem.what} for problem in self.problems]
        return json.dumps({**self.counts, "problems": problems}, ensure_ascii=False)

    def lines(self) -> list[str]:
        counts = [f"{name.replace('_', ' ')}: {count:,}" for name, count in self.counts.items()]
        return counts + [f"problem: {problem.where}: {problem.what}" for problem in self.problems]


class ReportingCommand(BaseCommand):
    """A thin door: `report()` does the work and returns what was done."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="report as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        report = self.report(**options)
        self.stdout.write(report.as_json() if options["json"] else "\n".join(report.lines()))
        if report.problems:
            sys.exit(1)

    def report(self, **options: Any) -> Report:
        raise NotImplementedError
