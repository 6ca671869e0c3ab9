"""Addresses as they may be shown and kept: nobody is recognised, and it stays clear which of the own ones is meant."""

from __future__ import annotations

import re

MAX_LENGTH = 500  # characters of a server's words that are kept
_LOCAL_PART = re.compile(r"[^\s<>()\[\]\",:;\\@]+@")


def mask_address(address: str) -> str:
    """What a page may show to whoever holds a forwarded link, e.g. `r…@example.org`."""
    local, _at, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def mask_addresses(text: str) -> str:
    """As much of a server's words as is stored, without what stands before the @ of addresses."""
    return _LOCAL_PART.sub("…@", text)[:MAX_LENGTH]
