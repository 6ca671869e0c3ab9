"""Whether mail to our domains finds a way (MX), and whether the mail server's address has its name (PTR)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import ip_address

from llmwatch.doctor.dns.resolver import NameResolver
from llmwatch.doctor.finding import Finding, error, ok, warning

_WHAT: Mapping[str, str] = {"from": "the sender", "reply_to": "REPLY_TO", "bounces": "BOUNCE_ADDRESS"}


def way_to(which: str, domain: str, names: NameResolver) -> Finding:
    """`which` is one of WHAT."""
    name, whose = f"mail.mx.{which}", _WHAT[which]
    hosts = names.exchanges(domain)
    mend = f"Create {domain}. MX 10 with the host that takes mail for it, or mend the setting."
    if hosts and not any(hosts):
        said = f"{domain} of {whose} says that it takes no mail (null MX)."
        return error(name, said, f"Take {domain}. MX 0 . away, or write from another domain: many refuse such senders.")
    if hosts:
        if any(names.addresses(host) for host in hosts if host):
            return ok(name, f"Mail to {domain}, of {whose}, goes to {next(filter(None, hosts))}.")
        return error(name, f"The mail host of {domain}, {next(filter(None, hosts))}, has no address.", mend)
    if not names.addresses(domain):
        return error(name, f"Mail to {domain}, of {whose}, goes nowhere: no MX and no A record.", mend)
    if which == "from":
        return ok(name, f"{domain}, of {whose}, has an address and no MX; mail goes there.")
    return warning(name, f"{domain}, of {whose}, has no MX; mail goes to its A record, if anybody listens.", mend)


def names_of(relays: tuple[str, ...], names: NameResolver) -> Iterator[Finding]:
    """Each public address of the mail server: its name, and back again. Matters where the server is one's own."""
    if not relays:
        yield ok("mail.ptr", "The address from which mail leaves cannot be seen from here; its name was not asked for.")
    for address in relays[:4]:
        yield _name_of(address, names)


def _name_of(address: str, names: NameResolver) -> Finding:
    hosts = names.hosts_at(address)
    mend = f"If mail leaves from there: let its provider create {_reverse(address)} PTR with your host's name."
    if not hosts:
        return warning("mail.ptr", f"{address}, the mail server's address, has no name; Gmail refuses such.", mend)
    known = ip_address(address)
    for host in hosts[:4]:
        if any(ip_address(each) == known for each in names.addresses(host)):
            return ok("mail.ptr", f"{address} is named {host}, and that name leads back.")
    return warning("mail.ptr", f"{address} is named {hosts[0]}, but that name does not lead back.", mend)


def _reverse(address: str) -> str:
    return f"{ip_address(address).reverse_pointer}."
