"""What the receiving server found (Authentication-Results, RFC 8601), and how the message came there. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from llmwatch.doctor.finding import Finding, error, ok, on_one_line, warning

MAX_LENGTH: Final = 4_000  # letters of one header
MAX_HOPS: Final = 30  # hops
_METHODS: Final = ("spf", "dkim", "dmarc")
_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"\s*([a-z]+)\s*(?:/\s*[0-9]+\s*)?=\s*([a-z]+)", re.IGNORECASE)
_PEER = re.compile(r"\[(?:IPv6:)?([0-9a-f.:]+)\]", re.IGNORECASE)
_BY = re.compile(r"\bby\s+([a-z0-9._-]+)", re.IGNORECASE)
_ENCRYPTED = re.compile(r"\bwith\s+(?:UTF8)?(?:E?SMTP|LMTP)SA?\b|\bTLS|\bSSL", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Hop:
    """From one machine to another over the internet; `peer` is the IP address of the first."""

    peer: str
    by: str
    is_encrypted: bool


def parse_results(header: str) -> tuple[str, Mapping[str, str]]:
    """Who says so, and the best result of each method."""
    text = _uncommented(header[:MAX_LENGTH])
    first, *others = text.split(";")
    if _RESULT.match(first):  # Microsoft leaves its own name out
        first, others = "the receiving server", [first, *others]
    found: dict[str, str] = {}
    for piece in others:
        result = _RESULT.match(piece)
        if result and found.get(result[1].lower()) != "pass":
            found[result[1].lower()] = result[2].lower()
    return on_one_line(first, 80) or "somebody", found


def judge_results(headers: list[str]) -> Finding:
    """By the topmost header: the ones below it anybody may have written."""
    if not headers:
        mend = "Send one to a mailbox at Gmail or Outlook and save its source; those tell."
        return warning("message.results", "The receiving server does not say what it found of SPF and DMARC.", mend)
    who, found = parse_results(headers[0])
    words = [f"{method}={found.get(method, 'nothing')}" for method in _METHODS]
    said = f"{who} found {', '.join(words)}."
    missing = [method for method in _METHODS if found.get(method) != "pass"]
    mend = f"See mail.{' and mail.'.join(missing)} of doctor, and whether the message was forwarded."
    if {"dkim", "dmarc"} & set(missing):
        return error("message.results", said, mend)
    return warning("message.results", said, mend) if missing else ok("message.results", said)


def parse_hops(received: Iterable[str]) -> Iterator[_Hop]:
    """The last one first; those on one machine and in inner networks are left out."""
    for header in list(received)[:MAX_HOPS]:
        text = " ".join(header[:MAX_LENGTH].split())
        peer, by = _PEER.search(text), _BY.search(text)
        if peer and by and text.lower().startswith("from ") and _is_outer(peer[1]):
            yield _Hop(peer[1], by[1], bool(_ENCRYPTED.search(text)))


def judge_encryption(received: Iterable[str]) -> Finding:
    way = list(parse_hops(received))
    plain = next((hop for hop in way if not hop.is_encrypted), None)
    if plain is not None:
        mend = "Let the mail server use TLS when it hands on (smtp_tls_security_level = may in Postfix)."
        return warning("message.tls", f"On its way to {plain.by[:80]} the message was not encrypted.", mend)
    if not way:
        return ok("message.tls", "No header tells of a way over the internet.")
    return ok("message.tls", "The message was encrypted on its way over the internet.")


def _is_outer(peer: str) -> bool:
    try:
        return ip_address(peer).is_global
    except ValueError:
        return False


def _uncommented(text: str) -> str:
    for _depth in range(3):
        text = _COMMENT.sub(" ", text)
    return text
