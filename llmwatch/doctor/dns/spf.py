"""SPF (RFC 7208): the record as a value, and what it says of an address. Pure but for the names that are asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from llmwatch.doctor.dns.resolver import NameResolver

MOST_LOOKUPS: Final = 10  # receivers stop there, and the record counts as broken
MOST_EXCHANGES: Final = 10
QUALIFIER_SIGNS: Final = {"+": "pass", "-": "fail", "~": "soft fail", "?": "neutral"}
_TERM = re.compile(r"([-+?~]?)([a-z][a-z0-9_.-]*)(.*)", re.IGNORECASE)
_HOST = r"(?:%\{[a-z][^{}\s]*\}|%[%_-]|[!-$&-.0-~])+"  # with macros, without a slash
_ALONE = re.compile(rf":({_HOST})", re.IGNORECASE)
_MAYBE_ALONE = re.compile(rf"(?::({_HOST}))?", re.IGNORECASE)
_SIZED = re.compile(rf"(?::({_HOST}))?(?:/([0-9]{{1,2}}))?(?://([0-9]{{1,3}}))?", re.IGNORECASE)

_Address = IPv4Address | IPv6Address


class BadSpf(ValueError):
    """The record is missing or broken, so receivers take it for an error; a sentence without a full stop."""


class NoSpf(BadSpf):
    """There is none."""


class UnknowableSpf(Exception):
    """The answer depends on what only the receiver knows."""


@dataclass(frozen=True, slots=True)
class SpfTerm:
    """One mechanism. `host` as it is written, macros and all; empty: the domain itself."""

    sign: str
    name: str
    host: str = ""
    network: IPv4Network | IPv6Network | None = None
    sizes: tuple[int, int] = (32, 128)  # of the networks around IPv4 and IPv6 addresses


@dataclass(frozen=True, slots=True)
class _Record:
    terms: tuple[SpfTerm, ...]
    redirect: str = ""


def is_spf(text: str) -> bool:
    return text.lower().partition(" ")[0] == "v=spf1"


def parse_spf(text: str) -> _Record:
    """Raises BadSpf."""
    if not (text.isascii() and text.isprintable()):
        raise BadSpf("the record has letters that are not plain ASCII")
    terms: list[SpfTerm] = []
    redirects: list[str] = []
    for word in text.split(" ")[1:]:
        modifier = re.match(r"([a-z][a-z0-9_.-]*)=(.*)", word, re.IGNORECASE)
        if modifier and modifier[1].lower() == "redirect":
            redirects.append(_whole(_ALONE, f":{modifier[2]}", word)[1])
        elif modifier and modifier[1].lower() in MECHANISM_READERS:
            raise BadSpf(f"“{word[:60]}” does nothing; it takes a colon")
        elif word and not modifier:
            terms.append(_term(word))
    if len(redirects) > 1:
        raise BadSpf("redirect= stands there twice")
    return _Record(tuple(terms), redirects[0] if redirects else "")


def _term(word: str) -> SpfTerm:
    parts = _whole(_TERM, word, word)
    name, rest = parts[2].lower(), parts[3]
    if name not in MECHANISM_READERS:
        raise BadSpf(f"“{word[:60]}” is no term of SPF")
    return MECHANISM_READERS[name](parts[1] or "+", name, rest, word)


def _all(sign: str, name: str, rest: str, word: str) -> SpfTerm:
    if rest:
        raise _unreadable(word)
    return SpfTerm(sign, name)


def _hosted(pattern: re.Pattern[str], sign: str, name: str, rest: str, word: str) -> SpfTerm:
    return SpfTerm(sign, name, _whole(pattern, rest, word)[1] or "")


def _sized(sign: str, name: str, rest: str, word: str) -> SpfTerm:
    found = _whole(_SIZED, rest, word)
    sizes = (int(found[2] or 32), int(found[3] or 128))
    if sizes[0] > 32 or sizes[1] > 128:
        raise _unreadable(word)
    return SpfTerm(sign, name, found[1] or "", sizes=sizes)


def _network(kind: type[IPv4Network | IPv6Network], sign: str, name: str, rest: str, word: str) -> SpfTerm:
    try:
        return SpfTerm(sign, name, network=kind(rest.removeprefix(":"), strict=False))
    except ValueError:
        raise _unreadable(word) from None


def _whole(pattern: re.Pattern[str], text: str, word: str) -> re.Match[str]:
    found = pattern.fullmatch(text)
    if found is None:
        raise _unreadable(word)
    return found


def _unreadable(word: str) -> BadSpf:
    return BadSpf(f"“{word[:60]}” cannot be read")


MECHANISM_READERS: Final[Mapping[str, Callable[[str, str, str, str], SpfTerm]]] = {
    "all": _all,
    "include": partial(_hosted, _ALONE),
    "exists": partial(_hosted, _ALONE),
    "ptr": partial(_hosted, _MAYBE_ALONE),
    "a": _sized,
    "mx": _sized,
    "ip4": partial(_network, IPv4Network),
    "ip6": partial(_network, IPv6Network),
}


def record_of(names: NameResolver, domain: str) -> _Record:
    """The one record of a domain. Raises BadSpf and NoAnswer."""
    found = [text for text in names.texts(domain) if is_spf(text)]
    if not found:
        raise NoSpf(f"{domain[:100]} has no SPF record")
    if len(found) > 1:
        raise BadSpf(f"{domain[:100]} has {len(found)} SPF records, and only one may be there")
    try:
        return parse_spf(found[0])
    except BadSpf as fault:
        raise BadSpf(f"in the SPF record of {domain[:100]} {fault}") from None


@dataclass(slots=True)
class SpfEvaluation:
    """Through a record and all that it includes. Without an address nothing matches but `all`: the longest way."""

    names: NameResolver
    address: _Address | None = None
    most: int = MOST_LOOKUPS
    lookups: int = 0

    def result(self, domain: str) -> str:
        """The sign that answers for the address; `?` where nothing matches. Raises BadSpf, Unknowable, NoAnswer."""
        record = record_of(self.names, domain)
        for term in record.terms:
            if self._matches(term, domain):
                return term.sign
        if not record.redirect:
            return "?"
        self._look_up()
        return self.result(_plain(record.redirect))

    def _matches(self, term: SpfTerm, domain: str) -> bool:
        if term.name == "all":
            return True
        if term.network is not None:
            return self.address is not None and self.address in term.network
        self._look_up()
        if term.name == "include":
            return self.result(_plain(term.host)) == "+"
        if self.address is None:
            return False
        if term.name in {"exists", "ptr"}:
            raise UnknowableSpf(f"it depends on {term.name}")
        return self._is_at(_plain(term.host or domain), term)

    def _is_at(self, host: str, term: SpfTerm) -> bool:
        hosts = self.names.exchanges(host)[:MOST_EXCHANGES] if term.name == "mx" else (host,)
        return any(self._is_near(address, term) for each in hosts for address in self.names.addresses(each))

    def _is_near(self, other: str, term: SpfTerm) -> bool:
        there = ip_address(other)
        around = ip_network(f"{there}/{term.sizes[there.version == 6]}", strict=False)
        return self.address is not None and self.address in around  # never, where one is IPv4 and one IPv6

    def _look_up(self) -> None:
        self.lookups += 1
        if self.lookups > self.most:
            raise BadSpf(f"it takes more than {self.most} look-ups, and receivers stop at {MOST_LOOKUPS}")


def _plain(host: str) -> str:
    if "%" in host:
        raise UnknowableSpf(f"it depends on the macro in {host[:60]}")
    return host
