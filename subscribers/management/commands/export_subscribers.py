import getpass
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from subscribers.imports.export import csv_lines, log_export
from subscribers.models import Subscriber


class Command(BaseCommand):
    help = "Writes all subscribers as CSV (UTF-8) to stdout and nothing else; `import_subscribers` reads it back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--state", choices=Subscriber.State.values, help="those in this state only")

    def handle(self, *args: Any, **options: Any) -> None:
        people = Subscriber.objects.filter(state=options["state"]) if options["state"] else Subscriber.objects.all()
        count = -1  # the head
        for line in csv_lines(people):
            self.stdout.write(line, ending="")
            count += 1
        log_export(f"{getpass.getuser()} (command)", count)
        self.stderr.write(f"{count:,} subscribers written.")
