from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils import timezone

from llmwatch.lib.reports import Refused, Report, ReportingCommand
from subscribers.importing import import_subscribers
from subscribers.sheets import Unreadable


class Command(ReportingCommand):
    help = (
        "Brings in subscribers from a CSV file (e-mail, name, topics). Nobody is mailed; the same file changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument("--confirmed", action="store_true", help="they have consented: active at once")

    def report(self, **options: Any) -> Report:
        path, confirmed = options["file"], options["confirmed"]
        try:
            return import_subscribers(path, confirmed=confirmed, now=timezone.now(), say=self.stderr.write)
        except OSError as error:
            raise Refused(f"{path} cannot be read: {error.strerror}.") from None
        except Unreadable as error:
            raise Refused(str(error)) from None
