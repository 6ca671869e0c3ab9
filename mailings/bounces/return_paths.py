"""Whose message it was that came back: the rows behind return paths, Message-IDs and unsubscribe addresses."""

from __future__ import annotations

from core.mail.return_paths import MailKind, ReturnTag, parse_message_id, parse_return_path, parse_unsubscribe_address
from mailings.models import Delivery
from subscribers.addresses import address_hash
from subscribers.models import AccountMail, Subscriber


def find_delivery(address: str) -> Delivery | None:
    """The delivery that this return path belongs to; None where it is no return path, or was made up."""
    tag = parse_return_path(address)
    if tag is None or tag.kind is not MailKind.DELIVERY:
        return None
    delivery = Delivery.objects.select_related("subscriber").filter(pk=tag.key).first()
    return delivery if delivery and tag.proves(delivery.address_hash) else None


def find_account_mail(address: str) -> AccountMail | None:
    """The account mail that this return path belongs to, as `find_delivery`."""
    tag = parse_return_path(address)
    return _proven(tag) if tag and tag.kind is MailKind.ACCOUNT_MAIL else None


def find_account_mail_by_id(text: str) -> AccountMail | None:
    """The account mail whose Message-ID stands in this text; None where it was made up."""
    tag = parse_message_id(text)
    return _proven(tag) if tag else None


def find_leaver(address: str) -> Subscriber | None:
    """Whom a mail to this address unsubscribes.

    In lower case a token still has 160 bits; should it ever be two people's, it is nobody's.
    """
    token = parse_unsubscribe_address(address)
    found = list(Subscriber.objects.by_lowered_token(token)[:2]) if token else []
    return found[0] if len(found) == 1 else None


def _proven(tag: ReturnTag) -> AccountMail | None:
    """Once its person has another address, what comes back is nobody's."""
    mail = AccountMail.objects.select_related("subscriber").filter(pk=tag.key).first()
    return mail if mail and tag.proves(address_hash(mail.recipient)) else None
