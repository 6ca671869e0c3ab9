"""The cover of an issue, as pages, mails and files show it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.encoding import iri_to_uri

from core.site import absolute_url
from issues.document.values import Document
from issues.rendering.formats.markdown_blocks import picture_address


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverImage:
    src: str
    alt: str
    width: int | None = None
    height: int | None = None

    @property
    def url(self) -> str:
        """Its full address, for those who read it elsewhere."""
        return iri_to_uri(self.src if self.src.startswith("https://") else absolute_url(self.src)) or ""


def cover_of(document: Document) -> CoverImage | None:
    """Everybody may see it, as the title."""
    if not document.cover:
        return None
    return CoverImage(
        src=picture_address(document.cover),
        alt=document.cover_alt,
        width=document.cover_width,
        height=document.cover_height,
    )
