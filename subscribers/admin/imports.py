"""Lists brought in by an editor: upload, a look at how they are read, begin, and what came of it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from core.admin_classes import ModelAdmin, ReadOnlyAdmin
from core.concurrency import dispatch
from subscribers import tasks
from subscribers.imports import uploads
from subscribers.imports.columns import Role
from subscribers.imports.csv_file import UnreadableFile
from subscribers.imports.export import as_file
from subscribers.imports.uploads import ImportPreview
from subscribers.models import SubscriberImport
from subscribers.models.import_file import SubscriberImportQuerySet

_REFRESH = 5  # seconds; while it is being read
_LABELS = {
    "created": gettext_lazy("new"),
    "updated": gettext_lazy("known, and completed"),
    "unchanged": gettext_lazy("known, and as they were"),
    "duplicates": gettext_lazy("more than once in the file"),
    "left_elsewhere": gettext_lazy("left out, as the list says that they left"),
    "suppressed": gettext_lazy("left out, as they left here or cannot be reached"),
    "invalid": gettext_lazy("not readable"),
}
_BASES = [
    ("confirmed", gettext_lazy("They have consented to this newsletter: they are active at once.")),
    ("pending", gettext_lazy("I do not know: they are kept as waiting for confirmation, and get nothing.")),
]


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV of any usual kind, also as Substack, Ghost, Buttondown and listmonk export it."),
    )


class BeginForm(forms.Form):
    basis = forms.ChoiceField(label=gettext_lazy("Consent"), choices=_BASES, widget=forms.RadioSelect)
    words = forms.CharField(
        label=gettext_lazy("To what, where and when they consented"),
        help_text=gettext_lazy("Kept with each of them as the proof of consent."),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2_000,
        required=False,
    )

    def __init__(self, *args: Any, roles: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = [f"column_{place}" for place in range(len(roles))]
        for place, role in enumerate(roles):
            label = _("Column %d") % (place + 1)
            self.fields[self.names[place]] = forms.ChoiceField(label=label, choices=Role.choices, initial=role)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("basis") == "confirmed" and not cleaned.get("words", "").strip():
            self.add_error("words", _("Say on which basis they get mail, or choose that you do not know."))
        if Role.EMAIL.value not in self.roles(cleaned):
            self.add_error(None, _("One column must be the e-mail address."))
        return cleaned

    def roles(self, data: Any) -> list[str]:
        return [data.get(name, "") for name in self.names]


@admin.register(SubscriberImport)
class SubscriberImportAdmin(ReadOnlyAdmin, ModelAdmin[SubscriberImport]):
    list_display = ["name", "state", "uploaded", "by", "lines_done", "forgotten_at"]
    list_select_related = ["by"]
    can_add = True  # whoever may add an import may begin it; that it was made stays on record, the addresses do not
    actions = ["forget"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/report/", view(report), name="subscribers_subscriberimport_report"),
            path("<int:pk>/stop/", view(stop), name="subscribers_subscriberimport_stop"),
            *super().get_urls(),
        ]

    @admin.action(description=gettext_lazy("Throw file and report away now"), permissions=["add"])
    def forget(self, request: HttpRequest, queryset: SubscriberImportQuerySet) -> None:
        count = 0
        for subscriber_import in queryset.idle():
            subscriber_import.forget(timezone.now())
            count += 1
        self.message_user(request, ngettext("%d list is forgotten.", "%d lists are forgotten.", count) % count)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                subscriber_import = uploads.receive_upload(form.cleaned_data["file"], request.user, timezone.now())
                return redirect("admin:subscribers_subscriberimport_change", subscriber_import.pk)
            except UnreadableFile as error:
                form.add_error("file", str(error))
        return self._page(request, "upload.html", form=form, title=_("Import a list of subscribers"))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Before it is begun a preview, afterwards what comes of it."""
        subscriber_import = self.get_object(request, object_id)
        if subscriber_import is None:
            return redirect("admin:subscribers_subscriberimport_changelist")
        if not self.has_view_permission(request, subscriber_import):
            raise PermissionDenied
        if subscriber_import.is_to_begin and self.has_add_permission(request):
            return self._looked_at(request, subscriber_import)
        rows = [(label, subscriber_import.counts.get(name, 0)) for name, label in _LABELS.items()]
        shown = {
            "refresh": _REFRESH if subscriber_import.is_running else 0,
            "may_stop": self.has_add_permission(request),
        }
        return self._page(
            request,
            "progress.html",
            subscriber_import=subscriber_import,
            rows=rows,
            title=subscriber_import.name,
            **shown,
        )

    def _looked_at(self, request: HttpRequest, subscriber_import: SubscriberImport) -> HttpResponse:
        form = BeginForm(request.POST or None, roles=subscriber_import.roles)
        if request.method == "POST" and "begin" in request.POST and form.is_valid():
            _begin(request, subscriber_import, form)
            return redirect("admin:subscribers_subscriberimport_change", subscriber_import.pk)
        roles = form.roles(request.POST) if request.method == "POST" else subscriber_import.roles
        try:
            seen = uploads.preview_import(subscriber_import, roles)
        except (UnreadableFile, ValueError) as error:
            messages.error(request, str(error))
            seen = uploads.preview_import(subscriber_import)
        if "begin" not in request.POST:
            form = BeginForm(initial=_kept(form, roles), roles=subscriber_import.roles)
        return self._page(
            request,
            "preview.html",
            subscriber_import=subscriber_import,
            form=form,
            title=subscriber_import.name,
            **_shown(form, seen),
        )

    def _page(self, request: HttpRequest, template: str, **shown: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, **shown}
        return render(request, f"admin/subscribers/subscriberimport/{template}", context)


def _kept(form: BeginForm, roles: list[str]) -> dict[str, Any]:
    """What was chosen so far, for another look."""
    typed = {name: form.data[name] for name in ("basis", "words") if name in form.data}
    return {**dict(zip(form.names, roles, strict=True)), **typed}


def _begin(request: HttpRequest, subscriber_import: SubscriberImport, form: BeginForm) -> None:
    data = form.cleaned_data
    confirmed = data["basis"] == "confirmed"
    if subscriber_import.begin(timezone.now(), roles=form.roles(data), confirmed=confirmed, words=data["words"]):
        dispatch.dispatch_now(tasks.import_list, subscriber_import.pk)
        messages.success(request, _("The worker brings them in; nobody is mailed by it."))


def _shown(form: BeginForm, seen: ImportPreview) -> dict[str, Any]:
    heads = seen.sheet.head or tuple(str(form.fields[name].label) for name in form.names)
    return {"preview": seen, "columns": list(zip(heads, (form[name] for name in form.names), strict=False))}


@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    _refuse_others(request)
    subscriber_import = get_object_or_404(SubscriberImport, pk=pk)
    if subscriber_import.stop(timezone.now()):
        messages.success(request, _("It is stopped. Who was brought in stays; the same list again brings in the rest."))
    else:
        messages.warning(request, _("It is over; nothing was changed."))
    return redirect("admin:subscribers_subscriberimport_change", pk)


@require_safe
def report(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Every line that was not taken, as CSV."""
    _refuse_others(request)
    subscriber_import = get_object_or_404(SubscriberImport, pk=pk, forgotten_at=None)
    return as_file("not-taken", uploads.report_lines(subscriber_import))


def _refuse_others(request: HttpRequest) -> None:
    if not request.user.has_perm("subscribers.add_subscriberimport"):
        raise PermissionDenied
