"""Addresses below BOUNCE_ADDRESS that say by themselves what comes back to them (VERP). Pure but for the settings.

An envelope sender for each delivery and each account mail, and for each subscriber an address that unsubscribes.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from dataclasses import dataclass
from enum import Enum
from typing import Final

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.http import base36_to_int, int_to_base36

_PROOF: Final = 10  # bytes; nobody can try that many addresses on a mail server
# Mail servers and mail programs may turn letters to lower case, so it is lower case that is compared.
_TAGGED: Final = re.compile(r"(letter-)?([0-9a-z]{1,12})-([a-z2-7]{16})")
_UNSUBSCRIBE: Final = re.compile(r"unsub-([0-9a-z_-]{32})")
_MESSAGE_ID: Final = re.compile(r"<letter\.([0-9a-z]{1,12})\.([a-z2-7]{16})@[^\s<>@]+>")


class MailKind(Enum):
    """What was sent. The values sign the addresses: with another one, mail that is on its way belongs to nobody."""

    DELIVERY = "subscribers.verp"
    ACCOUNT_MAIL = "subscribers.verp.letter"


@dataclass(frozen=True, slots=True)
class ReturnTag:
    """What an address or a Message-ID claims; it is proven by the address that the mail had gone to."""

    kind: MailKind
    key: int
    proof: str

    def proves(self, address_hash: str) -> bool:
        """After a restore the number may be another person's, so the address counts, too."""
        return hmac.compare_digest(_proof(self.kind, self.key, address_hash), self.proof)


def return_path(kind: MailKind, key: int, address_hash: str) -> str:
    """`bounces+NUMBER-PROOF@host`; at most 64 letters before the @, as RFC 5321 asks. BOUNCE_ADDRESS must be set."""
    prefix = "letter-" if kind is MailKind.ACCOUNT_MAIL else ""
    return _below(f"{prefix}{int_to_base36(key)}-{_proof(kind, key, address_hash)}")


def account_mail_id(key: int, address_hash: str) -> str:
    """A Message-ID that nobody can make up, the same however often the mail is written."""
    return f"<letter.{int_to_base36(key)}.{_proof(MailKind.ACCOUNT_MAIL, key, address_hash)}@{settings.SITE_HOST}>"


def unsubscribe_address(token: str) -> str:
    """`bounces+unsub-TOKEN@host`: whoever writes there is unsubscribed. BOUNCE_ADDRESS must be set."""
    return _below(f"unsub-{token}")


def parse_return_path(address: str) -> ReturnTag | None:
    """None where the address is no return path of ours."""
    found = _TAGGED.fullmatch(_tag(address))
    if found is None:
        return None
    kind = MailKind.ACCOUNT_MAIL if found.group(1) else MailKind.DELIVERY
    return ReturnTag(kind, base36_to_int(found.group(2)), found.group(3))


def parse_message_id(text: str) -> ReturnTag | None:
    """The account mail whose Message-ID stands in this text."""
    found = _MESSAGE_ID.search(text)
    return ReturnTag(MailKind.ACCOUNT_MAIL, base36_to_int(found.group(1)), found.group(2)) if found else None


def parse_unsubscribe_address(address: str) -> str:
    """The token in it, in lower case; empty where there is none."""
    found = _UNSUBSCRIBE.fullmatch(_tag(address))
    return found.group(1) if found else ""


def _below(tag: str) -> str:
    local, _at, host = settings.BOUNCE_ADDRESS.rpartition("@")
    return f"{local}+{tag}@{host}"


def _tag(address: str) -> str:
    """What stands between the + and the @, in lower case; empty where the address is not below BOUNCE_ADDRESS."""
    local, _at, host = settings.BOUNCE_ADDRESS.rpartition("@")
    ours = re.fullmatch(f"{re.escape(local)}\\+(.+)@{re.escape(host)}", address.lower()) if local else None
    return ours.group(1) if ours else ""


def _proof(kind: MailKind, key: int, address_hash: str) -> str:
    made = salted_hmac(kind.value, f"{key}:{address_hash}", secret=settings.ADDRESS_KEY, algorithm="sha256")
    return b32encode(made.digest()[:_PROOF]).decode().lower()
