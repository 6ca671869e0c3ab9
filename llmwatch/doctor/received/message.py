"""A message as it arrived: is it what was sent, and would providers believe it? Any bytes may be given."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import BytesHeaderParser
from email.utils import getaddresses
from pathlib import Path
from typing import Final

from django.conf import settings

from core.command_reports import Refused
from llmwatch.doctor.dns import dmarc, mx_and_ptr, sender_records
from llmwatch.doctor.dns.checks import domain_of, is_public
from llmwatch.doctor.dns.resolver import NoAnswer, open_names
from llmwatch.doctor.dns.sender_records import MailSender
from llmwatch.doctor.finding import Finding, error, ok, warning
from llmwatch.doctor.received import authentication_results
from llmwatch.doctor.received.dkim_signature import DkimSignature, NotReadable, verify_signatures

_AGAIN: Final = "Ask again in a while; see DNS_SERVER."
MAX_BYTES: Final = 2_000_000  # bytes; more than any issue, with whatever was added on the way
LARGEST_HEADERS: Final = 200_000
LONGEST_FROM: Final = 2_000  # letters
MAX_DEPTH: Final = 20  # comments and groups, which the parser takes one inside the other
LONGEST_GAP: Final = 400  # blanks in a row, which cost whoever verifies the square of them
# RFC 8058: without these two signed, providers show no button to unsubscribe. The others are what readers go by.
_MUST: Final = frozenset({"from", "list-unsubscribe", "list-unsubscribe-post"})
_SHOULD: Final = frozenset({"subject", "to", "date", "reply-to", "message-id", "mime-version", "content-type"})


class NotAMessage(ValueError):
    """The bytes are no mail; a sentence without a full stop."""


@dataclass(frozen=True, slots=True)
class _Arrived:
    """`domain` is that of From:."""

    raw: bytes
    headers: Message
    domain: str

    def all(self, name: str) -> list[str]:
        return [" ".join(str(value).split()) for value in self.headers.get_all(name, [])]


def fetch_message(path: str) -> bytes:
    """The file, `-` for stdin; at most a little more than is looked at. Raises Refused."""
    try:
        if path == "-":
            return sys.stdin.buffer.read(MAX_BYTES + 1)
        with Path(path).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as fault:
        raise Refused(f"{path[:200]} cannot be read: {getattr(fault, 'strerror', None) or fault}.") from None


def check_message(raw: bytes) -> Iterator[Finding]:
    try:
        message = parse_message(raw)
    except NotAMessage as fault:
        yield error("message", f"This is no mail as it arrived: {fault}.", "Save its source (“show original”).")
        return
    yield from _proven(message)
    yield from _origin(message)
    yield one_click(message.all("List-Unsubscribe"), message.all("List-Unsubscribe-Post"))
    yield authentication_results.judge_results(message.all("Authentication-Results"))
    yield authentication_results.judge_encryption(message.all("Received"))


def parse_message(raw: bytes) -> _Arrived:
    """Raises NotAMessage."""
    raw = raw.lstrip()
    head = re.split(rb"\r?\n\r?\n", raw[: LARGEST_HEADERS + 4], maxsplit=1)[0]
    if len(raw) > MAX_BYTES or len(head) > LARGEST_HEADERS:
        raise NotAMessage("it is larger than any issue")
    if any(len(gap) > LONGEST_GAP for gap in re.findall(rb"[ \t]+", raw)):
        raise NotAMessage("it has gaps that no issue has")
    headers = BytesHeaderParser().parsebytes(head)
    return _Arrived(raw, headers, _domain([str(value) for value in headers.get_all("From", [])]))


def _domain(written: list[str]) -> str:
    """Of the one address that From: may have. Raises NotAMessage."""
    is_short = len(written) == 1 and len(written[0]) <= LONGEST_FROM and sum(map(written[0].count, "(:")) <= MAX_DEPTH
    senders = [address for _name, address in getaddresses(written)] if is_short else []
    domain = senders[0].rpartition("@")[2].lower() if len(senders) == 1 else ""
    if not is_public(domain):
        raise NotAMessage("it has no From: with one address of a public domain")
    return domain


def _proven(message: _Arrived) -> Iterator[Finding]:
    try:
        names = open_names(settings.DNS_SERVER)
        organisation = dmarc.organisation_of(names, message.domain)
        yield from judge_dkim(message, list(verify_signatures(message.raw, names)), organisation)
    except NoAnswer as fault:
        yield warning("message.dkim", f"Its signatures cannot be verified: {fault}.", _AGAIN)
    except NotReadable:
        yield error("message", "It has a line among its headers that is none.", "Save its source (“show original”).")


def _origin(message: _Arrived) -> Iterator[Finding]:
    """Of the address from which the last mail server got it: its name, and what SPF says of it."""
    hop = next(authentication_results.parse_hops(message.all("Received")), None)
    if hop is None:
        return
    path = domain_of("".join(message.all("Return-Path")[:1])) or message.domain
    try:
        names = open_names(settings.DNS_SERVER)
        yield from mx_and_ptr.names_of((hop.peer,), names)
        yield from sender_records.relays_of(MailSender(message.domain, path, relays=(hop.peer,)), names)
    except NoAnswer as fault:
        yield warning("mail.ptr", f"{hop.peer}, from which it came, cannot be looked up: {fault}.", _AGAIN)


def judge_dkim(message: _Arrived, found: list[DkimSignature], organisation: str) -> Iterator[Finding]:
    """The best signature, and what is to be said of it."""
    ours = [one for one in found if dmarc.is_aligned(one.domain, message.domain, organisation)]
    valid = [one for one in ours if not one.fault]
    if valid:
        best = max(valid, key=lambda one: len(one.headers & (_MUST | _SHOULD)))
        yield ok(
            "message.dkim", f"It is signed by {best.domain}, {best.bits} bits, and arrived unchanged.{_hint(best)}"
        )
        yield judge_coverage(message, best)
    elif ours:
        said = f"The signature of {ours[0].domain} (s={ours[0].selector}) counts for nothing: {ours[0].fault}."
        yield error("message.dkim", said, "Compare the signer's key with DNS; let nothing rewrite mail after it.")
    elif found:
        whose = f"is of {found[0].domain}, which may not speak for {message.domain}"
        said = f"Its DKIM signature {whose if found[0].domain else 'cannot be read'}."
        yield error("message.dkim", said, f"Let the mail server sign with d={message.domain}.")
    else:
        mend = f"Let the mail server sign with d={message.domain} (OpenDKIM, rspamd, or your provider's setting)."
        yield error("message.dkim", "It has no DKIM signature.", mend)


def judge_coverage(message: _Arrived, signature: DkimSignature) -> Finding:
    """Which headers of the message the signature leaves out."""
    there = {name.lower() for name in message.headers}
    must, should = sorted(_MUST & there - signature.headers), sorted(_SHOULD & there - signature.headers)
    if must:
        said = f"The signature does not cover {', '.join(must)}."
        return error("message.signed", said, "Add them to the headers that the signer signs.")
    if signature.is_partial:
        mend = "Take BodyLengths (l=) out of the signer's settings."
        return warning("message.signed", "The signature covers only the beginning of the text (l=).", mend)
    if should:
        said = f"The signature does not cover {', '.join(should)}."
        return warning("message.signed", said, "Add them to the headers that the signer signs.")
    return ok("message.signed", "The signature covers whatever readers and providers go by.")


def one_click(addresses: list[str], posts: list[str]) -> Finding:
    """RFC 8058: one https address, and the word that a POST there is enough."""
    secure = re.findall(r"<\s*(https:[^<>]*)>", addresses[0], re.IGNORECASE) if len(addresses) == 1 else []
    if len(secure) != 1:
        said = f"List-Unsubscribe names {len(secure)} https addresses, where one must stand."
        return error("message.one_click", said, "Set SITE_URL to an https address; let nothing rewrite headers.")
    if [post.lower() for post in posts] != ["list-unsubscribe=one-click"]:
        said = "List-Unsubscribe-Post is not List-Unsubscribe=One-Click."
        return error("message.one_click", said, "Let nothing on the way rewrite headers.")
    return ok("message.one_click", "It offers to unsubscribe in one click.")


def _hint(signature: DkimSignature) -> str:
    known = signature.selector in settings.DKIM_SELECTOR
    return "" if known else f" Its selector is {signature.selector[:60]} (DKIM_SELECTOR)."
