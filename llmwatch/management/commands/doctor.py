import json
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from llmwatch.doctor import Finding, FindingLevel, run_checks, test_message
from llmwatch.doctor.received import message


def _as_json(findings: list[Finding]) -> str:
    levels = Counter(finding.level for finding in findings)
    counts = {str(level): levels[level] for level in FindingLevel}
    problems = [
        {"where": one.name, "what": f"{one.sentence} {one.mend}"} for one in findings if one.level == FindingLevel.ERROR
    ]
    return json.dumps({**counts, "findings": [asdict(one) for one in findings], "problems": problems})


def _examined(options: dict[str, Any]) -> Iterable[Finding]:
    if options["mail_to"] is not None:
        return test_message.send_test_message(options["mail_to"])
    if options["message"] is not None:
        return message.check_message(message.fetch_message(options["message"]))
    return run_checks(offline=options["offline"])


class Command(BaseCommand):
    help = "What is wrong with this installation: one line a check, with the mend. Exit code 1 where one is an error."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="report as one JSON object")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--offline", action="store_true", help="ask nobody outside: no arXiv, Hugging Face, DNS")
        what.add_argument("--mail-to", metavar="ADDRESS", help="send one test message there, in the form of an issue")
        what.add_argument("--message", metavar="FILE", help="look at a message as it arrived; - reads it from stdin")

    def handle(self, *args: Any, **options: Any) -> None:
        findings = []
        for finding in _examined(options):
            findings.append(finding)
            if not options["json"]:
                self.stdout.write(finding.line())
        if options["json"]:
            self.stdout.write(_as_json(findings))
        if any(finding.level == FindingLevel.ERROR for finding in findings):
            sys.exit(1)
