"""DMARC (RFC 7489, its successor's walk up the tree): the record as a value, where it stands, and alignment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from llmwatch.doctor.dns import tag_list
from llmwatch.doctor.dns.resolver import NameResolver

DMARC_POLICIES: Final = ("none", "quarantine", "reject")
_HIGHEST: Final = 7  # labels of the longest parent that is asked
_VERSION = re.compile(r"v\s*=\s*DMARC1\s*(;|$)")


class BadDmarc(ValueError):
    """Receivers go by no such record; a sentence without a full stop."""


@dataclass(frozen=True, slots=True)
class DmarcPolicy:
    """`domain` is where it stands; `reports` are the addresses of rua=."""

    domain: str
    policy: str
    for_subdomains: str
    reports: tuple[str, ...] = ()
    strict_dkim: bool = False
    strict_spf: bool = False
    is_of_a_suffix: bool = False  # psd=y: below it anybody may have a domain

    def for_(self, sender: str) -> str:
        """What it asks receivers to do with mail from this domain that is not proven."""
        return self.policy if self.domain == sender else self.for_subdomains


def is_dmarc(text: str) -> bool:
    return _VERSION.match(text) is not None


def parse_dmarc(text: str, domain: str) -> DmarcPolicy:
    """Raises BadDmarc."""
    try:
        found = tag_list.parse_tag_list(text)
    except tag_list.BadTags as fault:
        raise BadDmarc(str(fault)) from None
    reports = tuple(_reports(found.get("rua", "")))
    policy = found.get("p", "none" if reports else "").lower()
    if policy not in DMARC_POLICIES:
        raise BadDmarc(f"p= is “{policy[:20]}”; it must be none, quarantine or reject")
    subdomains = found.get("sp", policy).lower()
    return DmarcPolicy(
        domain,
        policy,
        subdomains if subdomains in DMARC_POLICIES else policy,
        reports,
        strict_dkim=found.get("adkim", "r").lower() == "s",
        strict_spf=found.get("aspf", "r").lower() == "s",
        is_of_a_suffix=found.get("psd", "").lower() == "y",
    )


def _reports(written: str) -> Iterator[str]:
    for uri in written.split(",")[:10]:
        address = re.fullmatch(r"mailto:([^\s@!,]+@[^\s@!,]+?)(?:![0-9]+[kmgt]?)?", uri.strip(), re.IGNORECASE)
        if address:
            yield address[1]


def policy_of(names: NameResolver, domain: str) -> DmarcPolicy | None:
    """Of the domain itself, else of the nearest parent that has one. Raises BadDmarc and NoAnswer."""
    for place in parent_domains(domain):
        found = [text for text in names.texts(f"_dmarc.{place}") if is_dmarc(text)]
        if len(found) > 1:
            raise BadDmarc(f"_dmarc.{place} has {len(found)} records, and only one may be there")
        if found:
            return parse_dmarc(found[0], place)
    return None


def organisation_of(names: NameResolver, domain: str) -> str:
    """The highest parent whose policy governs; the domain itself where none has one. Raises NoAnswer."""
    best = below = domain
    for place in parent_domains(domain):
        policy = _policy_at(names, place)
        if policy is not None:
            best = below if policy.is_of_a_suffix else place
        below = place
    return best


def is_aligned(one: str, other: str, organisation: str, *, strict: bool = False) -> bool:
    """Whether the one domain may speak for the other, whose organisation's domain is known."""
    if one == other or strict:
        return one == other
    if one.endswith(f".{other}") or other.endswith(f".{one}"):
        return True
    return all(each.endswith(f".{organisation}") for each in (one, other))


def _policy_at(names: NameResolver, place: str) -> DmarcPolicy | None:
    found = [text for text in names.texts(f"_dmarc.{place}") if is_dmarc(text)]
    try:
        return parse_dmarc(found[0], place) if len(found) == 1 else None
    except BadDmarc:
        return None


def parent_domains(domain: str) -> Iterator[str]:
    """The domain and its parents, without the top one."""
    labels = domain.split(".")
    yield domain
    for first in range(max(1, len(labels) - _HIGHEST), len(labels) - 1):
        yield ".".join(labels[first:])
