import signal
from argparse import ArgumentParser
from typing import Any

from django.utils import timezone
from tqdm import tqdm

from core.command_reports import Refused, Report, ReportingCommand
from core.concurrency.time_budget import TimeBudget
from issues.editorial.run_preflight import before_mailing
from issues.management.naming import issue_named
from mailings import lifecycle
from mailings.models import Mailing


class Command(ReportingCommand):
    help = "Delivers a published issue to whoever has not had it. Safe to repeat; Ctrl-C ends it between two messages."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("issue", help="the slug or the number")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done; write and send nothing")

    def report(self, **options: Any) -> Report:
        issue = issue_named(options["issue"])
        try:
            forecast = lifecycle.forecast_mailing(issue)
            mailing = None if options["dry_run"] else lifecycle.prepare_mailing(issue, timezone.now())
        except lifecycle.NotMailable as error:
            raise Refused(str(error)) from None
        self.stderr.write(
            "".join(f"{sentence}\n" for sentence in before_mailing(issue, lifecycle.find_hindrance())), ending=""
        )
        return self._send(mailing) if mailing else forecast

    def _send(self, mailing: Mailing) -> Report:
        budget, audience = TimeBudget(), mailing.audience or 0
        self.stderr.write(f"Mailing “{mailing.issue}” to {audience} (Ctrl-C stops after the messages on their way) ...")
        before = {number: signal.signal(number, lambda *_: budget.stop()) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            # disable=None: a bar on a terminal only
            with tqdm(total=audience, initial=mailing.counts()["sent"], unit=" messages", disable=None) as bar:
                return lifecycle.send_mailing(mailing, budget, told=bar.update)
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
