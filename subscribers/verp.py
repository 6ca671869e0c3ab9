"""An envelope sender for each message (VERP): what comes back to it says by itself whose message it was."""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from typing import Final

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.http import base36_to_int, int_to_base36

from subscribers.models import Delivery

PROOF: Final = 10  # bytes; nobody can try that many addresses on a mail server
# Mail servers may turn letters to lower case, so no other ones are used.
_TAG: Final = re.compile(r"([0-9a-z]{1,12})-([a-z2-7]{16})")


def return_path(key: int, address_hash: str) -> str:
    """`bounces+DELIVERY-PROOF@host`; at most 64 letters before the @, as RFC 5321 asks. BOUNCE_ADDRESS must be set."""
    local, _at, host = settings.BOUNCE_ADDRESS.rpartition("@")
    return f"{local}+{int_to_base36(key)}-{_proof(key, address_hash)}@{host}"


def delivery_at(address: str) -> Delivery | None:
    """The delivery that this return path belongs to; None where it is no return path, or was made up."""
    local, _at, host = settings.BOUNCE_ADDRESS.rpartition("@")
    ours = re.fullmatch(f"{re.escape(local)}\\+(.+)@{re.escape(host)}", address.lower()) if local else None
    tag = _TAG.fullmatch(ours.group(1)) if ours else None
    if tag is None:
        return None
    delivery = Delivery.objects.select_related("subscriber").filter(pk=base36_to_int(tag.group(1))).first()
    if delivery is None or not hmac.compare_digest(_proof(delivery.pk, delivery.address_hash), tag.group(2)):
        return None
    return delivery


def _proof(key: int, address_hash: str) -> str:
    """Of the address too: after a restore the number may be another person's."""
    made = salted_hmac("subscribers.verp", f"{key}:{address_hash}", secret=settings.ADDRESS_KEY, algorithm="sha256")
    return b32encode(made.digest()[:PROOF]).decode().lower()
