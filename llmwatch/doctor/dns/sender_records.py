"""What the domain of the sender says of mail in its name: SPF, DKIM, DMARC. Each with the record to create."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from llmwatch.doctor.dns import dkim_keys, dmarc, spf
from llmwatch.doctor.dns.resolver import NameResolver
from llmwatch.doctor.finding import Finding, FindingLevel, error, ok, warning

_SURVEYED: Final = 60  # look-ups, then counting ends
_SAME: Final = "Take out what is not used any more, or write networks (ip4:) instead of names."


@dataclass(frozen=True, slots=True)
class MailSender:
    """Whose records are looked at. `domain` stands behind From:, `path` in the envelope, where mail comes back to.

    `relays` are the public addresses from which mail leaves, as far as they are known; `is_bulk`: providers ask for
    more of who sends so much.
    """

    domain: str
    path: str
    selectors: tuple[str, ...] = ()
    relays: tuple[str, ...] = ()
    is_bulk: bool = False

    def worse(self, name: str, sentence: str, mend: str) -> Finding:
        """A warning; an error for whoever sends in bulk."""
        return Finding(FindingLevel.ERROR if self.is_bulk else FindingLevel.WARNING, name, sentence, mend)


def spf_of(sender: MailSender, names: NameResolver) -> Iterator[Finding]:
    """Of the return path's domain, by which it is judged."""
    domain, walk = sender.path, spf.SpfEvaluation(names, most=_SURVEYED)
    try:
        sign = walk.result(domain)
    except spf.NoSpf as fault:
        yield _missing_spf(sender, str(fault))
        return
    except spf.BadSpf as fault:
        yield error("mail.spf", f"SPF of {domain} is broken: {fault}.", "Mend that TXT record; until then SPF fails.")
        return
    except spf.UnknowableSpf as fault:
        yield ok("mail.spf", f"{domain} has one SPF record; its look-ups cannot be counted from here: {fault}.")
        return
    yield judge_spf_ending(domain, sign, walk.lookups)
    yield from relays_of(sender, names)


def _missing_spf(sender: MailSender, fault: str) -> Finding:
    if fault.partition(" ")[0] != sender.path:
        return error("mail.spf", f"SPF of {sender.path} is broken: {fault}.", f"Take it out of {sender.path}'s record.")
    own = " ".join(_mechanism(address) for address in sender.relays) or "include:…"
    mend = f'Create {sender.path}. TXT "v=spf1 {own} -all", with the include: that your mail provider names.'
    return error("mail.spf", f"{fault}, so anybody may write as it and providers refuse.", mend)


def judge_spf_ending(domain: str, sign: str, lookups: int) -> Finding:
    """What the record says of everybody whom it does not name, and how much it asks for."""
    if lookups > spf.MOST_LOOKUPS:
        said = f"SPF of {domain} takes {lookups} look-ups; receivers stop at {spf.MOST_LOOKUPS} and count it as broken."
        return error("mail.spf", said, _SAME)
    if sign == "+":
        said = f"SPF of {domain} allows everybody (+all)."
        return error("mail.spf", said, f"Let the record {domain}. TXT end in -all.")
    if sign == "?":
        said = f"SPF of {domain} does not say that others may not write as it."
        return warning("mail.spf", said, f"Let the record {domain}. TXT end in ~all, and in -all once all is well.")
    return ok("mail.spf", f"{domain} has one SPF record, {lookups} of 10 look-ups, and it ends in {sign}all.")


def relays_of(sender: MailSender, names: NameResolver) -> Iterator[Finding]:
    """Whether SPF allows the addresses from which mail leaves."""
    if not sender.relays:
        said = "From which address mail leaves cannot be seen from here, so SPF was not asked about it."
        yield ok("mail.spf.relay", f"{said} The test message of --mail-to tells.")
    for address in sender.relays[:4]:
        yield _relay(sender, names, address)


def _relay(sender: MailSender, names: NameResolver, address: str) -> Finding:
    try:
        sign = spf.SpfEvaluation(names, ip_address(address)).result(sender.path)
    except (spf.BadSpf, spf.UnknowableSpf) as fault:
        return ok("mail.spf.relay", f"Whether SPF allows {address} cannot be told from here: {fault}.")
    if sign == "+":
        return ok("mail.spf.relay", f"SPF of {sender.path} allows {address}, the mail server's address.")
    said = f"SPF of {sender.path} does not allow {address}, the mail server's address ({spf.QUALIFIER_SIGNS[sign]})."
    mend = f"If mail leaves from there: add {_mechanism(address)} to {sender.path}. TXT; --mail-to tells."
    return warning("mail.spf.relay", said, mend)


def _mechanism(address: str) -> str:
    return f"ip{ip_address(address).version}:{address}"


def dkim_of(sender: MailSender, names: NameResolver) -> Iterator[Finding]:
    if not sender.selectors:
        mend = "Set DKIM_SELECTOR to what a mail of yours has behind s= in DKIM-Signature; doctor --message tells it."
        yield warning("mail.dkim", "DNS cannot list the keys of a domain, and DKIM_SELECTOR is not set.", mend)
    for selector in sender.selectors:
        yield key_at(sender, names, selector)


def key_at(sender: MailSender, names: NameResolver, selector: str) -> Finding:
    """The key of this selector, of the domain or of a parent of it."""
    places = [f"{selector}._domainkey.{domain}" for domain in dmarc.parent_domains(sender.domain)]
    found = next(((place, texts) for place in places if (texts := names.texts(place))), None)
    if found is None:
        mend = f'Create {places[0]}. TXT "v=DKIM1; k=rsa; p=…" as your mail server gives it, or mend DKIM_SELECTOR.'
        return error("mail.dkim", f"There is no key at {places[0]}.", mend)
    place, texts = found
    if len(texts) > 1:
        return error("mail.dkim", f"{place} has {len(texts)} TXT records.", "Leave the one with the key in use.")
    try:
        return judge_dkim_key(place, dkim_keys.parse_dkim_key(texts[0]))
    except dkim_keys.BadKey as fault:
        mend = f"Write {place}. TXT anew, as your mail server gives it."
        return error("mail.dkim", f"The key at {place} cannot be used: {fault}.", mend)


def judge_dkim_key(place: str, key: dkim_keys.DkimKey) -> Finding:
    """How good a key is."""
    if key.is_revoked:
        return error("mail.dkim", f"The key at {place} was revoked (p= is empty).", "Sign with another selector.")
    if key.kind == "rsa" and key.bits < dkim_keys.GOOD_BITS:
        said, mend = f"The key at {place} has {key.bits} bits.", f"Make one of {dkim_keys.GOOD_BITS} bits."
        return (error if key.bits < dkim_keys.SHORTEST_BITS else warning)("mail.dkim", said, mend)
    if key.is_on_trial:
        said = f"The key at {place} says that it is on trial (t=y), so its signatures may not count."
        return warning("mail.dkim", said, f"Take t=y out of {place}. TXT.")
    if key.kind != "rsa":
        said = f"The key at {place} is of the kind {key.kind}, which many receivers cannot verify."
        return warning("mail.dkim", said, f"Sign with a key of RSA, {dkim_keys.GOOD_BITS} bits, too.")
    return ok("mail.dkim", f"The key at {place} is there, {key.bits} bits.")


def dmarc_of(sender: MailSender, names: NameResolver) -> Iterator[Finding]:
    try:
        policy = dmarc.policy_of(names, sender.domain)
    except dmarc.BadDmarc as fault:
        mend = f"Mend the TXT record: {_dmarc_record(sender.domain)}."
        yield sender.worse("mail.dmarc", f"DMARC of {sender.domain} is broken: {fault}.", mend)
        return
    if policy is None:
        said = f"{sender.domain} has no DMARC record, which Gmail, Yahoo and Outlook ask of who sends to many."
        yield sender.worse("mail.dmarc", said, f"Create {_dmarc_record(sender.domain)}.")
        return
    yield _policy(sender, policy)
    yield from _reports(policy, names)
    yield _path(sender, policy, names)


def _policy(sender: MailSender, policy: dmarc.DmarcPolicy) -> Finding:
    asked = policy.for_(sender.domain)
    return ok("mail.dmarc", f"_dmarc.{policy.domain} asks for {asked} for mail as {sender.domain} that is not proven.")


def _reports(policy: dmarc.DmarcPolicy, names: NameResolver) -> Iterator[Finding]:
    """Who is told, and whether a domain that is not the policy's own agreed to be told."""
    name, place = "mail.dmarc.reports", f"_dmarc.{policy.domain}"
    if not policy.reports:
        said = f"{place} names nobody who is told of mail that fails (rua=)."
        yield warning(name, said, f"Add rua=mailto:postmaster@{policy.domain} to {place}. TXT.")
    for address in policy.reports[:4]:
        domain = address.rpartition("@")[2].lower()
        agreed = f"{policy.domain}._report._dmarc.{domain}"
        if not _is_kin(domain, policy.domain) and not any(map(dmarc.is_dmarc, names.texts(agreed))):
            yield warning(name, f"{domain} did not agree to be told.", f'It has to create {agreed}. TXT "v=DMARC1".')


def _path(sender: MailSender, policy: dmarc.DmarcPolicy, names: NameResolver) -> Finding:
    """SPF counts for DMARC only where the return path belongs to the domain of From:."""
    organisation = dmarc.organisation_of(names, sender.domain)
    if dmarc.is_aligned(sender.path, sender.domain, organisation, strict=policy.strict_spf):
        return ok("mail.dmarc.path", f"The return path's domain {sender.path} belongs to {sender.domain}.")
    how = "is not the very domain of From:, as aspf=s asks" if policy.strict_spf else "belongs to another domain"
    said = f"The return path's domain {sender.path} {how}, so for DMARC only DKIM counts."
    return warning("mail.dmarc.path", said, f"Set BOUNCE_ADDRESS to an address of {sender.domain}.")


def _is_kin(one: str, other: str) -> bool:
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")


def _dmarc_record(domain: str) -> str:
    return f'_dmarc.{domain}. TXT "v=DMARC1; p=none; rua=mailto:postmaster@{domain}"'
