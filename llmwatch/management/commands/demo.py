import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from core.command_reports import Refused
from llmwatch.demo import demo


class Command(BaseCommand):
    help = (
        "Loads the sample issue into an empty database and serves it with worker and beat until Ctrl-C (DEBUG=1 only)."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise Refused("The demo is for a development machine; set DEBUG=1 or use `make demo`.")
        demo.refuse_taken_port(options["port"])
        password = demo.prepare_demo(self._say)
        if not demo.serve_demo(options["port"], password, self._say):
            sys.exit(1)

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
