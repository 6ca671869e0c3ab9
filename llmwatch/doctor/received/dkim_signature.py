"""The DKIM signatures of a message that arrived, verified by dkimpy with keys that our own look-ups found."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import dkim

from llmwatch.doctor.dns import dkim_keys, tag_list
from llmwatch.doctor.dns.resolver import NameResolver

MAX_SIGNATURES: Final = 4  # signatures that are looked at
MAX_LENGTH: Final = 4_000  # bytes of one
_BODY: Final = "its text was changed after it was signed: somebody on the way added a footer or rewrote it"
_HEADERS: Final = "it does not fit: a signed header was changed on the way, or another key stands in DNS"
# What dkimpy raises where others wrote something odd, beside its own errors.
_ODD: Final = (dkim.DKIMException, ArithmeticError, AssertionError, LookupError, TypeError, ValueError)
# Its log would show on the terminal what is told in a sentence here.
_silent = logging.getLogger(f"{__name__}.dkimpy")
_silent.setLevel(logging.CRITICAL + 1)


@dataclass(frozen=True, slots=True)
class DkimSignature:
    """`fault` says why it is not valid; empty where it is. `headers` are those that it covers, in lower case."""

    domain: str
    selector: str
    headers: frozenset[str]
    bits: int = 0
    is_partial: bool = False  # l=: what stands behind so many bytes is not covered
    fault: str = ""


class NotReadable(ValueError):
    """The message has headers that are none."""


def verify_signatures(raw: bytes, names: NameResolver) -> Iterator[DkimSignature]:
    """The topmost first. Raises NotReadable and NoAnswer."""
    try:
        message = dkim.DKIM(raw, logger=_silent)
    except _ODD:
        raise NotReadable from None
    written = [value for name, value in message.headers if name.lower() == b"dkim-signature"]
    for number, value in enumerate(written[:MAX_SIGNATURES]):
        yield _signature(raw, number, value, names)


def _signature(raw: bytes, number: int, value: bytes, names: NameResolver) -> DkimSignature:
    try:
        found = tag_list.parse_tag_list(value[:MAX_LENGTH].decode("ascii"))
        domain, selector = found["d"].lower(), found["s"]
    except (tag_list.BadTags, UnicodeDecodeError, KeyError):
        return DkimSignature("", "", frozenset(), fault="it cannot be read")
    headers = frozenset(name.strip().lower() for name in found.get("h", "").split(":"))
    known = partial(DkimSignature, domain, selector, headers, is_partial="l" in found)
    if len(value) > MAX_LENGTH:
        return known(fault="it is longer than any signature")
    if found.get("a", "").lower() == "rsa-sha1":
        return known(fault="it is made with sha1, which counts for nothing any more")
    keys = names.texts(f"{selector}._domainkey.{domain}")
    try:
        key = dkim_keys.parse_dkim_key(keys[0]) if keys else None
    except dkim_keys.BadKey as fault:
        return known(fault=f"its key in DNS cannot be used: {fault}")
    if key is None or key.is_revoked:
        return known(fault="there is no key for it in DNS")
    return known(bits=key.bits, fault=_fault(raw, number, keys[0], key))


def _fault(raw: bytes, number: int, record: str, key: dkim_keys.DkimKey) -> str:
    """Empty where the signature fits."""
    if key.kind != "rsa":
        return f"signatures of the kind {key.kind} cannot be verified here"
    if key.bits < dkim_keys.SHORTEST_BITS:
        return f"its key has {key.bits} bits, and receivers take no fewer than {dkim_keys.SHORTEST_BITS}"
    try:
        is_valid = dkim.DKIM(raw, logger=_silent).verify(number, lambda name, timeout=0: record.encode())
    except dkim.ValidationError as fault:
        return _BODY if "body hash" in str(fault) else f"it does not count: {fault}"
    except _ODD:
        return "it cannot be read"
    return "" if is_valid else _HEADERS
