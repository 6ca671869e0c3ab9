from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from kombu.exceptions import OperationalError

from core.admin_classes import WEB_ADDRESSES, LargeTableAdmin, ModelAdmin, ModelForm, ReadOnlyInline
from papers import identifiers, tasks, taxonomy
from papers.admin.corrections import CorrectionInline, judge_standing, judge_withdrawn, read_corrections
from papers.admin.fields import USUAL_FIELDS, NamesField
from papers.admin.filters import DoubtFilter, WatchFilter
from papers.admin.links import LinkInline, SignalInline
from papers.models import Paper, PaperEvent, PaperVersion
from papers.models.paper import PaperQuerySet
from papers.records.corrections import correct_paper
from papers.search.grammar import GRAMMAR_HELP
from papers.search.query import parse_query
from papers.search.search import filter_papers, suggest_spelling

# What is left of what arXiv says where its words may be corrected: see papers/records/corrections.py.
FROM_ARXIV = (
    "arxiv_id primary_category categories journal_ref dois version submitted updated announced first_seen licence"
).split()


class PaperForm(ModelForm[Paper]):
    """All of a paper that is not on arXiv, or only a stub so far; of others, what may be corrected."""

    arxiv_id = forms.CharField(
        label=gettext_lazy("arXiv id"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("In any form: an id, an address, a DOI."),
    )
    authors = NamesField(required=False, help_text=gettext_lazy("One a line, in order, as printed."))

    def clean_arxiv_id(self) -> str | None:
        """The canonical form of whatever was written."""
        text = self.cleaned_data["arxiv_id"]
        try:
            return identifiers.parse_arxiv_id(text).archive_id if text else None
        except identifiers.BadIdentifier as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if "arxiv_id" in values and "slug" in values and bool(values["arxiv_id"]) == bool(values["slug"]):
            raise forms.ValidationError(_("Give an arXiv id, or a slug where the paper is not on arXiv: one of them."))
        return values


def ids_in(text: str) -> list[str]:
    """The ids that an editor wrote, each once. Raises ValidationError, which names each that is none."""
    found, faults = [], []
    for word in text.replace(",", " ").replace(";", " ").split():
        try:
            found.append(identifiers.parse_arxiv_id(word).archive_id)
        except identifiers.BadIdentifier as error:
            faults.append(str(error))
    if faults:
        raise forms.ValidationError(faults)
    return list(dict.fromkeys(found))


class PullForm(forms.Form):
    ids = forms.CharField(
        label=gettext_lazy("arXiv ids"),
        widget=forms.Textarea(attrs={"rows": 6, "class": "vLargeTextField"}),
        help_text=gettext_lazy("In any form, with spaces, commas or line ends between them: ids, addresses, DOIs."),
    )

    def clean_ids(self) -> list[str]:
        return ids_in(self.cleaned_data["ids"])


class VersionInline(ReadOnlyInline):
    model = PaperVersion
    fields = ["version", "submitted", "withdrawn", "licence"]
    classes = ["collapse"]


class EventInline(ReadOnlyInline):
    model = PaperEvent
    fields = ["happened", "kind", "detail"]
    classes = ["collapse"]


class CategoryFilter(admin.SimpleListFilter):
    """The categories that a newsletter on language models watches: reading all that occur takes a scan of the table."""

    title = gettext_lazy("primary category")
    parameter_name = "primary_category"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        asked = self.used_parameters.get(self.parameter_name)
        others = [asked] if asked in taxonomy.ALL_CATEGORIES and asked not in USUAL_FIELDS else []
        return [(category, category) for category in [*USUAL_FIELDS, *map(str, others)]]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Paper]) -> QuerySet[Paper]:
        return queryset.filter(primary_category=self.value()) if self.value() else queryset


@admin.register(Paper)
class PaperAdmin(LargeTableAdmin, ModelAdmin[Paper]):
    form = PaperForm
    formfield_overrides = WEB_ADDRESSES
    list_display = ["described", "key_and_state", "category", "submitted_day"]
    list_filter = [
        "stub",
        "withdrawn",
        DoubtFilter,
        WatchFilter,
        CategoryFilter,
        ("announced", admin.DateFieldListFilter),
        ("submitted", admin.DateFieldListFilter),
    ]
    list_per_page = 50
    sortable_by = ["key_and_state", "category"]  # what has an index
    search_fields = ["title"]  # that there is a search; what it does stands in get_search_results
    search_help_text = format_lazy("{} {}", GRAMMAR_HELP, gettext_lazy("Or an arXiv id in any form."))
    ordering = ["-pk"]
    show_facets = admin.ShowFacets.NEVER  # a count for each filter is a scan of the table for each
    inlines = [LinkInline, CorrectionInline, VersionInline, EventInline, SignalInline]
    actions = ["pull_again", judge_withdrawn, judge_standing]

    class Media:
        css = {"all": ["admin-extra/pages.css"]}

    def formfield_for_dbfield(self, db_field: models.Field[Any, Any], request: Any, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(db_field, models.TextField):
            field.widget.attrs["rows"] = 8 if db_field.name == "abstract" else 2
        return field

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Paper], search_term: str
    ) -> tuple[QuerySet[Paper], bool]:
        """Changelist and autocompletion alike; the last word may still be half typed."""
        papers = cast("PaperQuerySet", queryset)
        return (filter_papers(parse_query(search_term).open_ended(), papers) if search_term.strip() else papers), False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """Says what was not understood of a search, and offers what may have been meant where nothing is found."""
        query = parse_query(request.GET.get(SEARCH_VAR, ""))
        for problem in query.problems:
            messages.warning(request, problem)
        page = super().changelist_view(request, extra_context)
        found = getattr(page, "context_data", {}).get("cl")
        if found is not None and found.result_count == 0 and (meant := suggest_spelling(query)):
            address = urlencode({SEARCH_VAR: meant})
            messages.info(request, format_html('{} <a href="?{}">{}</a>?', _("Did you mean"), address, meant))
        return page

    def get_fieldsets(self, request: HttpRequest, obj: Paper | None = None) -> Any:
        said = _("From arXiv. What you change stands, and what arXiv says is kept beside it.")
        told = {"description": said} if obj and is_from_arxiv(obj) else {}
        return [
            (None, {"fields": ["title", ("arxiv_id", "slug"), "authors", "abstract", "tags"], **told}),
            (_("State"), {"fields": [("withdrawn", "stub"), "withdrawal"]}),
            (_("Categories and dates"), {"fields": CATEGORIES_AND_DATES, "classes": ["collapse"]}),
            (_("Comment and reference"), {"fields": ["comment", "journal_ref", "dois", "licence"]}),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Paper | None = None) -> list[str]:
        return [*FROM_ARXIV, "slug", "stub"] if obj and is_from_arxiv(obj) else ["first_seen"]

    def save_model(self, request: HttpRequest, obj: Paper, form: Any, change: bool) -> None:
        if change and is_from_arxiv(obj):
            correct_paper(obj, read_corrections(form), request.user)  # type: ignore[arg-type]
        else:
            super().save_model(request, obj, form, change)

    def get_urls(self) -> list[URLPattern]:
        pull = path("pull/", self.admin_site.admin_view(self.pull_page), name="papers_paper_pull")
        return [pull, *super().get_urls()]

    def pull_page(self, request: HttpRequest) -> HttpResponse:
        """Where ids are pasted; the worker asks arXiv for them."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = PullForm(request.POST or None, initial={"ids": request.GET.get("ids", "")})
        if request.method == "POST" and form.is_valid():
            ask_arxiv(request, form.cleaned_data["ids"])
            return HttpResponseRedirect(reverse("admin:papers_paper_changelist"))
        context = {**self.admin_site.each_context(request), "title": _("Pull papers from arXiv"), "form": form}
        return render(request, "admin/papers/paper/pull.html", {**context, "opts": self.opts})

    @admin.action(description=gettext_lazy("Pull the selected papers from arXiv again"), permissions=["change"])
    def pull_again(self, request: HttpRequest, queryset: QuerySet[Paper]) -> None:
        ask_arxiv(request, list(filter(None, queryset.values_list("arxiv_id", flat=True))))

    @admin.display(description=gettext_lazy("id or slug"), ordering="arxiv_id")
    def key_and_state(self, paper: Paper) -> str:
        return format_html('{}<span class="beneath">{}</span>', paper.key, self.state(paper))

    @admin.display(description=gettext_lazy("submitted"))
    def submitted_day(self, paper: Paper) -> date | None:
        return paper.submitted.astimezone(UTC).date() if paper.submitted else None

    @admin.display(description=gettext_lazy("category"), ordering="primary_category")
    def category(self, paper: Paper) -> str:
        return paper.primary_category

    def state(self, paper: Paper) -> str:
        return ", ".join(
            [_("stub")] * paper.stub + [_("withdrawn")] * paper.withdrawn + [_("withdrawn?")] * paper.is_in_doubt
        )

    @admin.display(description=gettext_lazy("title and authors"))
    def described(self, paper: Paper) -> str:
        first = ", ".join(paper.authors[:2])
        names = _("%(names)s and others") % {"names": first} if len(paper.authors) > 2 else first
        return format_html('{}<span class="beneath">{}</span>', paper.title, names)


CATEGORIES_AND_DATES = [
    ("primary_category", "categories"),
    ("version", "first_seen"),
    ("submitted", "updated", "announced"),
]


def is_from_arxiv(paper: Paper) -> bool:
    return bool(paper.arxiv_id) and not paper.stub


def ask_arxiv(request: HttpRequest, ids: Iterable[str]) -> None:
    """Hands the ids to the worker and says so; a web request never waits for arXiv."""
    wanted = list(ids)
    if not wanted:
        messages.warning(request, _("None of these papers has an arXiv id, so there is nothing to pull."))
        return
    try:
        tasks.pull_ids.delay(wanted)
    except OperationalError:
        messages.error(
            request,
            _("The queue cannot be reached, so arXiv was not asked; start the server of REDIS_URL and try again."),
        )
        return
    asked = ngettext("The worker asks arXiv for %d paper", "The worker asks arXiv for %d papers", len(wanted))
    messages.success(request, _("%s; look again in a minute.") % (asked % len(wanted)))
