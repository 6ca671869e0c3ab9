import sys
from argparse import ArgumentParser
from typing import Any

from core.command_reports import Report, ReportingCommand
from papers.ingest.fetch_by_id import pull_ids
from papers.ingest.run import RunStep
from papers.ingest.scheduler import follow_arxiv
from papers.ingest.watch_search import search_for_watch


class Command(ReportingCommand):
    help = "Fetches papers from arXiv: new ones are added, known ones brought up to date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--ids", nargs="+", metavar="ID", help="identifiers, addresses or DOIs")
        which.add_argument("--watch", metavar="SLUG", help="this watch's feeds now, and its words over the last week")
        which.add_argument("--due", action="store_true", help="what is due for all watches, for ten minutes at most")

    def report(self, **options: Any) -> Report:
        if options["due"]:
            return follow_arxiv(progress=self.tell)
        if options["watch"] is not None:
            return search_for_watch(options["watch"], progress=self.tell)
        return pull_ids([written for words in options["ids"] for written in words.split(",") if written.strip()])

    def tell(self, step: RunStep) -> None:
        sys.stderr.write(f"{step.window}: page {step.pages}, {step.records:,} papers\n")
