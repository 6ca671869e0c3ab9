from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from llmwatch.desk import desk


class EditorialSite(admin.AdminSite):
    """The admin site: where editors curate. Its front page is the desk."""

    site_header = _("LLM Watch")
    site_title = _("LLM Watch")
    index_title = _("Editorial desk")
    index_template = "admin/desk.html"
    site_url = "/"

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        shown = {"desk": desk()} if request.user.has_perm("issues.change_issue") else {}
        return super().index(request, shown | (extra_context or {}))
