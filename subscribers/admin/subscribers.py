"""Who gets it, as an editor sees it: found by address, exported only with a trace, and with the proof of consent."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.admin.models import CHANGE, LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.admin_classes import LargeTableAdmin, ModelAdmin, ModelForm, ReadOnlyAdmin, ReadOnlyInline
from subscribers.imports.export import as_file, csv_lines, log_export
from subscribers.models import AccountMail, SendingPermit, Subscriber, Suppression
from subscribers.models.sending_permit import identity_of_the_database
from subscribers.models.subscriber import SubscriberQuerySet
from subscribers.suppressions import lift_suppression

_PROOF = "email state basis consent_at consent_where consent_words confirmed_at left_at last_acted created".split()


class SupporterFilter(admin.SimpleListFilter):
    title = gettext_lazy("support")
    parameter_name = "support"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("now", _("supporters")), ("lapsed", _("once supporters"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> QuerySet[Subscriber]:
        today = timezone.localdate()
        if self.value() == "now":
            return queryset.filter(paid_until__gte=today)
        return queryset.filter(paid_until__lt=today) if self.value() == "lapsed" else queryset


class PauseFilter(admin.SimpleListFilter):
    title = gettext_lazy("pause")
    parameter_name = "pause"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("now", _("pausing"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> QuerySet[Subscriber]:
        return queryset.filter(paused_until__gt=timezone.localdate()) if self.value() == "now" else queryset


class AccountMailInline(ReadOnlyInline):
    model = AccountMail
    fields = ["asked_at", "kind", "state", "reply"]
    ordering = ["-asked_at"]
    classes = ["collapse"]


@admin.register(Subscriber)
class SubscriberAdmin(LargeTableAdmin, ModelAdmin[Subscriber]):
    list_display = ["email", "name", "state", "basis", "depth", "paid_until", "created"]
    list_filter = ["state", "basis", "depth", "series", SupporterFilter, PauseFilter, "is_seed"]
    search_fields = ["email"]
    search_help_text = gettext_lazy("An address, or its beginning.")
    ordering = ["-pk"]
    fieldsets = [
        (None, {"fields": ["email", "state", "name", "series", "depth", "paid_until", "paused_until", "is_seed"]}),
        (gettext_lazy("Proof of consent"), {"fields": [*_PROOF[2:]]}),
    ]
    filter_horizontal = ["series"]
    readonly_fields = _PROOF
    inlines = [AccountMailInline]
    actions = ["unsubscribe", "export"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Subscriber], search_term: str
    ) -> tuple[QuerySet[Subscriber], bool]:
        """By index, also among hundreds of thousands."""
        return queryset & Subscriber.objects.beginning(search_term.strip()) if search_term.strip() else queryset, False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """People sign up themselves, or come with an import that says on which basis."""
        return False

    @admin.action(description=gettext_lazy("Unsubscribe"), permissions=["change"])
    def unsubscribe(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> None:
        count = sum(subscriber.unsubscribe(timezone.now()) for subscriber in queryset)
        self.message_user(request, ngettext("%d person left.", "%d people left.", count) % count, messages.SUCCESS)

    def has_export_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("subscribers.export_subscribers"))

    @admin.action(description=gettext_lazy("Export as CSV (logged)"), permissions=["export"])
    def export(self, request: HttpRequest, queryset: SubscriberQuerySet) -> StreamingHttpResponse:
        count = queryset.count()
        said = ngettext("%d subscriber exported", "%d subscribers exported", count) % count
        LogEntry.objects.create(user_id=request.user.pk or 0, action_flag=CHANGE, object_repr=said, change_message=said)
        log_export(request.user.get_username(), count)
        return as_file("subscribers", csv_lines(queryset))


class LiftForm(ActionForm):
    why = forms.CharField(label=gettext_lazy("Why:"), max_length=300, required=False)


@admin.register(Suppression)
class SuppressionAdmin(LargeTableAdmin, ReadOnlyAdmin, ModelAdmin[Suppression]):
    """Hashes only: whether an address is among them is answered, who is among them is not."""

    list_display = ["short_hash", "reason", "since"]
    list_filter = ["reason"]
    search_fields = ["address_hash"]
    search_help_text = gettext_lazy("A whole address: it is hashed, and the hash is looked up.")
    ordering = ["-pk"]
    action_form = LiftForm
    actions = ["lift"]

    class Media:
        css = {"all": ["admin-extra/pages.css"]}

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Suppression], search_term: str
    ) -> tuple[QuerySet[Suppression], bool]:
        return queryset & Suppression.objects.at(search_term) if search_term.strip() else queryset, False

    def has_lift_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("subscribers.lift_suppression"))

    @admin.action(description=gettext_lazy("Lift where it was unreachable (say why)"), permissions=["lift"])
    def lift(self, request: HttpRequest, queryset: QuerySet[Suppression]) -> None:
        why = request.POST.get("why", "").strip()[:300]
        if not why:
            self.message_user(request, _("Say why it can be reached again; nothing was changed."), messages.WARNING)
            return
        lifted = [suppression for suppression in queryset if lift_suppression(suppression, timezone.now())]
        for suppression in lifted:
            self.log_change(request, suppression, _("Lifted: %s") % why)
        said = ngettext("%d address gets mail again.", "%d addresses get mail again.", len(lifted)) % len(lifted)
        self.message_user(request, said, messages.SUCCESS if lifted else messages.WARNING)

    @admin.display(description=gettext_lazy("hash"))
    def short_hash(self, suppression: Suppression) -> str:
        return f"{suppression.address_hash[:12]}…"


class ArmingForm(ModelForm[SendingPermit]):
    sure = forms.BooleanField(
        label=gettext_lazy("This database may send mail."),
        help_text=gettext_lazy(
            "A restored or copied database sends nothing until somebody says so here. Arm it only where the one that "
            "it was copied from sends no more, or people get everything twice."
        ),
    )

    class Meta:
        model = SendingPermit
        fields: list[str] = []


@admin.register(SendingPermit)
class SendingPermitAdmin(ReadOnlyAdmin, ModelAdmin[SendingPermit]):
    """Adding one arms the database that this is; no other can be added."""

    form = ArmingForm
    list_display = ["identity", "armed_at"]
    can_add = can_delete = True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not SendingPermit.objects.is_armed()

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> SendingPermit:
        permit: SendingPermit = super().save_form(request, form, change)
        permit.identity = identity_of_the_database()
        return permit
