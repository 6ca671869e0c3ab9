"""The checks of an issue, with what they need of the database: said on the admin's pages and by the commands.

They stop nobody.
"""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from core.command_reports import Problem
from issues import storage
from issues.document.values import Document
from issues.editorial.preflight.links import FailingLink, check_failing_links, printed_addresses
from issues.editorial.preflight.mail import check_mail
from issues.editorial.preflight.polls import check_closed_polls, polls_asked
from issues.editorial.preflight.structure import find_unwritten
from issues.models import Issue, Poll
from issues.rendering.mail.layout import load_letterhead
from issues.rendering.mail.mime import BadMessage, to_message
from issues.rendering.mail.render import to_mail
from issues.rendering.mail.sample import sample_sending
from issues.rendering.page.render import to_page
from issues.storage.images import size_of
from papers.models import PaperLink


def problems_of(issue: Issue) -> tuple[str, ...]:
    """What is still to be written, and what the page cannot show as it was written, a sentence each."""
    document = storage.load_document(issue)
    return (*find_unwritten(document), *to_page(document, link_terms=False).problems)


def doubtful_links(issue: Issue) -> list[str]:
    """A sentence for each printed link that is dead, or did not answer when it was checked last."""
    printed = printed_addresses(storage.load_document(issue))
    failing = PaperLink.objects.filter(url__in=printed, failures__gt=0, paper__highlights__parent=issue)
    rows = failing.select_related("paper").order_by("failing_since", "pk").distinct()
    return check_failing_links(map(_failing, rows))


def before_mailing(issue: Issue, hindrance: str) -> list[str]:
    """Sentences about what lets no mail leave (given, or empty) and about the words that would go out."""
    edition = issue.public_edition
    document = edition.value if edition else storage.load_document(issue)
    found = [fault.what for fault in faults_of(document, issue.published_at or timezone.now())]
    closed = Poll.objects.filter(slug__in=polls_asked(document), is_open=False).order_by("slug")
    polls = check_closed_polls(closed.values_list("question", flat=True))
    return [sentence for sentence in (hindrance, *found, *polls) if sentence]


def faults_of(document: Document, date: datetime) -> tuple[Problem, ...]:
    """What is to be mended before this is mailed, in its longest version."""
    parts = to_mail(document, load_letterhead(), published_at=date, size_of=size_of)
    try:
        to_message(parts, load_letterhead(), sample_sending(date))
    except BadMessage as error:
        return (*check_mail(parts), Problem("message", str(error)))
    return check_mail(parts)


def _failing(link: PaperLink) -> FailingLink:
    return FailingLink(
        paper=link.paper.title,
        kind=link.get_kind_display(),
        url=link.url,
        fault=link.fault,
        since=link.failing_since,
        is_dead=link.is_dead,
    )
