"""The admin's classes as the type checker knows them, and a changelist that stays quick over a large table."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.paginator import Paginator
from django.db import models
from django.http import HttpRequest

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin, TabularInline
    from django.forms import BaseInlineFormSet, ModelForm, ModelMultipleChoiceField

    AnyPaginator = Paginator[Any]
    _AnyModelAdmin = ModelAdmin[Any]
else:
    # django-stubs has type parameters where Django itself has none.

    class Parameters:
        def __class_getitem__(cls, parameters):
            return cls

    class ModelAdmin(Parameters, admin.ModelAdmin):
        pass

    class TabularInline(Parameters, admin.TabularInline):
        pass

    class ModelForm(Parameters, forms.ModelForm):
        pass

    class BaseInlineFormSet(Parameters, forms.BaseInlineFormSet):
        pass

    class ModelMultipleChoiceField(Parameters, forms.ModelMultipleChoiceField):
        pass

    AnyPaginator = Paginator
    _AnyModelAdmin = object

__all__ = [
    "WEB_ADDRESSES",
    "BaseInlineFormSet",
    "CappedPaginator",
    "LargeTableAdmin",
    "ModelAdmin",
    "ModelForm",
    "ModelMultipleChoiceField",
    "ReadOnlyAdmin",
    "ReadOnlyInline",
    "TabularInline",
]
WEB_ADDRESSES: dict[type[models.Field[Any, Any]], dict[str, Any]] = {models.URLField: {"assume_scheme": "https"}}
MAX_COUNTED = (
    10_000  # rows that are counted; nobody turns to the hundredth page, and counting on takes longer than listing
)


class CappedPaginator(AnyPaginator):
    """Counts and lists at most the first 10,000 rows, so that a large table costs no more than a small one."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:MAX_COUNTED].count())


class LargeTableAdmin(_AnyModelAdmin):
    """Before ModelAdmin: a list that opens as quickly over a million rows as over ten."""

    list_per_page = 100
    show_full_result_count = False
    paginator = CappedPaginator


class ReadOnlyAdmin(_AnyModelAdmin):
    """Before ModelAdmin: rows that nobody adds, changes or deletes by hand; what is True is left to the permissions."""

    can_add = False
    can_change = False
    can_delete = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.can_add and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.can_change and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.can_delete and super().has_delete_permission(request, obj)


class ReadOnlyInline(TabularInline[Any, Any]):
    """History: shown, and changed by nobody."""

    extra = 0
    can_delete = False
    formfield_overrides = WEB_ADDRESSES

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
