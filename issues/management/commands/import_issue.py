from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from core.command_reports import Report, ReportingCommand
from issues.imports.import_issue import import_issue


class Command(ReportingCommand):
    help = "Brings a text or Markdown issue in, with its papers and terms. The same file again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, help="plain text, or Markdown (.md, .markdown or front matter)")
        parser.add_argument("--title", default="", help="needed where the file has none")
        parser.add_argument("--slug", default="", help="default: from the title")
        parser.add_argument("--number", type=int)
        parser.add_argument("--series", default="", help="slug or name; an unknown one is made")
        parser.add_argument("--overwrite", action="store_true", help="over an issue that was edited since")
        parser.add_argument("--publish", action="store_true", help="on the web only, no mail")

    def report(self, **options: Any) -> Report:
        names = ("title", "slug", "number", "series", "overwrite", "publish")
        return import_issue(options["file"], **{name: options[name] for name in names}, say=self.stderr.write)
