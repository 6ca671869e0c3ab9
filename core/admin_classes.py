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

__all__ = [
    "WEB_ADDRESSES",
    "BaseInlineFormSet",
    "CappedPaginator",
    "ModelAdmin",
    "ModelForm",
    "ModelMultipleChoiceField",
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


class ReadOnlyInline(TabularInline[Any, Any]):
    """History: shown, and changed by nobody."""

    extra = 0
    can_delete = False
    formfield_overrides = WEB_ADDRESSES

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
