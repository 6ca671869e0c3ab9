"""What a person may ask about the own data: a link by mail, then a page that says what will happen, then it does."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from mailings.personal_data import as_file
from mailings.personal_data import erase as forget
from subscribers import signed_links
from subscribers.models import Subscriber
from subscribers.view_guards import for_proven


@for_proven(signed_links.EXPORT_LINK)
def export(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    if request.method != "POST":
        return render(request, "mailings/export.html")
    headers = {"Content-Disposition": 'attachment; filename="held-about-me.json"'}
    return HttpResponse(as_file(subscriber), content_type="application/json; charset=utf-8", headers=headers)


@for_proven(signed_links.ERASE_LINK)
def erase(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    if request.method != "POST":
        return render(request, "mailings/erase.html")
    forget(subscriber)
    return render(request, "mailings/erased.html")
