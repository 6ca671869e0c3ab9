"""Addresses below BOUNCE_ADDRESS that say by themselves what comes back to them (VERP).

An envelope sender for each message and each letter, and for each subscriber one that a mail unsubscribes.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from typing import Final

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.http import base36_to_int, int_to_base36

from subscribers import addresses
from subscribers.models import Delivery, Letter, Subscriber

PROOF: Final = 10  # bytes; nobody can try that many addresses on a mail server
# Mail servers and mail programs may turn letters to lower case, so it is lower case that is compared.
_DELIVERY: Final = re.compile(r"([0-9a-z]{1,12})-([a-z2-7]{16})")
_LETTER: Final = re.compile(r"letter-([0-9a-z]{1,12})-([a-z2-7]{16})")
_LEAVER: Final = re.compile(r"unsub-([0-9a-z_-]{32})")
_LETTER_ID: Final = re.compile(r"<letter\.([0-9a-z]{1,12})\.([a-z2-7]{16})@[^\s<>@]+>")


def return_path(key: int, address_hash: str) -> str:
    """`bounces+DELIVERY-PROOF@host`; at most 64 letters before the @, as RFC 5321 asks. BOUNCE_ADDRESS must be set."""
    return _below(f"{int_to_base36(key)}-{_proof(key, address_hash)}")


def letter_return_path(letter: Letter) -> str:
    """`bounces+letter-NUMBER-PROOF@host`. BOUNCE_ADDRESS must be set."""
    return _below(f"letter-{int_to_base36(letter.pk)}-{_letter_proof(letter)}")


def letter_id(letter: Letter) -> str:
    """A Message-ID that nobody can make up, the same however often the letter is written."""
    return f"<letter.{int_to_base36(letter.pk)}.{_letter_proof(letter)}@{settings.SITE_HOST}>"


def way_out(token: str) -> str:
    """`bounces+unsub-TOKEN@host`: whoever writes there is unsubscribed. BOUNCE_ADDRESS must be set."""
    return _below(f"unsub-{token}")


def delivery_at(address: str) -> Delivery | None:
    """The delivery that this return path belongs to; None where it is no return path, or was made up."""
    tag = _DELIVERY.fullmatch(_tag(address))
    if tag is None:
        return None
    delivery = Delivery.objects.select_related("subscriber").filter(pk=base36_to_int(tag.group(1))).first()
    if delivery is None or not hmac.compare_digest(_proof(delivery.pk, delivery.address_hash), tag.group(2)):
        return None
    return delivery


def letter_at(address: str) -> Letter | None:
    """The letter that this return path belongs to, as `delivery_at`."""
    return _letter(_LETTER.fullmatch(_tag(address)))


def letter_called(message_id: str) -> Letter | None:
    """The letter whose Message-ID stands in this text; None where it was made up."""
    return _letter(_LETTER_ID.search(message_id))


def leaver_at(address: str) -> Subscriber | None:
    """Whom a mail to this address unsubscribes.

    In lower case a token still has 160 bits; should it ever be two people's, it is nobody's.
    """
    tag = _LEAVER.fullmatch(_tag(address))
    found = list(Subscriber.objects.by_lowered_token(tag.group(1))[:2]) if tag else []
    return found[0] if len(found) == 1 else None


def _letter(tag: re.Match[str] | None) -> Letter | None:
    if tag is None:
        return None
    letter = Letter.objects.select_related("subscriber").filter(pk=base36_to_int(tag.group(1))).first()
    if letter is None or not hmac.compare_digest(_letter_proof(letter), tag.group(2)):
        return None
    return letter


def _below(tag: str) -> str:
    local, _at, host = settings.BOUNCE_ADDRESS.rpartition("@")
    return f"{local}+{tag}@{host}"


def _tag(address: str) -> str:
    """What stands between the + and the @, in lower case; empty where the address is not below BOUNCE_ADDRESS."""
    local, _at, host = settings.BOUNCE_ADDRESS.rpartition("@")
    ours = re.fullmatch(f"{re.escape(local)}\\+(.+)@{re.escape(host)}", address.lower()) if local else None
    return ours.group(1) if ours else ""


def _letter_proof(letter: Letter) -> str:
    """Of the address that it goes to: once that is another one, what comes back is nobody's."""
    return _proof(letter.pk, addresses.address_hash(letter.recipient), "subscribers.verp.letter")


def _proof(key: int, address_hash: str, purpose: str = "subscribers.verp") -> str:
    """Of the address too: after a restore the number may be another person's."""
    made = salted_hmac(purpose, f"{key}:{address_hash}", secret=settings.ADDRESS_KEY, algorithm="sha256")
    return b32encode(made.digest()[:PROOF]).decode().lower()
