"""Mailings as an editor sees them: how one goes, its reins, and who got what."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from core.admin_classes import LargeTableAdmin, ModelAdmin, ReadOnlyAdmin
from mailings import lifecycle
from mailings.lifecycle import NotMailable
from mailings.models import Delivery, Mailing
from mailings.progress import by_domain, progress_of
from mailings.renditions import find_correction
from subscribers.addresses import address_hash

_REFRESH = 5  # seconds; while it is being sent


@admin.register(Mailing)
class MailingAdmin(ReadOnlyAdmin, ModelAdmin[Mailing]):
    list_display = ["issue", "kind", "state", "audience", "created", "finished_at"]
    list_filter = ["state", "kind"]
    list_select_related = ["issue"]
    search_fields = ["issue__title", "issue__slug"]

    def get_urls(self) -> list[URLPattern]:
        moves = {"pause": pause, "resume": resume, "cancel": cancel, "go_out": go_out}
        own = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"mailings_mailing_{name}")
            for name, view in moves.items()
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The live page."""
        mailing = self.get_object(request, object_id)
        if mailing is None:
            return redirect("admin:mailings_mailing_changelist")
        if not self.has_view_permission(request, mailing):
            raise PermissionDenied
        return render(request, "admin/mailings/mailing/live.html", self._shown(request, mailing))

    def _shown(self, request: HttpRequest, mailing: Mailing) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": _("Mailing of “%s”") % mailing.issue,
            "opts": self.opts,
            "mailing": mailing,
            "progress": progress_of(mailing, timezone.now()),
            "domains": by_domain(mailing) if "domains" in request.GET else None,
            "is_corrected": mailing.is_paused and find_correction(mailing) is not None,
            "may_steer": request.user.has_perm("mailings.change_mailing"),
            "refresh": _REFRESH if mailing.is_sending and "domains" not in request.GET else 0,
        }


@admin.register(Delivery)
class DeliveryAdmin(LargeTableAdmin, ReadOnlyAdmin, ModelAdmin[Delivery]):
    list_display = ["recipient", "mailing", "state", "attempts", "retry_at", "sent_at", "reply"]
    list_filter = ["state"]
    list_select_related = ["subscriber", "mailing__issue"]
    ordering = ["-pk"]
    search_fields = ["address_hash"]
    search_help_text = gettext_lazy("A whole address.")
    actions = ["send_again"]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "mailing__id__exact" or super().lookup_allowed(lookup, value, request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Delivery], search_term: str
    ) -> tuple[QuerySet[Delivery], bool]:
        """By hash, so that who was forgotten since is found too."""
        term = search_term.strip()
        return queryset.filter(address_hash=address_hash(term)) if term else queryset, False

    @admin.display(description=gettext_lazy("recipient"))
    def recipient(self, delivery: Delivery) -> str:
        return delivery.subscriber.email if delivery.subscriber else _("forgotten (%s…)") % delivery.address_hash[:12]

    def has_resend_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("mailings.change_delivery"))

    @admin.action(description=gettext_lazy("Send again where it is uncertain"), permissions=["resend"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        count = Delivery.objects.filter(pk__in=queryset.values("pk")).send_again()
        said = ngettext("%d person is tried again.", "%d people are tried again.", count) % count
        self.message_user(request, said, messages.SUCCESS if count else messages.WARNING)


@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    mailing = _steered(request, pk)
    return _told(request, mailing, mailing.pause(), _("It is paused: no further message is handed over."))


@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    mailing = _steered(request, pk)
    try:
        moved = lifecycle.resume_mailing(mailing)
    except NotMailable as error:
        messages.error(request, str(error))
        return redirect("admin:mailings_mailing_change", mailing.pk)
    return _told(request, mailing, moved, _("It goes on within a minute."))


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    mailing = _steered(request, pk)
    return _told(request, mailing, mailing.cancel(timezone.now()), _("Who has not had it gets nothing."))


@require_POST
def go_out(request: HttpRequest, pk: int) -> HttpResponse:
    """To the others now, without waiting any longer for a look into our own inboxes."""
    mailing = _steered(request, pk)
    moved = mailing.go_out(timezone.now())
    return _told(request, mailing, moved, _("It goes to the others within a minute."))


def _steered(request: HttpRequest, pk: int) -> Mailing:
    if not request.user.has_perm("mailings.change_mailing"):
        raise PermissionDenied
    return get_object_or_404(Mailing, pk=pk)


def _told(request: HttpRequest, mailing: Mailing, moved: bool, done: str) -> HttpResponse:
    if moved:
        messages.success(request, done)
    else:
        messages.warning(request, _("It is %s; nothing was changed.") % mailing.get_state_display())
    return redirect("admin:mailings_mailing_change", mailing.pk)
