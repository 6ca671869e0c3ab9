from argparse import ArgumentParser
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from core.command_reports import Refused


class Command(BaseCommand):
    help = "Serves a simulated arXiv (query API, OAI-PMH, RSS) from a corpus file until Ctrl-C (DEBUG=1 only)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--corpus", type=Path, required=True, metavar="FILE", help="JSON lines, also .gz and .xz")
        parser.add_argument("--port", type=int, default=8100)
        parser.add_argument("--day", metavar="DATE", help="the day it is there, at noon in New York")
        parser.add_argument("--faults", default="", metavar="SPEC", help="such as 3=429,5=503:120,rate=0.1,seed=7")
        parser.add_argument("--delay", type=float, default=3.0, help="seconds due between two requests")
        parser.add_argument("--old", action="store_true", help="speak as arXiv did until 2025")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise Refused("The simulated arXiv is for a development machine; set DEBUG=1.")
        running = _simulator()
        names = ("corpus", "port", "faults", "delay", "old")
        try:
            wanted = running.Options(day=running.read_day(options["day"]), **{name: options[name] for name in names})
            running.run(wanted, self._say)
        except running.CannotRun as error:
            raise Refused(str(error)) from None

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _simulator() -> ModuleType:
    """Imported here, as it is no part of what is installed. Raises Refused where it is missing."""
    try:
        return import_module("tests.arxiv_simulator.running")
    except ModuleNotFoundError as error:
        if not str(error.name).startswith("tests"):
            raise
        raise Refused("The simulated arXiv lies in tests/, which is not here; run this in a checkout.") from None
