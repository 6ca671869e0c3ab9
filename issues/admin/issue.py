"""The issue's page: its head and its blocks. What else an editor does with an issue stands at addresses below it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from issues.admin import editions, follow_ups, preview, publish, stubs
from issues.admin.blocks import BLOCK_INLINES
from issues.admin.forms import IssueForm
from issues.admin.publish_form import both_zones
from issues.editorial.capture import capture_papers
from issues.editorial.issue_mail import IssueMail
from issues.editorial.new_issue import begin_issue
from issues.editorial.publish import save_edition, unpublished_changes
from issues.models import Edition, Issue
from papers.admin import ask_arxiv

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

    ContentEditor = ModelAdmin[Issue]
else:
    from content_editor.admin import ContentEditor  # untyped: the one shim of the editor

# Where “Save and …” leads.
_NEXT = {"_preview": "admin:issues_preview", "_publish": "admin:issues_publish"}


@admin.register(Issue)
class IssueAdmin(ContentEditor):
    form = IssueForm
    inlines = BLOCK_INLINES  # type: ignore[assignment]
    list_display = ["title", "number", "series", "state_and_time", "access"]
    list_filter = ["state", "series", "access"]
    list_select_related = ["series"]
    search_fields = ["title", "subtitle", "slug", "number"]
    date_hierarchy = "published_at"
    ordering = ["-created", "-pk"]
    actions = None  # an issue is published, corrected and removed one at a time
    autocomplete_fields = ["series"]
    issue_mail = IssueMail()
    fieldsets = [
        (None, {"fields": ["title", "subtitle", "slug", ("series", "number", "access"), "add_papers"]}),
        (gettext_lazy("Cover"), {"fields": ["cover", "cover_alt"], "classes": ["collapse"]}),
        (
            gettext_lazy("Authors and mail"),
            {"fields": ["authors", "mail_subject", "preheader"], "classes": ["collapse"]},
        ),
    ]

    class Media:
        css = {"all": ["admin-extra/editor.css"]}
        js = ["admin/js/jquery.init.js", "admin-extra/editor.js"]

    def get_urls(self) -> list[URLPattern]:
        pages = [("<int:pk>/publish/", self.publish_page, "issues_publish"), *_PAGES]
        return [*(self._page(*page) for page in pages), *super().get_urls()]

    def publish_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        return publish.publish_page(request, pk, self.issue_mail)

    def get_readonly_fields(self, request: HttpRequest, obj: Issue | None = None) -> list[str]:
        """The address of what readers have seen stays."""
        return ["slug"] if obj and not obj.is_publishable else []

    def get_prepopulated_fields(self, request: HttpRequest, obj: Issue | None = None) -> dict[str, Sequence[str]]:
        return {"slug": ["title"]} if obj is None or obj.is_publishable else {}

    def has_delete_permission(self, request: HttpRequest, obj: Issue | None = None) -> bool:
        """What readers have seen is removed (410), never deleted."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.is_publishable)

    def get_view_on_site_url(self, obj: Issue | None = None) -> str | None:
        return obj.get_absolute_url() if obj and obj.is_published else None

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not change and begin_issue(form.instance):
            messages.info(request, _("It begins with the blocks of its series, which are still to be written."))
        if unknown := capture_papers(form.instance, form.cleaned_data["add_papers"]):
            transaction.on_commit(lambda: ask_arxiv(request, unknown))
        save_edition(form.instance, Edition.Kind.SAVED, by=request.user)  # type: ignore[arg-type]
        if form.instance.is_published and unpublished_changes(form.instance):
            messages.info(request, _("Readers still see the issue as it was; publish the changes when they are ready."))

    def response_add(self, request: HttpRequest, obj: Issue, post_url_continue: str | None = None) -> HttpResponse:
        return _asked_for(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: Issue) -> HttpResponse:
        return _asked_for(request, obj) or super().response_change(request, obj)

    def _page(self, address: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
        return path(address, self.admin_site.admin_view(view), name=name)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Issue]:
        return super().get_queryset(request).select_related("series")

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_and_time(self, issue: Issue) -> str:
        time = issue.publish_at or issue.published_at
        return f"{issue.get_state_display()}, {both_zones(time)}" if time else str(issue.get_state_display())


_PAGES: list[tuple[str, Callable[..., HttpResponse], str]] = [
    ("<int:pk>/preview/", preview.side_by_side, "issues_preview"),
    ("<int:pk>/preview/page/", preview.page, "issues_preview_page"),
    ("<int:pk>/publish/confirm/", publish.confirm, "issues_publish_confirm"),
    ("<int:pk>/publish/unschedule/", publish.unschedule, "issues_unschedule"),
    ("<int:pk>/publish/do-not-mail/", publish.do_not_mail, "issues_do_not_mail"),
    ("<int:pk>/publish/correct/", publish.correct, "issues_correct"),
    ("<int:pk>/publish/remove/", publish.remove, "issues_remove"),
    ("<int:pk>/editions/", editions.editions_page, "issues_editions"),
    ("<int:pk>/editions/<int:number>/", preview.edition, "issues_edition"),
    ("<int:pk>/editions/<int:number>/restore/", editions.restore, "issues_restore"),
    ("since/", follow_ups.tell, "issues_since"),
    ("stubs/merge/", stubs.merge_named, "issues_merge_named"),
    ("stubs/<int:pk>/", stubs.stub_page, "issues_stub"),
    ("stubs/<int:pk>/merge/", stubs.merge, "issues_merge"),
]


def _asked_for(request: HttpRequest, issue: Issue) -> HttpResponse | None:
    """“Save and preview”, “Save and publish…”: to that page; else None."""
    name = next((_NEXT[button] for button in _NEXT if button in request.POST), None)
    return HttpResponseRedirect(reverse(name, args=[issue.pk])) if name else None
