"""What a block may hold: lines that cannot be read are refused by name, before anything is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.admin_classes import BaseInlineFormSet, ModelForm
from glossary.models import GlossaryTerm
from issues.admin.autocomplete import remember_labels
from issues.document.structured_text import parse_printed_links, tidy_text
from issues.document.template import BadOutline, parse_outline
from issues.document.values import TermValue
from issues.editorial.capture import first_text
from issues.models import Glossary, Highlight, Issue, PollBlock, PollResults, Series
from issues.models.series import Access
from issues.storage.papers import LINK_KINDS, link_papers, papers_of
from issues.storage.terms import known_terms, link_terms, names_in, put_terms, read_terms
from issues.storage.write_counts import DoesNotFit, WriteLedger, check_fits
from papers.admin import ids_in
from papers.enrichment.extract_links import canonical_url
from papers.models import Paper

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class IssueForm(ModelForm[Issue]):
    add_papers = forms.CharField(
        label=gettext_lazy("Add highlights of"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        help_text=gettext_lazy(
            "Papers by their arXiv ids, in any form, with spaces, commas or line ends between them: each becomes a "
            "highlight after the last one, still to be written. What is not known here is pulled from arXiv."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding and "access" in self.fields:
            access: Any = self.fields["access"]
            access.required = False
            access.choices = [("", gettext_lazy("as its series says")), *Access.choices]
            self.initial["access"] = kwargs.get("initial", {}).get("access", "")

    def clean_add_papers(self) -> list[str]:
        return ids_in(self.cleaned_data["add_papers"])

    def clean(self) -> dict[str, Any]:
        """What a new issue leaves open is as its series says."""
        values = super().clean() or self.cleaned_data
        if values.get("cover") and not values.get("cover_alt"):
            self.add_error("cover_alt", _("Say in words what the cover shows, for those who cannot see it."))
        series: Series | None = values.get("series")
        if not self.instance._state.adding:
            return values
        if not values.get("access"):
            values["access"] = series.default_access if series else Access.EVERYONE
        if series and series.numbered and values.get("number") is None and "number" not in self.errors:
            values["number"] = Issue.objects.next_number()
        return values


class SeriesForm(ModelForm[Series]):
    def clean_blocks(self) -> str:
        blocks = tidy_text(self.cleaned_data["blocks"])
        try:
            parse_outline(blocks)
        except BadOutline as error:
            raise ValidationError(str(error)) from error
        return blocks


class TidyField(forms.CharField):
    """Text with the line ends that the house keeps: browsers send others, and would change what nobody edited."""

    def to_python(self, value: Any) -> str:
        return tidy_text(super().to_python(value) or "")


class AddressField(forms.URLField):
    """The address of a web page that readers are sent to."""

    def clean(self, value: Any) -> str:
        url: str = super().clean(value)
        if url and canonical_url(url) is None:
            raise ValidationError(_("“%s” is no address of a web page; begin it with https://.") % url)
        return url


class GlossaryForm(ModelForm[Glossary]):
    """A line with a definition adds the term where the glossary lacks it; a bare name must be known."""

    def clean_entries(self) -> str:
        entries: str = self.cleaned_data["entries"]
        terms = read_terms(entries, known_terms(names_in(entries)))
        faults = [fault for term in terms if (fault := _fault_of(term))]
        if faults:
            raise ValidationError(faults)
        return entries

    def save(self, commit: bool = True) -> Glossary:
        entries = self.instance.entries
        self.instance.entries = put_terms(read_terms(entries, known_terms(names_in(entries))), WriteLedger())
        return super().save(commit)

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]
        link_terms(self.instance)


class HighlightForm(ModelForm[Highlight]):
    """Its papers keep the order in which they were chosen."""

    checked = forms.BooleanField(
        required=False, help_text=gettext_lazy("Somebody compared the text with the paper; your name is kept with it.")
    )

    def __init__(
        self, *args: Any, known: Mapping[int, Sequence[Paper]], editor: User | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.editor = editor
        papers = known.get(self.instance.pk, ())
        self.initial["papers"] = [paper.pk for paper in papers]
        self.initial["checked"] = bool(self.instance.checked_at)
        remember_labels(self.fields["papers"], papers)
        self.instance.face = self.instance.heading or (papers[0].title if papers else "")

    def clean_printed_links(self) -> str:
        label: str = self.cleaned_data["printed_links"]
        groups = parse_printed_links(label)
        unknown = [kind for group in groups for kind in group if kind not in LINK_KINDS]
        if unknown:
            raise ValidationError(
                _("“%(kind)s” is no kind of link; write %(kinds)s, or - for no link.")
                % {"kind": unknown[0], "kinds": ", ".join(LINK_KINDS)}
            )
        papers = self.cleaned_data.get("papers")
        if papers is not None and len(groups) > len(papers):
            counted = ngettext("there is %d paper", "there are %d papers", len(papers)) % len(papers)
            raise ValidationError(
                _("Links are named for %(groups)d papers, but %(papers)s.") % {"groups": len(groups), "papers": counted}
            )
        return label

    def save(self, commit: bool = True) -> Highlight:
        if self.instance._state.adding:
            self.instance.written_by = self.editor
        if "checked" in self.changed_data:
            checked = self.cleaned_data["checked"]
            self.instance.checked_by = self.editor if checked else None
            self.instance.checked_at = timezone.now() if checked else None
        return super().save(commit)

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]
        link_papers(self.instance, self.cleaned_data["papers"])


class HighlightFormSet(BaseInlineFormSet[Highlight, Issue, HighlightForm]):
    """The papers of all highlights in two queries; a new highlight begins with the labels of the series."""

    editor: User | None = None
    series_id: int | None = None

    @cached_property
    def known(self) -> dict[int, list[Paper]]:
        return papers_of(self.get_queryset())

    def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
        kwargs = super().get_form_kwargs(index) | {"known": self.known, "editor": self.editor}
        return kwargs | {"initial": {"text": self._labels()}} if index is None else kwargs

    def _labels(self) -> str:
        return first_text(Series.objects.filter(pk=self.series_id).first() if self.series_id else None)


class PollForm(ModelForm[PollBlock | PollResults]):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.poll_id:
            remember_labels(self.fields["poll"], [self.instance.poll])
            self.instance.face = self.instance.poll.question


def _fault_of(term: TermValue) -> str | None:
    if not term.definition:
        return _("“%(name)s” is not in the glossary; write “%(name)s: its definition”, and it is added.") % {
            "name": term.label
        }
    try:
        check_fits(GlossaryTerm(name=term.name, qualifier=term.qualifier), f"“{term.name[:40]}”")
    except DoesNotFit as error:
        return str(error)
    return None
