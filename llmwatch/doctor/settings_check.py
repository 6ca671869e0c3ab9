"""Settings that start the site and may still do harm, or less than one thinks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings

from core.clock import Clock
from llmwatch.doctor.finding import Finding, error, ok, warning

_HERE: Final = frozenset({"127.0.0.1", "localhost", "::1", "[::1]", ""})


@dataclass(frozen=True, slots=True)
class ChosenSettings:
    """What of the settings may be a risk."""

    debug: bool
    site_url: str
    contact: str
    postal_address: str
    mail_host: str
    mail_password: str
    mail_is_encrypted: bool
    edge_url: str
    refresh_key: str
    keys_are_the_same: bool

    @property
    def is_public(self) -> bool:
        return (urlsplit(self.site_url).hostname or "") not in _HERE


def settings_that_are_risky(clock: Clock) -> Iterator[Finding]:
    server = settings.MAIL_SERVER
    chosen = ChosenSettings(
        debug=settings.DEBUG,
        site_url=settings.SITE_URL,
        contact=settings.ARXIV_CONTACT,
        postal_address=settings.POSTAL_ADDRESS,
        mail_host=server.host,
        mail_password=server.password,
        mail_is_encrypted=server.tls or server.ssl,
        edge_url=settings.EDGE_URL,
        refresh_key=settings.REFRESH_KEY,
        keys_are_the_same=settings.SECRET_KEY == settings.ADDRESS_KEY and not settings.DEBUG,
    )
    yield from list(check_settings(chosen)) or [ok("settings", "None of them is a risk.")]


def check_settings(chosen: ChosenSettings) -> Iterator[Finding]:
    if chosen.debug and chosen.is_public:
        yield error("settings.debug", "DEBUG is on for a public address.", "Take DEBUG out of the environment.")
    if chosen.is_public and not chosen.site_url.startswith("https://"):
        yield warning("settings.site_url", "SITE_URL is not https.", "Set up TLS and write SITE_URL with https://.")
    if _is_of_this_machine(chosen.contact):
        said = "ARXIV_CONTACT is not set, so arXiv cannot reach you before it blocks you."
        yield warning("settings.arxiv_contact", said, "Set ARXIV_CONTACT to a mail address that you read.")
    if chosen.keys_are_the_same:
        said = "SECRET_KEY and ADDRESS_KEY are the same, so the one cannot be changed without the other."
        yield warning("settings.keys", said, "Before the first subscriber: choose another ADDRESS_KEY.")
    yield from _risks_of_mail(chosen)
    if bool(chosen.edge_url) != bool(chosen.refresh_key):
        said = "Of EDGE_URL and REFRESH_KEY only one is set, so nginx shows corrections a minute late."
        yield warning("settings.edge", said, "Set both, the same REFRESH_KEY for nginx and for the site.")


def _risks_of_mail(chosen: ChosenSettings) -> Iterator[Finding]:
    if chosen.mail_host and not chosen.postal_address:
        said = "POSTAL_ADDRESS is not set; the law of most countries wants it in every mail."
        yield warning("settings.postal_address", said, "Set POSTAL_ADDRESS.")
    if chosen.mail_password and not chosen.mail_is_encrypted and chosen.mail_host not in _HERE:
        said = "The mail server's password goes over the network unencrypted."
        yield error("settings.email_url", said, "Write EMAIL_URL with smtp+tls:// or smtp+ssl://.")


def _is_of_this_machine(contact: str) -> bool:
    return "@" not in contact and (urlsplit(contact).hostname or "") in _HERE
