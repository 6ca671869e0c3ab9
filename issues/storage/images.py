"""The image of a figure or a cover: it is referred to where it lies below MEDIA_ROOT, and never fetched."""

from __future__ import annotations

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.core.files.images import get_image_dimensions
from django.core.files.storage import default_storage


def image_name(src: str) -> str | None:
    """The name below MEDIA_ROOT of the image that an address names; None where there is no such image."""
    return src.removeprefix(settings.MEDIA_URL) if size_of(src) != (None, None) else None


def size_of(src: str) -> tuple[int | None, int | None]:
    """Width and height in pixels; two Nones where there is no such image below MEDIA_ROOT."""
    name = src.removeprefix(settings.MEDIA_URL)
    try:
        if not name or not default_storage.exists(name):
            return None, None
        with default_storage.open(name) as image:
            return get_image_dimensions(image)
    except (SuspiciousFileOperation, OSError, ValueError):
        return None, None


def no_image(src: str) -> str:
    """The sentence that says so."""
    return f"there is no image “{src[:200]}” below MEDIA_ROOT; put it there and import again."
