"""What is found behind the address of an issue: what is public of it, that it was removed, or nothing."""

from __future__ import annotations

from django.http import Http404

from core.web.public_page import GonePage
from issues.models import Edition, Issue


def open_issue(issue: Issue) -> tuple[Issue, Edition]:
    """The issue with what readers see of it. Raises Gone; and Http404, as a draft is as if it were not there."""
    if issue.is_removed:
        raise GonePage
    edition = issue.public_edition
    if not issue.is_published or edition is None:
        raise Http404
    return issue, edition
