"""What an editor plans for an issue, and the sentence that says what will come of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.site import absolute_url
from issues.editorial.publish import UNDO_WINDOW
from issues.models import Issue


class PlanForm(forms.Form):
    when = forms.ChoiceField(
        label=gettext_lazy("When"),
        choices=[("now", gettext_lazy("now")), ("at", gettext_lazy("at this time:"))],
        widget=forms.RadioSelect,
        initial="now",
    )
    at = forms.DateTimeField(
        label=gettext_lazy("Date and time"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    mail = forms.ChoiceField(
        label=gettext_lazy("Where"),
        choices=[("yes", gettext_lazy("on the web and by mail")), ("no", gettext_lazy("on the web only"))],
        widget=forms.RadioSelect,
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("when") == "at" and "at" in values:
            if values["at"] is None:
                self.add_error("at", _("Give the date and the time."))
            elif values["at"] <= timezone.now():
                self.add_error(
                    "at", _("%s has passed; give a later time, or publish it now.") % both_zones(values["at"])
                )
        return values

    @property
    def hour(self) -> datetime | None:
        """None: now."""
        return self.cleaned_data["at"] if self.cleaned_data["when"] == "at" else None

    @property
    def with_mail(self) -> bool:
        return bool(self.cleaned_data["mail"] == "yes")


def both_zones(time: datetime) -> str:
    """`2026-12-01 09:00 Europe/Berlin (08:00 UTC)`; the day is said again where it is another one."""
    here, utc = timezone.localtime(time), time.astimezone(UTC)
    if settings.TIME_ZONE == "UTC":
        return f"{utc:%Y-%m-%d %H:%M} UTC"
    there = f"{utc:%H:%M} UTC" if here.date() == utc.date() else f"{utc:%Y-%m-%d %H:%M} UTC"
    return f"{here:%Y-%m-%d %H:%M} {settings.TIME_ZONE} ({there})"


def describe_outcome(issue: Issue, *, hour: datetime | None, mail: bool, audience: int | None) -> str:
    """What will happen, in one sentence; `hour` None is now, `audience` None where nobody counts."""
    values = {
        "title": issue.title,
        "when": both_zones(hour) if hour else _("now"),
        "address": absolute_url(issue.get_absolute_url()),
        "mailed": _mailed(issue, hour, audience) if mail else _("and nobody gets a mail"),
    }
    if issue.is_published:
        return _("“%(title)s” is on the web already (%(address)s), %(mailed)s.") % values
    return _("“%(title)s” goes on the web %(when)s at %(address)s, %(mailed)s.") % values


def _mailed(issue: Issue, hour: datetime | None, audience: int | None) -> str:
    values = {"subject": issue.mail_subject or issue.title, "people": _people(audience)}
    if hour:
        return _("and at that time it is mailed to %(people)s with the subject “%(subject)s”") % values
    values["minutes"] = str(int(UNDO_WINDOW.total_seconds() // 60))
    return (
        _("and unless you stop it within %(minutes)s minutes it is mailed to %(people)s with the subject “%(subject)s”")
        % values
    )


def _people(audience: int | None) -> str:
    if audience is None:
        return _("its subscribers")
    return ngettext("%s person", "%s people", audience) % f"{audience:,}"
