"""Which issue a command line means."""

from django.db.models import Case, When

from core.command_reports import Refused
from issues.models import Issue

MAX_SHOWN = 10  # of the known issues, the newest


def issue_named(name: str) -> Issue:
    """The issue of this slug or number; a slug goes before a number. Raises Refused with the names that are known."""
    slug_first = Case(When(slug=name, then=0), default=1)
    issue = Issue.objects.named(name).select_related("series").order_by(slug_first).first()
    if issue is None:
        known = ", ".join(map(_name, Issue.objects.order_by("-pk")[:MAX_SHOWN])) or "none yet"
        raise Refused(f"There is no issue “{name}”; write the slug or the number. Known: {known}.")
    return issue


def _name(issue: Issue) -> str:
    return f"{issue.slug} ({issue.number})" if issue.number else issue.slug
