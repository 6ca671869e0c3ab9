"""What stands before the views: pages for one person only, and forms that no other site may send."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core.web.public_page import GonePage
from subscribers.models import Subscriber
from subscribers.signed_links import BadLink, LinkPurpose

P = ParamSpec("P")
_View = Callable[Concatenate[HttpRequest, P], HttpResponse]


def personal_page(view: _View[P]) -> _View[P]:
    """A page for one person: no cache keeps it, no robot lists it, no other site is told its address.

    GET and HEAD show, POST acts. The link itself is the proof, so no CSRF token is asked for.
    """

    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except GonePage:
            response = render(request, "410.html", status=410)
        response.headers["Cache-Control"] = "no-store"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    guarded: _View[P] = csrf_exempt(require_http_methods(["GET", "HEAD", "POST"])(answer))
    return guarded


def from_this_site(view: _View[P]) -> _View[P]:
    """Refuses a POST that says it comes from another site; one that says nothing is let through."""

    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method == "POST" and is_from_elsewhere(request):
            return render(request, "subscribers/elsewhere.html", status=403)
        return view(request, *args, **kwargs)

    return answer


def is_from_elsewhere(request: HttpRequest) -> bool:
    """Whether another site sent this form: by Sec-Fetch-Site, else by Origin, else by Referer.

    “null” is the Origin of our own pages, which name themselves to nobody, and of others that hide; a browser knows.
    """
    if request.headers.get("Sec-Fetch-Site") == "cross-site":
        return True
    sender = request.headers.get("Origin") or request.headers.get("Referer", "")
    if sender in {"", "null"}:
        return False
    try:
        host = urlsplit(sender).netloc
    except ValueError:
        return True
    return host not in {request.get_host(), urlsplit(settings.SITE_URL).netloc}


def for_holder(view: Callable[Concatenate[HttpRequest, Subscriber, P], HttpResponse]) -> Callable[..., HttpResponse]:
    """A personal page for whoever holds the permanent token."""

    @personal_page
    @wraps(view)
    def answer(request: HttpRequest, /, token: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        subscriber = Subscriber.objects.filter(token=token).first()
        return unknown_link(request) if subscriber is None else view(request, subscriber, *args, **kwargs)

    return answer


def for_proven(purpose: LinkPurpose) -> Callable[[Callable[[HttpRequest, Subscriber], HttpResponse]], _View[[str]]]:
    """A personal page for whoever followed a fresh link out of the mailbox; looking does not use the link up."""

    def guard(view: Callable[[HttpRequest, Subscriber], HttpResponse]) -> _View[[str]]:
        @personal_page
        @from_this_site
        @wraps(view)
        def answer(request: HttpRequest, /, token: str) -> HttpResponse:
            try:
                ticket = purpose.read(token)
            except BadLink:
                return unknown_link(request)
            if purpose.has_expired(ticket, timezone.now()):
                return render(request, "subscribers/data_link_expired.html", status=410)
            subscriber = Subscriber.objects.filter(pk=ticket.key).first()
            return unknown_link(request) if subscriber is None else view(request, subscriber)

        return answer

    return guard


def unknown_link(request: HttpRequest) -> HttpResponse:
    """For a link that a mail program cut short, that was replaced, or whose owner was erased: says what to do."""
    return render(request, "subscribers/unknown_link.html", {"contact": settings.REPLY_TO}, status=404)
