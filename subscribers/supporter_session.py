"""Who may read what is for supporters: readers with a signed cookie (it opens nothing else but /me/), and editors."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from subscribers.models import Subscriber

COOKIE_NAME: Final = "reader"
SESSION_LASTS: Final = timedelta(days=30)


def signed_in(request: HttpRequest) -> Subscriber | None:
    """The subscriber of this cookie, or None. When the subscriber gets a new token, older cookies are worthless."""
    try:
        token = _signer().unsign(request.COOKIES.get(COOKIE_NAME, ""), max_age=SESSION_LASTS)
    except BadSignature:
        return None
    return Subscriber.objects.filter(token=token).first()


def may_read_all(request: HttpRequest, reader: Subscriber | None, today: date) -> bool:
    """Supporters, and editors who are signed in to the admin."""
    if reader is not None and reader.is_supporter(today):
        return True
    return request.user.is_staff and request.user.has_perm("issues.view_issue")


def let_in(response: HttpResponse, subscriber: Subscriber) -> None:
    """Sets the cookie for 30 days."""
    response.set_cookie(
        COOKIE_NAME,
        _signer().sign(subscriber.token),
        max_age=SESSION_LASTS,
        path=_path(),
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


def let_out(response: HttpResponse) -> None:
    response.delete_cookie(COOKIE_NAME, path=_path(), samesite="Lax")


def _path() -> str:
    return reverse("subscribers:account")


def _signer() -> TimestampSigner:
    return TimestampSigner(salt="subscribers.reader")
