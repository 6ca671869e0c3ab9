from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from issues.editorial.export import EXPORT_FORMS, export_issue
from issues.management.naming import issue_named


class Command(BaseCommand):
    help = "Prints an issue on stdout and nothing else: the public edition where there is one, else the draft."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("issue", help="the slug or the number")
        parser.add_argument(
            "--format", choices=EXPORT_FORMS, default="text", help="html and email: as a reader gets them"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(export_issue(issue_named(options["issue"]), options["format"]))
