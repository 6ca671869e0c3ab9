"""What every template may say of the site."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest

VERSION: Final = "0.1.0"


def site_context(request: HttpRequest | None = None) -> dict[str, str]:
    return {"site_name": settings.SITE_NAME, "site_url": settings.SITE_URL}


def absolute_url(path: str) -> str:
    """The full address of a path on this site."""
    return f"{settings.SITE_URL}{path}"


def absolute_page_url(path: str, number: int) -> str:
    """The full address of a page of a list; the first one has no number in it."""
    return absolute_url(f"{path}?page={number}" if number > 1 else path)
