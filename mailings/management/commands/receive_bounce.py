import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from mailings.bounces import process
from mailings.bounces.parser import MAX_BYTES, NotAReport


class Command(BaseCommand):
    help = "For a mail server's pipe: takes a mail that came back, on stdin. Ends with 75 where it shall be kept there."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        # As Postfix and Exim name it to what they start.
        known = os.environ.get("ORIGINAL_RECIPIENT") or os.environ.get("RECIPIENT", "")
        parser.add_argument("--recipient", default=known, help="the address that it came back to")

    def handle(self, *args: Any, **options: Any) -> None:
        raw = _whole_mail()
        try:
            events = process.receive_mail(raw, timezone.now(), receiver=options["recipient"])
        except NotAReport as other:
            self.stdout.write(f"Nothing is stored: {other}")
        except (OperationalError, InterfaceError) as error:
            self.stderr.write(f"The database is away, so the mail server should keep this mail: {error}")
            sys.exit(os.EX_TEMPFAIL)
        else:
            self.stdout.write("\n".join(f"stored: {event}" for event in events))


def _whole_mail() -> bytes:
    """As much as is looked at; the rest is read too, or the mail server would think that we broke down."""
    raw = sys.stdin.buffer.read(MAX_BYTES)
    while sys.stdin.buffer.read(MAX_BYTES):
        pass
    return raw
