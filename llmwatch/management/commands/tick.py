from typing import Any

from django.utils import timezone

from core.command_reports import Report, ReportingCommand
from llmwatch import tick


class Command(ReportingCommand):
    help = "Does whatever is due now; run it each minute. Safe twice at once."

    def report(self, **options: Any) -> Report:
        return tick.tick(timezone.now())
