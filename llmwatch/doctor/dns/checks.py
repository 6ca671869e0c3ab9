"""The DNS of whoever sends: asked once, family by family. Where nobody answers, that is said once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from email.utils import parseaddr
from functools import partial
from ipaddress import ip_address
from typing import Final

from django.conf import settings

from core.clock import Clock
from llmwatch.doctor.dns import mx_and_ptr, sender_records
from llmwatch.doctor.dns.resolver import NameResolver, NoAnswer, open_names
from llmwatch.doctor.dns.sender_records import MailSender
from llmwatch.doctor.finding import Finding, ok, warning
from subscribers.models import Subscriber

_BULK: Final = 5_000  # messages a day to one provider, from which on it asks for more
# RFC 6761, 6762, 8375: nobody else can ask for these.
_NOBODYS: Final = frozenset({"localhost", "local", "test", "example", "invalid", "internal", "lan", "home.arpa"})
_Family = Callable[[], Iterable[Finding]]


def check_dns(clock: Clock) -> Iterator[Finding]:
    domain = domain_of(settings.DEFAULT_FROM_EMAIL)
    if not settings.MAIL_SERVER.host:
        return
    if not is_public(domain):
        mend = "Set DEFAULT_FROM_EMAIL to an address of a domain of yours."
        yield warning("dns", f"{domain or 'Nothing'}, behind the sender's @, is no domain that others can ask.", mend)
        return
    try:
        names = open_names(settings.DNS_SERVER)
        names.texts(domain)
        whose = _sender(domain, names)
    except NoAnswer as fault:
        yield warning("dns", f"SPF, DKIM and DMARC of {domain} cannot be told: {fault}.", "Ask again; see DNS_SERVER.")
        return
    yield ok("dns", f"DNS answers for {domain}.")
    for name, family in _families(whose, names):
        yield from _asked(name, family)


def domain_of(address: str) -> str:
    """With or without a name before it; in lower case."""
    return parseaddr(address)[1].rpartition("@")[2].lower()


def is_public(domain: str) -> bool:
    labels = domain.split(".")
    return len(labels) > 1 and not labels[-1].isdecimal() and not {labels[-1], ".".join(labels[-2:])} & _NOBODYS


def is_bulk(many: int) -> bool:
    """Whether a mailing to so many makes us a bulk sender, to whom Gmail and Yahoo have rules of their own."""
    return many >= _BULK


def find_relays(host: str, domain: str, names: NameResolver) -> tuple[str, ...]:
    """The public addresses of the mail server, where it is our own: what leaves a provider, or an inner network, does
    so by another address. Raises NoAnswer."""
    try:
        found: tuple[str, ...] = (str(ip_address(host)),)
    except ValueError:
        found = names.addresses(host) if are_kin(host, domain) else ()
    return tuple(address for address in found if ip_address(address).is_global)


def are_kin(host: str, domain: str) -> bool:
    """Whether both look like names of one owner: of example.org, of example.co.uk, but not of co.uk."""
    first, second = host.lower().split("."), domain.split(".")
    is_suffix = len(first) > 1 and len(first[-1]) == 2 and len(first[-2]) <= 3
    count = 3 if is_suffix else 2
    return len(first) >= count and first[-count:] == second[-count:]


def _sender(domain: str, names: NameResolver) -> MailSender:
    return MailSender(
        domain,
        domain_of(settings.BOUNCE_ADDRESS) or domain,
        tuple(settings.DKIM_SELECTOR),
        find_relays(settings.MAIL_SERVER.host, domain, names),
        is_bulk=is_bulk(Subscriber.objects.mailable().count()),
    )


def _families(whose: MailSender, names: NameResolver) -> Iterator[tuple[str, _Family]]:
    yield "mail.spf", partial(sender_records.spf_of, whose, names)
    yield "mail.dkim", partial(sender_records.dkim_of, whose, names)
    yield "mail.dmarc", partial(sender_records.dmarc_of, whose, names)
    yield "mail.ptr", partial(mx_and_ptr.names_of, whose.relays, names)
    asked = {"from": whose.domain, "reply_to": domain_of(settings.REPLY_TO), "bounces": whose.path}
    if not settings.BOUNCE_ADDRESS:
        del asked["bounces"]
    for which, domain in asked.items():
        if is_public(domain):
            yield f"mail.mx.{which}", partial(_one, mx_and_ptr.way_to, which, domain, names)


def _one(
    way: Callable[[str, str, NameResolver], Finding], which: str, domain: str, names: NameResolver
) -> Iterator[Finding]:
    yield way(which, domain, names)


def _asked(name: str, family: _Family) -> Iterator[Finding]:
    try:
        yield from family()
    except NoAnswer as fault:
        yield warning(name, f"It cannot be told: {fault}.", "Ask again in a while.")
