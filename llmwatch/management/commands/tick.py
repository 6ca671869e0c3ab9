from typing import Any

from django.utils import timezone

from llmwatch import clock
from llmwatch.lib.reports import Report, ReportingCommand


class Command(ReportingCommand):
    help = "Does whatever is due now; run it each minute. Safe twice at once."

    def report(self, **options: Any) -> Report:
        return clock.tick(timezone.now())
