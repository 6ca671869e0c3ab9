"""Addresses that no page can have: PostgreSQL holds no NUL character, so none with one is looked up."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse


class NullCharacterMiddleware:
    """404 where the path or the query holds a NUL character."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            raise Http404
        return self.get_response(request)
