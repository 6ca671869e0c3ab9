"""A stub's page: which paper it may be, and the button that says it is."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from core.text.commonmark import remove_invisible
from issues.admin.page_context import page_context, refuse_strangers
from issues.coverage import stubs
from issues.models import Issue
from papers import identifiers
from papers.models import Paper

AT_ONCE = 100  # stubs that one press of the button looks at


@require_safe
def stub_page(request: HttpRequest, pk: int) -> HttpResponse:
    refuse_strangers(request)
    stub = get_object_or_404(Paper.objects.stubs().with_links(), pk=pk)
    context = page_context(
        request,
        _("Which paper is this?"),
        stub=stub,
        issues=Issue.objects.filter(highlight_blocks__papers=stub).distinct(),
        candidates=stubs.find_candidates(stub),
    )
    return render(request, "admin/issues/issue/stub.html", context)


@require_POST
def merge_named(request: HttpRequest) -> HttpResponse:
    """Matches what needs no person: the stubs whose title names exactly one paper."""
    refuse_strangers(request)
    merged = stubs.merge_named(AT_ONCE)
    messages.success(request, ngettext("%d stub is matched.", "%d stubs are matched.", merged) % merged)
    return redirect("admin:index")


@require_POST
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """`paper`: an arXiv id in any form, or a slug."""
    refuse_strangers(request)
    stub = get_object_or_404(Paper.objects.stubs(), pk=pk)
    try:
        paper = _paper_named(remove_invisible(request.POST.get("paper", "")).strip())
        moved = stubs.merge_stub(stub, paper)
    except stubs.NoSuchMatch as error:
        messages.error(request, str(error))
        return redirect("admin:issues_stub", pk)
    counted = ngettext("%d highlight", "%d highlights", moved) % moved
    messages.success(request, _("It is “%(paper)s”; moved: %(moved)s.") % {"paper": paper, "moved": counted})
    return redirect("admin:index")


def _paper_named(name: str) -> Paper:
    """Raises NoSuchMatch."""
    found = identifiers.find_arxiv_id(name)
    paper = Paper.objects.at(found.archive_id if found else name).first() if name else None
    if paper is None:
        raise stubs.NoSuchMatch(_("“%s” is no paper that is known here; pull it from arXiv first.") % name[:80])
    return paper
