"""Where a counted link of a mail leads: on to its address, for ever, whether clicks are counted or not."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.views.decorators.http import require_safe
from django.views.defaults import page_not_found

from mailings.models import MailLink
from mailings.stats import clicks


@require_safe
def go(request: HttpRequest, key: str) -> HttpResponse:
    """To the address that stands in the mail, and to no other, whatever the request says."""
    link = MailLink.objects.filter(key=key).first()
    if link is None:
        return _kept_by_nobody(page_not_found(request, Http404()))
    if settings.COUNT_CLICKS and clicks.may_be_a_person(request):
        clicks.hold_click(link.pk, request, timezone.now())
    return _kept_by_nobody(HttpResponseRedirect(link.url))


def _kept_by_nobody(response: HttpResponse) -> HttpResponse:
    """Each click comes here; robots that look for pages find none."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
