"""The links of a paper, how their last checks went, and what Hugging Face says: parts of the paper's page."""

from __future__ import annotations

from django.contrib import admin
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.admin_classes import WEB_ADDRESSES, ModelForm, ReadOnlyInline, TabularInline
from papers.models import Paper, PaperLink, PaperSignal


class LinkForm(ModelForm[PaperLink]):
    """What checks found of another address says nothing of the new one."""

    def save(self, commit: bool = True) -> PaperLink:
        if "url" in self.changed_data:
            self.instance.forget_checks()
        return super().save(commit)


class LinkInline(TabularInline[PaperLink, Paper]):
    model = PaperLink
    form = LinkForm
    formfield_overrides = WEB_ADDRESSES
    extra = 0
    fields = ["kind", "url", "where", "answers"]
    readonly_fields = ["where", "answers"]

    @admin.display(description=gettext_lazy("at its last check"))
    def answers(self, link: PaperLink) -> str:
        state = str(link.get_state_display())
        since = date_format(link.failing_since, "Y-m-d") if link.failing_since else ""
        since = _("since %s") % since if since else ""
        day = date_format(link.checked, "Y-m-d") if link.checked and not since else ""
        return ", ".join(filter(None, (state, link.fault, since or day)))


class SignalInline(ReadOnlyInline):
    model = PaperSignal
    fields = ["seen", "name", "value"]
    classes = ["collapse"]
