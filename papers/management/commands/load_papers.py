import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from core.command_reports import Report, ReportingCommand
from papers.ingest.bulk_load import load_files
from papers.ingest.progress_bar import show_progress


class Command(ReportingCommand):
    help = "Loads papers from files of JSON lines (.gz and .xz too). The same file again writes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="corpus, archive or arXiv's snapshot")

    def report(self, **options: Any) -> Report:
        with show_progress(options["files"], sys.stderr) as progress:
            return load_files(options["files"], progress=progress)
