"""Public keys of DKIM as they stand in DNS (RFC 6376 §3.6.1). Pure."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Final

from dkim.crypto import UnparsableKeyError, parse_public_key

from llmwatch.doctor.dns import tag_list

SHORTEST_BITS: Final = 1024  # bits; receivers take no shorter one (RFC 8301)
GOOD_BITS: Final = 2048
KEY_KINDS: Final = frozenset({"rsa", "ed25519"})
LENGTH_OF_ED25519: Final = 32  # bytes


class BadKey(ValueError):
    """No receiver can use it; a sentence without a full stop."""


@dataclass(frozen=True, slots=True)
class DkimKey:
    """`bits` is 0 where the key was revoked."""

    kind: str
    bits: int
    is_on_trial: bool

    @property
    def is_revoked(self) -> bool:
        return not self.bits


def parse_dkim_key(text: str) -> DkimKey:
    """Raises BadKey."""
    found = _tags(text)
    if found.get("v", "DKIM1") != "DKIM1":
        raise BadKey(f"v= is “{found['v'][:20]}”, not DKIM1")
    kind = found.get("k", "rsa").lower()
    if kind not in KEY_KINDS:
        raise BadKey(f"its kind “{kind[:20]}” is not known")
    if "p" not in found:
        raise BadKey("it has no p=")
    if not {"*", "email"} & {word.strip() for word in found.get("s", "*").split(":")}:
        raise BadKey("it is not for mail (s=)")
    if "sha256" not in {word.strip() for word in found.get("h", "sha256").split(":")}:
        raise BadKey("it does not allow sha256 (h=)")
    flags = {word.strip() for word in found.get("t", "").split(":")}
    return DkimKey(kind, _bits(kind, "".join(found["p"].split())), "y" in flags)


def _tags(text: str) -> dict[str, str]:
    try:
        return tag_list.parse_tag_list(text)
    except tag_list.BadTags as fault:
        raise BadKey(str(fault)) from None


def _bits(kind: str, written: str) -> int:
    """0 where nothing is written."""
    try:
        data = base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError):
        raise BadKey("p= is no base64") from None
    if not data:
        return 0
    if kind == "ed25519":
        if len(data) != LENGTH_OF_ED25519:
            raise BadKey("p= is no key of Ed25519")
        return len(data) * 8
    return _bits_of_rsa(data)


def _bits_of_rsa(data: bytes) -> int:
    try:
        bits = int(parse_public_key(data)["modulus"]).bit_length()
    except (UnparsableKeyError, AssertionError, IndexError, TypeError):
        raise BadKey("p= is no key of RSA") from None
    if not bits:
        raise BadKey("p= is no key of RSA")
    return bits
