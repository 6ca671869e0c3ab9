from argparse import ArgumentParser
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from core.command_reports import Refused
from issues.editorial import publish
from issues.editorial.run_preflight import before_mailing
from issues.management.naming import issue_named
from issues.models import Issue
from mailings import lifecycle


class Command(BaseCommand):
    help = "Publishes an issue now or later; the mailing follows unless --no-mail is given."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("issue", help="the slug or the number")
        parser.add_argument("--at", metavar="WHEN", help="ISO 8601, e.g. 2026-01-31T08:00; without zone: TIME_ZONE")
        parser.add_argument("--no-mail", action="store_true", help="on the web only")

    def handle(self, *args: Any, **options: Any) -> None:
        issue, mail = issue_named(options["issue"]), not options["no_mail"]
        try:
            if options["at"] is None:
                publish.publish(issue, now=timezone.now(), mail=mail)
            else:
                publish.schedule(issue, read_instant(options["at"]), now=timezone.now(), mail=mail)
        except publish.NotPublishable as error:
            raise Refused(str(error)) from None
        if issue.mail_at:
            self.stderr.write(
                "".join(f"{finding}\n" for finding in before_mailing(issue, lifecycle.find_hindrance())), ending=""
            )
        self.stdout.write(sentence(issue))


def read_instant(text: str) -> datetime:
    """The instant; without a zone it is meant in TIME_ZONE. Raises Refused."""
    try:
        instant = datetime.fromisoformat(text)
        local = instant if timezone.is_aware(instant) else timezone.make_aware(instant)
        local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused(f"“{text}” is no time; write it like 2026-01-31T08:00 or 2026-01-31T08:00+01:00.") from None
    return timezone.localtime(local)


def sentence(issue: Issue) -> str:
    mailing = "the mailing follows" if issue.mail_at else "no mail is sent"
    if issue.publish_at is None:
        return f"“{issue}” is published at {settings.SITE_URL}/p/{issue.slug}/; {mailing}."
    hour = timezone.localtime(issue.publish_at)
    return f"“{issue}” will be published on {hour:%Y-%m-%d at %H:%M} ({settings.TIME_ZONE}); {mailing}."
