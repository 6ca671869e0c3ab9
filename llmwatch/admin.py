from __future__ import annotations

from typing import Any, Final

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from core import alarms
from llmwatch.dashboard import load_desk

# In the order of the work; what is seldom needed stands last.
_ORDER: Final = ("issues", "papers", "glossary", "subscribers", "mailings")


class EditorialSite(admin.AdminSite):
    """The admin site: where editors curate. Its front page is the desk."""

    site_header = _("LLM Watch")
    site_title = _("LLM Watch")
    index_title = _("Editorial desk")
    index_template = "admin/desk.html"
    site_url = "/"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        shown = {"desk": load_desk()} if request.user.has_perm("issues.change_issue") else {}
        return super().index(request, shown | (extra_context or {}))

    def get_urls(self) -> list[Any]:
        from mailings.admin import stats  # its package registers models with this site, once it stands

        own = path("alarms/<int:pk>/settle/", self.admin_view(settle_alarm), name="settle_alarm")
        return [own, *stats.stats_urls(self), *super().get_urls()]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        apps = super().get_app_list(request, app_label)
        return sorted(
            apps, key=lambda app: _ORDER.index(label) if (label := app["app_label"]) in _ORDER else len(_ORDER)
        )


@require_POST
def settle_alarm(request: HttpRequest, pk: int) -> HttpResponse:
    """An editor has seen to it; an alarm that has ended meanwhile needs no more."""
    if not request.user.has_perm("issues.change_issue"):
        raise PermissionDenied
    alarms.settle_alarm(pk, timezone.now())
    return redirect("admin:index")
