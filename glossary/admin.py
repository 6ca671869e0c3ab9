from __future__ import annotations

from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.admin_classes import ModelAdmin
from glossary.models import GlossaryTerm


@admin.register(GlossaryTerm)
class GlossaryTermAdmin(ModelAdmin[GlossaryTerm]):
    list_display = ["name", "qualifier", "also", "definition_short"]
    list_filter = [("qualifier", admin.EmptyFieldListFilter)]
    list_per_page = 100
    search_fields = ["name", "qualifier", "aliases__icontains", "definition"]
    search_help_text = _("A name, another form of it, or words of the definition.")
    ordering = ["name"]
    prepopulated_fields = {"slug": ["name"]}
    fields = ["name", "qualifier", "definition", "aliases", "slug"]
    formfield_overrides = {models.TextField: {"widget": AdminTextareaWidget(attrs={"rows": 4})}}

    @admin.display(description=_("other forms"))
    def also(self, term: GlossaryTerm) -> str:
        return ", ".join(term.aliases)

    @admin.display(description=_("definition"), ordering="definition")
    def definition_short(self, term: GlossaryTerm) -> str:
        return f"{term.definition[:120]}…" if len(term.definition) > 120 else term.definition
