"""The forms of subscribers. Each says of a bad address what is wrong with it, and nothing of who is known."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.admin_classes import ModelForm
from issues.models import Series
from subscribers.addresses import MAX_LENGTH_ADDRESS, BadAddress, normalise_address
from subscribers.models import SignupRequest, Subscriber
from subscribers.proof_of_work import is_proven


class AddressField(forms.CharField):
    """A mail address in its normal form."""

    widget = forms.EmailInput(attrs={"autocomplete": "email", "inputmode": "email", "spellcheck": "false"})

    def __init__(self) -> None:
        super().__init__(label=_("E-mail address"), max_length=MAX_LENGTH_ADDRESS)

    def clean(self, value: Any) -> str:
        try:
            return normalise_address(super().clean(value))
        except BadAddress as error:
            raise forms.ValidationError(str(error)) from None


def series_field() -> forms.ModelMultipleChoiceField[Series]:
    return forms.ModelMultipleChoiceField(
        label=_("Which series?"),
        help_text=_("None ticked means all of them."),
        queryset=Series.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class PlainForm(forms.Form):
    """Labels without a colon: they stand above their fields."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})


def without_idle_choice(form: forms.BaseForm) -> None:
    """One series is no choice."""
    if Series.objects.count() < 2:
        del form.fields["series"]


class SignUpForm(PlainForm):
    email = AddressField()
    name = forms.CharField(
        label=_("Name (if you like)"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    series = series_field()
    # People do not see this field; programs that fill in every field give themselves away.
    website = forms.CharField(
        label=_("Leave this empty"),
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"}),
    )

    proof = forms.CharField(max_length=60, required=False, widget=forms.HiddenInput)
    source = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        without_idle_choice(self)

    def clean_source(self) -> str:
        """A page of an issue, or a word; whatever else somebody wrote there is no reason to turn a person away."""
        source = str(self.cleaned_data["source"])
        return source if re.fullmatch(r"[\w./-]{1,80}", source, re.ASCII) else ""

    @property
    def domain(self) -> str:
        return str(self.cleaned_data["email"]).rpartition("@")[2]

    def is_proven(self, now: datetime) -> bool:
        """Whether the browser worked for it; the proof is over the address as it was typed."""
        return is_proven(self.cleaned_data["proof"], self.data["email"], now)

    @property
    def is_from_a_robot(self) -> bool:
        return bool(self.cleaned_data["website"])

    def slip(self, now: datetime) -> SignupRequest:
        series = [one.pk for one in self.cleaned_data.get("series", ())]
        email, name = self.cleaned_data["email"], self.cleaned_data["name"].strip()
        source = self.cleaned_data["source"]
        return SignupRequest(
            kind=SignupRequest.Kind.SIGN_UP, email=email, name=name, series=series, source=source, asked_at=now
        )


class PreferencesForm(ModelForm[Subscriber]):
    series = series_field()

    class Meta:
        model = Subscriber
        fields = ["series", "depth", "name"]
        labels = {"depth": _("How much of an issue?"), "name": _("Name")}
        widgets = {"depth": forms.RadioSelect, "name": forms.TextInput(attrs={"autocomplete": "name"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": "", **kwargs})
        without_idle_choice(self)


class SignInForm(PlainForm):
    email = AddressField()
    issue = forms.SlugField(max_length=200, required=False, widget=forms.HiddenInput)

    def slip(self, now: datetime) -> SignupRequest:
        email, issue = self.cleaned_data["email"], self.cleaned_data["issue"]
        return SignupRequest(kind=SignupRequest.Kind.SIGN_IN, email=email, issue=issue, asked_at=now)


class AddressForm(PlainForm):
    email = AddressField()

    def slip(self, subscriber: Subscriber, now: datetime) -> SignupRequest:
        return SignupRequest(
            kind=SignupRequest.Kind.MOVE, subscriber=subscriber, email=self.cleaned_data["email"], asked_at=now
        )
