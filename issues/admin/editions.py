"""The history of an issue: its editions, what changed from one to the next, and the way back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from issues.admin.page_context import issue_or_refuse, page_context
from issues.document.diff import describe_differences
from issues.editorial.restore import restore as restore_edition
from issues.models import Edition
from issues.storage import DoesNotFit

MAX_SHOWN = 30  # editions a page; older ones are kept and reached by their number


@dataclass(frozen=True, slots=True)
class EditionStep:
    """An edition, and how it differs from the one before it."""

    edition: Edition
    changes: Sequence[str]
    is_first: bool


@require_safe
def editions_page(request: HttpRequest, pk: int) -> HttpResponse:
    issue = issue_or_refuse(request, pk)
    editions = list(issue.editions.select_related("by", "erratum")[: MAX_SHOWN + 1])
    context = page_context(request, _("History of “%s”") % issue.title, issue=issue, steps=list(_steps(editions)))
    return render(request, "admin/issues/issue/editions.html", context)


@require_POST
def restore(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    issue = issue_or_refuse(request, pk)
    edition = get_object_or_404(issue.editions, number=number)
    try:
        restore_edition(edition, by=request.user)  # type: ignore[arg-type]
        messages.success(request, _("The issue reads as in edition %d again.") % number)
    except DoesNotFit as error:
        messages.error(request, str(error))
    return redirect("admin:issues_issue_change", pk)


def _steps(editions: Sequence[Edition]) -> Iterator[EditionStep]:
    for edition, before in list(zip_longest(editions, editions[1:]))[:MAX_SHOWN]:
        changes = describe_differences(before.value, edition.value) if before else []
        yield EditionStep(edition, changes, is_first=before is None)
