"""Mail addresses: one normal form, and the hash under which an address is remembered without being kept."""

import hashlib
import hmac
import re
from email.utils import parseaddr
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _
from email_validator import EmailNotValidError, validate_email

MAX_LENGTH_ADDRESS: Final = 254
_UNSAFE: Final = frozenset(" <>")  # they would end the address in a command to the mail server
# What most addresses look like; with a domain that is known to be good they need no closer look.
_ORDINARY = re.compile(r"([A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*)@([A-Za-z0-9.-]+)")


class BadAddress(ValueError):
    """The text is no mail address; the message is a sentence a person can act on."""


def normalise_address(text: str) -> str:
    """The address with its domain in lower case and in Unicode form; no look-up is made. Raises BadAddress."""
    written = text.strip()
    if (ordinary := _ORDINARY.fullmatch(written)) and len(ordinary[1]) <= 64 and len(written) <= MAX_LENGTH_ADDRESS:
        domain = _good_domain(ordinary[2])
        return f"{ordinary[1]}@{domain}" if domain else _checked(written)
    return _checked(written)


@lru_cache(maxsize=10_000)
def _good_domain(domain: str) -> str:
    """In its normal form; empty where no address can have it."""
    try:
        return _checked(f"a@{domain}")[2:]
    except BadAddress:
        return ""


def _checked(written: str) -> str:
    try:
        # `.test` is reserved for trials (RFC 6761): of no harm here, and needed by whoever tries the site out.
        address = validate_email(
            written[: MAX_LENGTH_ADDRESS + 1], check_deliverability=False, test_environment=True
        ).normalized
    except EmailNotValidError as error:
        shown = "".join(char if char.isprintable() else "�" for char in written[:60])
        values = {"address": shown, "why": str(error).rstrip(".")}
        raise BadAddress(_("“%(address)s” is no mail address: %(why)s.") % values) from None
    if len(address) > MAX_LENGTH_ADDRESS:
        raise BadAddress(_("The address is longer than %d characters.") % MAX_LENGTH_ADDRESS)
    return address


def address_hash(address: str) -> str:
    """HMAC-SHA256 (hex) with ADDRESS_KEY, the same for every case of the letters; it outlives the subscriber."""
    return hmac.new(settings.ADDRESS_KEY.encode(), address.strip().casefold().encode(), hashlib.sha256).hexdigest()


def sender_address() -> str:
    """The address of DEFAULT_FROM_EMAIL, without the name; empty where that holds none."""
    return _address_in(settings.DEFAULT_FROM_EMAIL)


@lru_cache(maxsize=4)
def _address_in(text: str) -> str:
    return parseaddr(text)[1]


def in_ascii(address: str) -> str | None:
    """As every mail server takes it, the domain in Punycode; None where letters before the @ stand in the way."""
    if address.isascii():
        return address if address.isprintable() and not set(address) & _UNSAFE else None
    try:
        return validate_email(address, check_deliverability=False, test_environment=True).ascii_email
    except EmailNotValidError:
        return None
