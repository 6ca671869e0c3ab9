"""Bounces and complaints as an editor sees them: what was told, of whom, and that it was acted on."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin_classes import LargeTableAdmin, ModelAdmin, ReadOnlyAdmin, ReadOnlyInline
from mailings.models import MailEvent
from subscribers.addresses import address_hash


class MailEventInline(ReadOnlyInline):
    model = MailEvent
    fields = ["happened", "told_by", "kind", "status", "diagnostic", "is_proven"]
    readonly_fields = ["told_by"]
    ordering = ["-happened", "-pk"]
    classes = ["collapse"]

    @admin.display(description=gettext_lazy("told by"))
    def told_by(self, event: MailEvent) -> str:
        return event.origin


@admin.register(MailEvent)
class MailEventAdmin(LargeTableAdmin, ReadOnlyAdmin, ModelAdmin[MailEvent]):
    list_display = [
        "recipient",
        "kind",
        "status",
        "diagnostic",
        "mailing",
        "told_by",
        "is_proven",
        "happened",
        "acted_at",
    ]
    list_filter = ["kind", "source", "is_proven"]
    list_select_related = ["subscriber", "account_mail", "delivery__mailing__issue"]
    ordering = ["-pk"]
    search_fields = ["address_hash"]
    search_help_text = gettext_lazy("A whole address.")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "delivery__mailing__id__exact" or super().lookup_allowed(lookup, value, request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[MailEvent], search_term: str
    ) -> tuple[QuerySet[MailEvent], bool]:
        """By hash, so that who was forgotten since is found too."""
        term = search_term.strip()
        return queryset.filter(address_hash=address_hash(term)) if term else queryset, False

    @admin.display(description=gettext_lazy("recipient"))
    def recipient(self, event: MailEvent) -> str:
        if event.subscriber:
            return event.subscriber.email
        return _("not known here (%s…)") % event.address_hash[:12] if event.address_hash else _("not named")

    @admin.display(description=gettext_lazy("message"))
    def mailing(self, event: MailEvent) -> str:
        if event.account_mail:
            return _("letter: %s") % event.account_mail.get_kind_display()
        return str(event.delivery.mailing) if event.delivery else "–"

    @admin.display(description=gettext_lazy("told by"), ordering="source")
    def told_by(self, event: MailEvent) -> str:
        return event.origin
