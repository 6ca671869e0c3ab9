"""What DNS is asked for, answered as text. Nothing where there is no such record or no such name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import dns.exception
import dns.resolver
import dns.reversename

from core.nameserver import NameServer

MAX_ANSWERS: Final = 50  # records of one answer that are looked at
MAX_LENGTH: Final = 4_000  # letters of one; a key of 4,096 bits has 800


class NoAnswer(Exception):
    """No name server was reached, or it failed: nothing can be said. Why, without a full stop."""


@dataclass(frozen=True, slots=True)
class NameResolver:
    """Every question raises NoAnswer. `patience` in seconds, for one answer of all name servers together."""

    resolver: dns.resolver.Resolver
    patience: float

    def texts(self, name: str) -> tuple[str, ...]:
        """TXT records, each with its pieces joined."""
        found = (b"".join(record.strings).decode("utf-8", "replace") for record in self._ask(name, "TXT"))
        return tuple(text for text in found if len(text) <= MAX_LENGTH)

    def addresses(self, host: str) -> tuple[str, ...]:
        """A and AAAA records."""
        return tuple(str(record.address) for kind in ("A", "AAAA") for record in self._ask(host, kind))

    def exchanges(self, domain: str) -> tuple[str, ...]:
        """The hosts of MX records, the preferred first; an empty one where the domain takes no mail (RFC 7505)."""
        found = sorted((record.preference, _text(record.exchange)) for record in self._ask(domain, "MX"))
        return tuple(host for _preference, host in found)

    def hosts_at(self, address: str) -> tuple[str, ...]:
        """PTR records of an IP address."""
        name = dns.reversename.from_address(address).to_text()
        return tuple(_text(record.target) for record in self._ask(name, "PTR"))

    def _ask(self, name: str, kind: str) -> Iterator[Any]:
        try:
            answer = self.resolver.resolve(f"{name.rstrip('.')}.", kind, lifetime=self.patience, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return
        except dns.exception.Timeout:
            raise NoAnswer(f"no name server answered within {self.patience:.0f} seconds") from None
        except dns.resolver.NoNameservers:
            raise NoAnswer(f"the name servers fail when they are asked for {name[:100]}") from None
        except dns.exception.DNSException:
            return  # no name can be so long, or have such letters
        yield from list(answer)[:MAX_ANSWERS]


def open_names(server: NameServer) -> NameResolver:
    """Raises NoAnswer where this machine knows no name server."""
    try:
        resolver = dns.resolver.Resolver(configure=not server.address)
    except dns.resolver.NoResolverConfiguration:
        raise NoAnswer("this machine knows no name server") from None
    if server.address:
        resolver.nameservers, resolver.port = [server.address], server.port
    resolver.timeout = server.patience / 2  # so that a second one is asked where the first is silent
    return NameResolver(resolver, server.patience)


def _text(name: Any) -> str:
    return str(name.to_text(omit_final_dot=True)).lower() if name.labels != (b"",) else ""
