"""What a person may ask about the own data: a link by mail, then a page that says what will happen, then it does."""

from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from mailings.personal_data import as_file
from subscribers import account_mail as letters
from subscribers import signed_links as links
from subscribers.addresses import masked
from subscribers.models import Letter, Subscriber
from subscribers.view_guards import for_holder, for_proven

ERRANDS: Final = {
    "address": (Letter.Kind.ADDRESS, _("Change my address")),
    "export": (Letter.Kind.EXPORT, _("Send me all that is held about me")),
    "erase": (Letter.Kind.ERASE, _("Delete me")),
}


@for_holder
def errand(request: HttpRequest, subscriber: Subscriber, slug: str) -> HttpResponse:
    """The answer is the same whether a letter may be sent or not."""
    if slug not in ERRANDS:
        raise Http404
    values = {"subscriber": subscriber, "address": masked(subscriber.email)}
    if request.method != "POST":
        return render(request, "subscribers/errand.html", values)
    if subscriber.may_be_written_to:
        letters.ask(subscriber, ERRANDS[slug][0], timezone.now())
    return render(request, "subscribers/errand_asked.html", values)


@for_proven(links.EXPORT)
def export(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    if request.method != "POST":
        return render(request, "subscribers/export.html")
    headers = {"Content-Disposition": 'attachment; filename="held-about-me.json"'}
    return HttpResponse(as_file(subscriber), content_type="application/json; charset=utf-8", headers=headers)


@for_proven(links.ERASE)
def erase(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    if request.method != "POST":
        return render(request, "subscribers/erase.html")
    subscriber.erase()
    return render(request, "subscribers/erased.html")
