"""What every page for anonymous readers shares: GET and HEAD only, cacheable by anyone, answered 304 when unchanged."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import conditional_page, require_safe
from django.views.defaults import page_not_found

_FRESH = 60  # seconds that a shared cache may answer without asking; publishing refreshes the address itself
_STALE = 600  # seconds that it may go on answering while it asks, or while the site is down

P = ParamSpec("P")


class GonePage(Exception):
    """What stood at this address was taken away by an editor: the answer is 410."""


def public_page(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """A view whose answer is the same for everybody. It must not touch the session, the user or the CSRF token."""

    @wraps(view)
    def answer(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            response = view(request, *args, **kwargs)
        except GonePage:
            return _in_its_place(render(request, "410.html", status=410))
        except Http404 as error:
            return _in_its_place(page_not_found(request, error))
        if response.status_code < 400:
            patch_vary_headers(response, ["Accept-Encoding"])
            patch_cache_control(
                response, public=True, max_age=0, s_maxage=_FRESH, stale_while_revalidate=_STALE, stale_if_error=_STALE
            )
        return response

    return require_safe(conditional_page(answer))


def _in_its_place(response: HttpResponse) -> HttpResponse:
    """The error is cached for a moment too: else a shared cache would go on showing the old page."""
    patch_cache_control(response, public=True, max_age=0, s_maxage=_FRESH)
    return response
