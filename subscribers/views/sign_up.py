"""Signing up and confirming. GET and HEAD show, POST acts."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core.web.public_page import public_page
from subscribers import account_mail, rate_limits, signed_links
from subscribers.forms import SignUpForm
from subscribers.models import AccountMail, Subscriber
from subscribers.sign_up import confirm_subscription as confirm_by
from subscribers.sign_up import consent_words, put_down
from subscribers.view_guards import from_this_site, personal_page, unknown_link


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@from_this_site
def subscribe(request: HttpRequest) -> HttpResponse:
    return _take_wish(request) if request.method == "POST" else _show_form(request)


@public_page
def _show_form(request: HttpRequest) -> HttpResponse:
    return render(
        request,
        "subscribers/subscribe.html",
        {"form": SignUpForm(initial={"source": request.GET.get("from", "")[:80]}), "words": consent_words()},
    )


@never_cache
def _take_wish(request: HttpRequest) -> HttpResponse:
    """The answer is the same for every address that is one."""
    form = SignUpForm(request.POST)
    if not form.is_valid():
        return render(request, "subscribers/subscribe.html", {"form": form, "words": consent_words()}, status=400)
    if not (
        rate_limits.allow_request(request) and (form.is_proven(timezone.now()) or rate_limits.has_room(form.domain))
    ):
        return render(request, "subscribers/too_many.html", status=429)
    if not form.is_from_a_robot:
        put_down(form.slip(timezone.now()))
    return render(request, "subscribers/asked.html")


@personal_page
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    try:
        ticket = signed_links.CONFIRM_LINK.read(token)
    except signed_links.BadLink:
        return unknown_link(request)
    subscriber = Subscriber.objects.filter(pk=ticket.key).first()
    if subscriber is None:
        return unknown_link(request)
    if _is_stale(ticket, subscriber):
        return _offer_another(request, subscriber)
    if request.method == "POST" or subscriber.is_active:
        return _confirmed(request, subscriber)
    return render(request, "subscribers/confirm.html", {"words": consent_words()})


def _is_stale(ticket: signed_links.SignedLink, subscriber: Subscriber) -> bool:
    """Too old, or from before the person left: what is confirmed then is a newer wish."""
    left = subscriber.left_at
    return signed_links.CONFIRM_LINK.has_expired(ticket, timezone.now()) or (
        left is not None and ticket.written <= left
    )


def _offer_another(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    if subscriber.is_active:
        return render(request, "subscribers/confirmed.html")
    if request.method != "POST":
        return render(request, "subscribers/expired.html", status=410)
    account_mail.request_mail(subscriber, AccountMail.Kind.CONFIRM, timezone.now())
    return render(request, "subscribers/asked.html")


def _confirmed(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """The same for the second time as for the first."""
    if subscriber.is_active or confirm_by(subscriber, timezone.now()):
        return render(request, "subscribers/confirmed.html", {"preferences": subscriber.get_preferences_url()})
    return render(request, "subscribers/unreachable.html", {"contact": settings.REPLY_TO}, status=409)
