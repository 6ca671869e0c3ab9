"""Watches, each tried on the last week of papers while an editor writes it."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from core.admin_classes import ModelAdmin, ModelForm
from core.concurrency.statement_timeout import TooSlow
from papers.admin.fields import USUAL_FIELDS, CategoriesField, NamesField
from papers.models import Watch, WatchMatch
from papers.search.grammar import GRAMMAR_HELP, BadExpression, parse_expression
from papers.taxonomy import keep_categories
from papers.watches import matching
from papers.watches.criteria import WatchCriteria

_ASKED: Final = ("usual", "others", "words", "authors")
MOST_AUTHORS: Final = 100
WORDS_HELP: Final = format_lazy(
    "{} {}",
    GRAMMAR_HELP,
    gettext_lazy("Empty: every paper of the categories, or those of the authors below."),
)


class WatchForm(ModelForm[Watch]):
    """What a watch asks for; sent with the button “Preview” it is valid for nothing but to be looked at."""

    usual = forms.MultipleChoiceField(
        label=gettext_lazy("Categories"),
        choices=[(code, f"{code} {name}") for code, name in USUAL_FIELDS.items()],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    others = CategoriesField(
        label=gettext_lazy("Other categories"),
        required=False,
        help_text=gettext_lazy(
            "Like “math.ST q-bio.NC”. A paper matches if it is in one of the categories, cross-listed or not."
        ),
    )
    authors = NamesField(
        required=False,
        help_text=gettext_lazy(
            "One full name a line. Their papers match whatever their words; accents, case and hyphens do not count."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        codes = self.instance.categories or []
        self.initial.setdefault("usual", [code for code in codes if code in USUAL_FIELDS])
        self.initial.setdefault("others", [code for code in codes if code not in USUAL_FIELDS])

    def is_valid(self) -> bool:
        return super().is_valid() and "_preview" not in self.data

    def clean_words(self) -> str:
        text: str = self.cleaned_data["words"]
        try:
            words = parse_expression(text)
        except BadExpression as error:
            raise forms.ValidationError(str(error)) from error
        if words and matching.is_too_common(words):
            raise forms.ValidationError(_("These words are in nearly every paper and are not looked for; add others."))
        return text

    def clean_authors(self) -> list[str]:
        names: list[str] = self.cleaned_data["authors"]
        if len(names) > MOST_AUTHORS:
            raise forms.ValidationError(_("Name no more than %d authors.") % MOST_AUTHORS)
        return names

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if "usual" in values and "others" in values:
            self.instance.categories = list(keep_categories([*values["usual"], *values["others"]]))
            if not self.instance.categories:
                self.add_error("usual", _("Choose a category: a watch looks at its papers."))
        return values

    def wish(self) -> WatchCriteria:
        """What the form asks for, as far as it was filled in without a fault."""
        values = self.cleaned_data
        return WatchCriteria(
            tuple(self.instance.categories), parse_expression(values["words"]), tuple(values["authors"])
        )


def preview_form(form: Any) -> dict[str, Any]:
    """What the preview says of a form: what is wrong with it, or what it would have matched."""
    faults = [fault for name in _ASKED for fault in form.errors.get(name, [])]
    if faults or not (form.is_bound or form.instance.pk):
        return {"faults": faults}
    try:
        wish = form.wish() if form.is_bound else form.instance.wish
        preview = matching.preview_watch(wish)
    except BadExpression as error:
        return {"faults": [str(error)]}
    except TooSlow:
        return {"faults": [_("The database is too busy to count the papers; the watch can be saved all the same.")]}
    counts = {"matched": f"{preview.matched:,}", "total": f"{preview.total:,}"} if preview else {}
    return {"is_tried": True, "preview": preview, **counts}


def its_papers(watch: Watch) -> str:
    return reverse("admin:papers_paper_changelist", query={"watch": watch.slug})


@admin.register(Watch)
class WatchAdmin(ModelAdmin[Watch]):
    form = WatchForm
    change_form_template = "admin/papers/watch/change_form.html"
    list_display = ["name", "category_codes", "words", "last_week", "active"]
    list_filter = ["active"]
    search_fields = ["name", "slug", "words"]
    prepopulated_fields = {"slug": ["name"]}
    fields = ["name", "slug", *_ASKED, "active"]

    class Media:
        css = {"all": ["admin-extra/pages.css"]}
        js = ["admin-extra/watch.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Watch]:
        """With how many papers of the last week each matched."""
        first = matching.last_week()
        of_the_week = Q(matches__paper__announced__gte=first) if first else Q(pk=None)
        counted = super().get_queryset(request).annotate(week=Count("matches", filter=of_the_week))
        return counted.order_by("name", "pk")

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if db_field.name == "words":
            kwargs["help_text"] = WORDS_HELP
            kwargs["widget"] = forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField", "spellcheck": "false"})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.preview_part))
        return [path("preview/", view, name="papers_watch_preview"), *super().get_urls()]

    def preview_part(self, request: HttpRequest) -> HttpResponse:
        """What stands below the form, for whoever is still writing it; nothing is saved."""
        if not self.has_view_or_change_permission(request):
            raise PermissionDenied
        form = self.get_form(request)(request.POST)
        return render(request, "admin/papers/watch/_preview.html", preview_form(form))

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        return super().render_change_form(request, context | preview_form(context["adminform"].form), *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Watch, form: Any, change: bool) -> None:
        matched = matching.save_watch(obj)
        if matched is None:
            messages.warning(
                request, _("It is saved, but the database is too busy to match it now: that comes tonight.")
            )
        elif obj.active:
            found = ngettext("It matches %d paper", "It matches %d papers", matched) % matched
            sentence = _("%(found)s of the last %(days)d days; new ones are matched as they come.")
            said = sentence % {"found": found, "days": matching.MATCH_REACH.days}
            messages.info(request, format_html('<a href="{}">{}</a>', its_papers(obj), said))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Counts the matches that go, too, instead of listing thousands."""
        matches = WatchMatch.objects.filter(watch__in=objs).count()
        counts = {self.opts.verbose_name_plural: len(objs), WatchMatch._meta.verbose_name_plural: matches}
        return list(map(str, objs)), counts, set(), []

    @admin.display(description=gettext_lazy("categories"))
    def category_codes(self, watch: Watch) -> str:
        return " ".join(watch.categories)

    @admin.display(description=gettext_lazy("matches of the last week"))
    def last_week(self, watch: Any) -> str:
        return format_html('<a href="{}">{}</a>', its_papers(watch), watch.week)
