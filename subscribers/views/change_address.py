"""The change of address: to which one (asked in the old mailbox), and the word of the new one."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from core.mail.masking import mask_address
from subscribers import signed_links
from subscribers.change_address import change_address as move_there
from subscribers.forms import AddressForm
from subscribers.models import AccountMail, Subscriber
from subscribers.sign_up import put_down
from subscribers.view_guards import for_proven, from_this_site, personal_page, unknown_link


@for_proven(signed_links.ADDRESS_LINK)
def address(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """The answer is the same for every address that is one."""
    form = AddressForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        values = {"form": form, "address": mask_address(subscriber.email)}
        return render(request, "subscribers/address.html", values, status=400 if form.is_bound else 200)
    put_down(form.slip(subscriber, timezone.now()))
    return render(request, "subscribers/address_asked.html")


@personal_page
@from_this_site
def move(request: HttpRequest, token: str) -> HttpResponse:
    try:
        ticket = signed_links.MOVE_LINK.read(token)
    except signed_links.BadLink:
        return unknown_link(request)
    letter = AccountMail.objects.filter(pk=ticket.key, kind=AccountMail.Kind.MOVE).select_related("subscriber").first()
    if letter is None or signed_links.MOVE_LINK.has_expired(ticket, timezone.now()):
        return render(request, "subscribers/data_link_expired.html", status=410)
    return _moved(request, letter) if request.method == "POST" else _ask(request, letter)


def _ask(request: HttpRequest, letter: AccountMail) -> HttpResponse:
    values = {"old": mask_address(letter.subscriber.email), "new": letter.to}
    return render(request, "subscribers/move.html", values)


def _moved(request: HttpRequest, letter: AccountMail) -> HttpResponse:
    if not move_there(letter, timezone.now()):
        return render(request, "subscribers/unreachable.html", {"contact": settings.REPLY_TO}, status=409)
    values = {"subscriber": letter.subscriber, "address": letter.to}
    return render(request, "subscribers/moved.html", values)
