import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from core.command_reports import Report, ReportingCommand
from papers.arxiv.oai_client import METADATA_FORMATS
from papers.ingest.harvest import RunStep, harvest_set


class Command(ReportingCommand):
    help = "Fetches what changed in a set of arXiv (OAI-PMH) day by day. Run again, it goes on where it stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--set", required=True, help="for example cs:cs:CL, or cs for all of computer science")
        parser.add_argument("--from", required=True, type=_day, metavar="DATE", help="the first day, UTC")
        parser.add_argument("--until", required=True, type=_day, metavar="DATE", help="the last day, UTC")
        parser.add_argument(
            "--format", default=METADATA_FORMATS[0], choices=METADATA_FORMATS, help="arXivRaw has versions and licences"
        )

    def report(self, **options: Any) -> Report:
        return harvest_set(options["set"], options["from"], options["until"], options["format"], progress=self.tell)

    def tell(self, step: RunStep) -> None:
        sys.stderr.write(f"{step.window}: page {step.pages}, {step.records:,} papers\n")


def _day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        raise ArgumentTypeError(f"“{written}” is no day; write it like 2026-11-20.") from None
