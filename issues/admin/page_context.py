"""What the pages below an issue have in common: who may open them, and what their templates are told."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import site
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from issues.models import Issue


def issue_or_refuse(request: HttpRequest, pk: int) -> Issue:
    """The issue, for those who may change issues. Raises Http404, PermissionDenied."""
    refuse_strangers(request)
    return get_object_or_404(Issue.objects.select_related("series"), pk=pk)


def refuse_strangers(request: HttpRequest) -> None:
    if not request.user.has_perm("issues.change_issue"):
        raise PermissionDenied


def page_context(request: HttpRequest, title: str, **more: Any) -> dict[str, Any]:
    return {**site.each_context(request), "opts": Issue._meta, "title": title, **more}
