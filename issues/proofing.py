"""What is to be mended before an issue is mailed: said on the publish page and by the commands, and stopping nobody."""

from __future__ import annotations

from django.utils import timezone

from issues import composing
from issues.audience import mail_hindrance
from issues.models import Issue
from issues.rendering.mail_sample import faults_of


def before_mailing(issue: Issue) -> list[str]:
    """Sentences about the words that would go out, and about what lets no mail leave; none where all is well."""
    edition = issue.public_edition
    document = edition.value if edition else composing.read(issue)
    found = [fault.what for fault in faults_of(document, issue.published_at or timezone.now())]
    return [sentence for sentence in (mail_hindrance(), *found) if sentence]
