import json
import sys
from argparse import ArgumentParser
from collections import Counter
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from llmwatch.doctor import Finding, Level, examine


def _as_json(findings: list[Finding]) -> str:
    levels = Counter(finding.level for finding in findings)
    counts = {str(level): levels[level] for level in Level}
    problems = [
        {"where": one.name, "what": f"{one.sentence} {one.mend}"} for one in findings if one.level == Level.ERROR
    ]
    return json.dumps({**counts, "findings": [asdict(one) for one in findings], "problems": problems})


class Command(BaseCommand):
    help = "What is wrong with this installation: one line a check, with the mend. Exit code 1 where one is an error."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="report as one JSON object")
        parser.add_argument("--offline", action="store_true", help="ask nobody outside: no arXiv, Hugging Face, DNS")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = []
        for finding in examine(offline=options["offline"]):
            findings.append(finding)
            if not options["json"]:
                self.stdout.write(finding.line())
        if options["json"]:
            self.stdout.write(_as_json(findings))
        if any(finding.level == Level.ERROR for finding in findings):
            sys.exit(1)
