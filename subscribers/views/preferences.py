"""What the permanent token in every mail opens: the preferences, and the way out."""

from datetime import timedelta
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.mail.masking import mask_address
from subscribers import account_mail
from subscribers.forms import PreferencesForm
from subscribers.models import AccountMail, Subscriber
from subscribers.view_guards import for_holder

A_MONTH: Final = timedelta(days=30)
DATA_LINKS: Final = {
    "address": (AccountMail.Kind.ADDRESS, _("Change my address")),
    "export": (AccountMail.Kind.EXPORT, _("Send me all that is held about me")),
    "erase": (AccountMail.Kind.ERASE, _("Delete me")),
}


@for_holder
def preferences(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    form = PreferencesForm(request.POST if request.method == "POST" else None, instance=subscriber)
    saved = subscriber.is_active and form.is_bound and form.is_valid()
    if saved:
        form.save()
        subscriber.acted(timezone.now())
    return _show(request, subscriber, form, saved=saved)


@for_holder
def highlights_only(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """Shorter mails instead of none, for who was about to leave."""
    if request.method == "POST":
        subscriber.depth = Subscriber.Depth.HIGHLIGHTS
        subscriber.save(update_fields=["depth"])
        subscriber.acted(timezone.now())
    return _show(request, subscriber, PreferencesForm(instance=subscriber), saved=request.method == "POST")


@for_holder
def pause(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """A month without mail instead of leaving; it comes back by itself."""
    if request.method == "POST" and subscriber.is_active:
        subscriber.pause(timezone.localdate() + A_MONTH)
    return _show(request, subscriber, PreferencesForm(instance=subscriber), saved=request.method == "POST")


@for_holder
def go_on(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    if request.method == "POST":
        subscriber.go_on(timezone.now())
    return _show(request, subscriber, PreferencesForm(instance=subscriber), saved=request.method == "POST")


@for_holder
def unsubscribe(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """RFC 8058: POST acts at once whatever its body, without cookies, answers 200, and may come twice."""
    if request.method == "POST":
        subscriber.unsubscribe(timezone.now())
    if not subscriber.is_standing:
        return render(request, "subscribers/unsubscribed.html", {"subscriber": subscriber})
    return render(request, "subscribers/unsubscribe.html", _about(subscriber))


@for_holder
def ask_for_link(request: HttpRequest, subscriber: Subscriber, slug: str) -> HttpResponse:
    """The answer is the same whether a letter may be sent or not."""
    if slug not in DATA_LINKS:
        raise Http404
    values = {"subscriber": subscriber, "address": mask_address(subscriber.email)}
    if request.method != "POST":
        return render(request, "subscribers/data_link.html", values)
    if subscriber.may_be_written_to:
        account_mail.request_mail(subscriber, DATA_LINKS[slug][0], timezone.now())
    return render(request, "subscribers/data_link_asked.html", values)


def _show(request: HttpRequest, subscriber: Subscriber, form: PreferencesForm, *, saved: bool) -> HttpResponse:
    if not subscriber.is_active:
        return render(request, "subscribers/not_subscribed.html", _about(subscriber))
    values = {**_about(subscriber), "form": form, "saved": saved}
    return render(request, "subscribers/preferences.html", values, status=400 if form.errors else 200)


def _about(subscriber: Subscriber) -> dict[str, object]:
    data_links = [{"slug": slug, "label": label} for slug, (_mail, label) in DATA_LINKS.items()]
    is_paused = subscriber.is_paused(timezone.localdate())
    return {
        "subscriber": subscriber,
        "address": mask_address(subscriber.email),
        "data_links": data_links,
        "is_paused": is_paused,
    }
