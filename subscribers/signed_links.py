"""Signed links that soon expire: they prove that whoever follows one reads the mail of the address.

They are apart from the permanent token, which leads to the preferences and out, for ever. Pure but for the key.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from django.core.signing import BadSignature, Signer

from subscribers.models import AccountMail, Subscriber

HALF_AN_HOUR: Final = timedelta(minutes=30)


class BadLink(ValueError):
    """The token was not signed here for this purpose."""


@dataclass(frozen=True, slots=True)
class SignedLink:
    """What a link's token says: for whom (or about which letter), and when it was written."""

    key: int
    written: datetime


@dataclass(frozen=True, slots=True)
class LinkPurpose:
    """What a link is for, and how long it serves."""

    name: str
    lasts: timedelta

    def token(self, about: Subscriber | AccountMail, now: datetime) -> str:
        """Letters, digits, hyphens, underscores and dots: safe in an address."""
        return self._signer().sign(f"{about.pk}-{int(now.timestamp())}")

    def read(self, token: str) -> SignedLink:
        """Raises BadLink; an expired ticket is given, so that a new one may be offered."""
        try:
            key, _, written = self._signer().unsign(token).partition("-")
        except BadSignature:
            raise BadLink(token[:80]) from None
        return SignedLink(int(key), datetime.fromtimestamp(int(written), UTC))

    def has_expired(self, ticket: SignedLink, now: datetime) -> bool:
        return now - ticket.written > self.lasts

    def _signer(self) -> Signer:
        return Signer(salt=f"subscribers.links.{self.name}", sep=".")


CONFIRM_LINK: Final = LinkPurpose("confirm", timedelta(days=7))
SIGN_IN_LINK: Final = LinkPurpose("sign-in", HALF_AN_HOUR)
EXPORT_LINK: Final = LinkPurpose("export", HALF_AN_HOUR)
ERASE_LINK: Final = LinkPurpose("erase", HALF_AN_HOUR)
ADDRESS_LINK: Final = LinkPurpose("address", HALF_AN_HOUR)
MOVE_LINK: Final = LinkPurpose("move", timedelta(days=1))  # of a letter: the new address stands there
