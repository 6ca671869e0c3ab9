import csv
from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management import CommandError
from django.utils import timezone

from core.command_reports import Refused, Report, ReportingCommand
from subscribers.imports.csv_file import UnreadableFile
from subscribers.imports.import_subscribers import ConsentBasis, TellProgress, import_subscribers


class Command(ReportingCommand):
    help = (
        "Brings in subscribers from a CSV file (e-mail, name, topics). Nobody is mailed; the same file changes nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument("--confirmed", action="store_true", help="they have consented: active at once")
        parser.add_argument("--words", default="", metavar="TEXT", help="what they have consented to, kept as proof")
        parser.add_argument("--report", type=Path, metavar="FILE", help="every line that is not taken, as CSV")

    def report(self, **options: Any) -> Report:
        path: Path = options["file"]
        basis = ConsentBasis(path.name, options["confirmed"], timezone.now(), options["words"])
        try:
            with ExitStack() as stack:
                return import_subscribers(path, basis, say=self.stderr.write, tell=_teller(options["report"], stack))
        except OSError as error:
            raise Refused(f"{error.filename or path} cannot be read or written: {error.strerror}.") from None
        except UnreadableFile as error:
            raise Refused(str(error)) from None
        except KeyboardInterrupt:
            raise CommandError("Stopped. What was written stays, and the same command again does the rest.") from None


def _teller(path: Path | None, stack: ExitStack) -> TellProgress:
    if path is None:
        return lambda untaken: None
    file = stack.enter_context(path.open("w", encoding="utf-8", newline=""))
    rows = csv.writer(file)
    rows.writerow(["line", "why"])
    return lambda untaken: rows.writerows((one.number, one.why) for one in untaken)
