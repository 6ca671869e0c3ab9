"""The admin of subscribers, with what the post knows of a person: what came back, and how one is forgotten."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from mailings.admin.events import MailEventInline
from mailings.personal_data import erase
from subscribers.admin.subscribers import SubscriberAdmin
from subscribers.models import Subscriber

admin.site.unregister(Subscriber)


@admin.register(Subscriber)
class MailedSubscriberAdmin(SubscriberAdmin):
    inlines = [*SubscriberAdmin.inlines, MailEventInline]

    def delete_model(self, request: HttpRequest, obj: Subscriber) -> None:
        erase(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Subscriber]) -> None:
        for subscriber in queryset:
            erase(subscriber)
