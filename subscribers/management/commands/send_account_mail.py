from typing import Any

from django.utils import timezone

from core.command_reports import Report, ReportingCommand
from subscribers import tasks


class Command(ReportingCommand):
    help = "Sends the account mails that are due: confirmations, sign-in links. Safe twice at once."

    def report(self, **options: Any) -> Report:
        return Report({"sent": tasks.send_waiting_mail(timezone.now())})
