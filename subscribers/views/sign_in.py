"""The supporters' sign-in: a link by mail that serves for half an hour, and a cookie for 30 days."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from issues.models import Issue
from subscribers import rate_limits, signed_links, supporter_session
from subscribers.forms import SignInForm
from subscribers.models import Subscriber
from subscribers.sign_up import put_down
from subscribers.view_guards import from_this_site, personal_page, unknown_link


@personal_page
@from_this_site
def login(request: HttpRequest) -> HttpResponse:
    """The answer is the same for every address that is one."""
    form = SignInForm(request.POST if request.method == "POST" else None, initial={"issue": request.GET.get("issue")})
    if not form.is_valid():
        return render(request, "subscribers/login.html", {"form": form}, status=400 if form.is_bound else 200)
    if not rate_limits.allow_request(request):
        return render(request, "subscribers/too_many.html", status=429)
    put_down(form.slip(timezone.now()))
    return render(request, "subscribers/login_asked.html")


@personal_page
@from_this_site
def sign_in(request: HttpRequest, token: str) -> HttpResponse:
    try:
        ticket = signed_links.SIGN_IN_LINK.read(token)
    except signed_links.BadLink:
        return unknown_link(request)
    subscriber = Subscriber.objects.active().filter(pk=ticket.key).first()
    if subscriber is None or signed_links.SIGN_IN_LINK.has_expired(ticket, timezone.now()):
        return render(request, "subscribers/sign_in_expired.html", status=410)
    if request.method != "POST":
        return render(request, "subscribers/sign_in.html")
    subscriber.acted(timezone.now())
    response = redirect(_destination(request.GET.get("issue", "")))
    supporter_session.let_in(response, subscriber)
    return response


@personal_page
@from_this_site
def sign_out(request: HttpRequest) -> HttpResponse:
    response = redirect("subscribers:login")
    if request.method == "POST":
        supporter_session.let_out(response)
    return response


@personal_page
def account(request: HttpRequest) -> HttpResponse:
    reader = supporter_session.signed_in(request)
    if reader is None:
        return redirect("subscribers:login")
    values = {"reader": reader, "is_supporter": reader.is_supporter(timezone.localdate())}
    return render(request, "subscribers/account.html", values)


def _destination(slug: str) -> str:
    issue = Issue.objects.published().filter(slug=slug).first()
    return "subscribers:account" if issue is None else f"/me/read/{issue.slug}/"
