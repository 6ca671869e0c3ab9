from argparse import ArgumentParser
from typing import Any

from llmwatch.lib.reports import Report, ReportingCommand
from papers.pulling import pull_ids


class Command(ReportingCommand):
    help = "Fetches papers from arXiv: new ones are added, known ones brought up to date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--ids", nargs="+", required=True, metavar="ID", help="identifiers, addresses or DOIs")

    def report(self, **options: Any) -> Report:
        ids = [written for words in options["ids"] for written in words.split(",") if written.strip()]
        return pull_ids(ids)
