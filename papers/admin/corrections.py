"""What editors corrected of papers, and what they say of withdrawals that arXiv's words leave open."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.admin_classes import LargeTableAdmin, ModelAdmin, ReadOnlyAdmin, ReadOnlyInline
from papers.models import Correction, Paper
from papers.models.correction import WITHDRAWAL_FIELD, words_of
from papers.models.paper import PaperQuerySet
from papers.normalize import clean_abstract, clean_line
from papers.records.corrections import OurWords, judge_withdrawal, keep_ours, take_theirs, value_of


class CorrectionInline(ReadOnlyInline):
    """Beside what the paper says here: what arXiv says."""

    model = Correction
    fields = ["field", "arxivs_words", "overtaken", "by", "at"]
    readonly_fields = ["field", "arxivs_words", "overtaken", "by", "at"]
    verbose_name_plural = gettext_lazy("corrected here")

    @admin.display(description=gettext_lazy("what arXiv says"))
    def arxivs_words(self, correction: Correction) -> str:
        return correction.their_words


@admin.register(Correction)
class CorrectionAdmin(LargeTableAdmin, ReadOnlyAdmin, ModelAdmin[Correction]):
    """A correction is made where the paper is edited."""

    list_display = ["paper_key", "field", "our_words", "arxivs_words", "overtaken", "by", "at"]
    list_display_links = None  # nothing is changed there; the first column leads to the paper
    list_filter = ["overtaken", "field"]
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    ordering = ["-pk"]
    actions = ["take_theirs", "keep_ours"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Correction]:
        return super().get_queryset(request).select_related("paper", "by").defer("paper__search")

    def has_correct_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("papers.change_paper")

    @admin.action(description=gettext_lazy("Take what arXiv says"), permissions=["correct"])
    def take_theirs(self, request: HttpRequest, queryset: QuerySet[Correction]) -> None:
        for correction in queryset:
            take_theirs(correction)
        messages.success(request, _("These papers say what arXiv says again."))

    @admin.action(description=gettext_lazy("Keep what we say"), permissions=["correct"])
    def keep_ours(self, request: HttpRequest, queryset: QuerySet[Correction]) -> None:
        keep_ours(queryset)
        messages.success(request, _("What we say stands, until arXiv changes it again."))

    @admin.display(description=gettext_lazy("paper"))
    def paper_key(self, correction: Correction) -> str:
        address = reverse("admin:papers_paper_change", args=[correction.paper_id])
        return format_html('<a href="{}">{}</a>', address, correction.paper.key)

    @admin.display(description=gettext_lazy("what we say"))
    def our_words(self, correction: Correction) -> str:
        return words_of(value_of(correction.paper, correction.field))

    @admin.display(description=gettext_lazy("what arXiv says"))
    def arxivs_words(self, correction: Correction) -> str:
        return correction.their_words


@admin.action(description=gettext_lazy("Say: they are withdrawn"), permissions=["change"])
def judge_withdrawn(model_admin: Any, request: HttpRequest, queryset: QuerySet[Paper]) -> None:
    _judge(request, queryset, withdrawn=True)


@admin.action(description=gettext_lazy("Say: they are not withdrawn, only replaced"), permissions=["change"])
def judge_standing(model_admin: Any, request: HttpRequest, queryset: QuerySet[Paper]) -> None:
    _judge(request, queryset, withdrawn=False)


def read_corrections(form: Any) -> OurWords:
    """What an editor changed in the form of a paper from arXiv, as clean as what comes from there."""
    values, changed = form.cleaned_data, set(form.changed_data)
    said = {
        "title": clean_line(values["title"]),
        "abstract": clean_abstract(values["abstract"]),
        "authors": values["authors"],
        "comment": clean_line(values["comment"]),
    }
    withdrawal = {"withdrawn": values["withdrawn"], "withdrawal": clean_line(values["withdrawal"])}
    ours: dict[str, Any] = {field: value for field, value in said.items() if field in changed}
    return ours | ({WITHDRAWAL_FIELD: withdrawal} if changed & withdrawal.keys() else {})


def _judge(request: HttpRequest, queryset: QuerySet[Paper], *, withdrawn: bool) -> None:
    doubtful = list(cast("PaperQuerySet", queryset).in_doubt())
    for paper in doubtful:
        judge_withdrawal(paper, withdrawn=withdrawn, by=request.user)  # type: ignore[arg-type]
    if doubtful:
        said = ngettext("You have decided about %d paper.", "You have decided about %d papers.", len(doubtful))
        messages.success(request, said % len(doubtful))
    else:
        messages.warning(request, _("None of these papers waits for a decision; change the paper itself."))
