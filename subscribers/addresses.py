"""Mail addresses: one normal form, and the hash under which an address is remembered without being kept."""

import hashlib
import hmac
from typing import Final

from django.conf import settings
from email_validator import EmailNotValidError, validate_email

LONGEST: Final = 254


class BadAddress(ValueError):
    """The text is no mail address; the message is a sentence a person can act on."""


def normalise(text: str) -> str:
    """The address with its domain in lower case and in Unicode form; no look-up is made. Raises BadAddress."""
    written = text.strip()
    try:
        address = validate_email(written[: LONGEST + 1], check_deliverability=False).normalized
    except EmailNotValidError as error:
        shown = "".join(char if char.isprintable() else "�" for char in written[:60])
        raise BadAddress(f"“{shown}” is no mail address: {str(error).rstrip('.')}.") from None
    if len(address) > LONGEST:
        raise BadAddress(f"The address is longer than {LONGEST} characters.")
    return address


def address_hash(address: str) -> str:
    """HMAC-SHA256 (hex) with ADDRESS_KEY, the same for every case of the letters; it outlives the subscriber."""
    return hmac.new(settings.ADDRESS_KEY.encode(), address.strip().casefold().encode(), hashlib.sha256).hexdigest()
