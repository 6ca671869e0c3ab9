import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime, timedelta
from typing import Any

from core.command_reports import Refused, Report, ReportingCommand
from papers.ingest.replay import ParsedAgain, replay_responses
from papers.models import ArxivResponse, Pull

LATEST = datetime(9999, 1, 1, tzinfo=UTC)


class Command(ReportingCommand):
    help = "Reads arXiv's answers again that are kept; arXiv is not asked. Safe to repeat and to break off."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--since", required=True, type=_begin, metavar="DATE", help="a day or a time, UTC")
        parser.add_argument("--until", type=_end, metavar="DATE", help="the last day, or a time; else all until now")
        parser.add_argument("--source", default="", choices=Pull.Source.values, help="only answers of this interface")

    def report(self, **options: Any) -> Report:
        if options["until"] and options["until"] <= options["since"]:
            raise Refused("--until is before --since.")
        return replay_responses(options["since"], options["until"], options["source"], progress=self.tell)

    def tell(self, body: ArxivResponse, read: ParsedAgain) -> None:
        when = body.fetched.astimezone(UTC)
        sys.stderr.write(f"{when:%Y-%m-%dT%H:%M:%S} {body.get_source_display()}: {len(read.records):,} papers\n")


def _begin(written: str) -> datetime:
    try:
        return _utc(datetime.fromisoformat(written))
    except (ValueError, OverflowError):
        raise ArgumentTypeError(f"“{written}” is no day; write it like 2026-11-20.") from None


def _end(written: str) -> datetime:
    """A day counts to its end."""
    begin = _begin(written)
    return min(begin, LATEST) + timedelta(days=1) if len(written) == len("2026-11-20") else begin


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
