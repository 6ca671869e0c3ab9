"""Lists of tags, `v=DKIM1; k=rsa`, in which DKIM and DMARC write their records. Pure."""

from __future__ import annotations

import re

_TAG = re.compile(r"\s*([a-z][a-z0-9_]*)\s*=\s*(.*?)\s*", re.IGNORECASE | re.DOTALL)


class BadTags(ValueError):
    """A piece that is no tag, or one that stands there twice; a sentence without a full stop."""


def parse_tag_list(text: str) -> dict[str, str]:
    """In their order, the names in lower case. Raises BadTags."""
    found: dict[str, str] = {}
    for piece in text.split(";"):
        if not piece.strip():
            continue
        tag = _TAG.fullmatch(piece)
        if tag is None:
            raise BadTags(f"“{_short(piece)}” is no tag")
        if tag[1].lower() in found:
            raise BadTags(f"{tag[1].lower()[:20]}= stands there twice")
        found[tag[1].lower()] = tag[2]
    return found


def _short(piece: str) -> str:
    return "".join(char for char in piece.strip()[:60] if char.isprintable())
