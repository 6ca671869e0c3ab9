"""Reads the environment: each variable once, typed, refused with one clear sentence when it is unsafe or unreadable."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from core.clock import Quota
from core.mail import webhook_providers
from core.mail.servers import Mailbox, MailServer
from core.nameserver import NameServer

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"", "0", "false", "no", "off"})
SHORTEST_KEY = 40
DEVELOPMENT_KEY = "development-only-key-that-production-refuses-to-start-with"
_WINDOWS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
MAX_NUMBER = 100_000_000
MAILBOX_PORTS = {"imaps": 993, "imap": 143}
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
MAIL_PORTS = {"smtp": 25, "smtp+tls": 587, "smtp+ssl": 465}


@dataclass(frozen=True, slots=True)
class SettingsReader:
    """The variables of docs/settings.md, as the settings module wants them."""

    values: Mapping[str, str]

    def text(self, name: str, default: str = "") -> str:
        return self.values.get(name, "").strip() or default

    def flag(self, name: str, *, default: bool = False) -> bool:
        word = self.text(name, "1" if default else "0").lower()
        if word not in _TRUE | _FALSE:
            raise ImproperlyConfigured(f"{name} is {word!r}; write 1 for yes or 0 for no.")
        return word in _TRUE

    def words(self, name: str, default: str = "") -> list[str]:
        return [word.strip() for word in self.text(name, default).split(",") if word.strip()]

    def seconds(self, name: str, default: float, *, least: float) -> float:
        raw = self.text(name, str(default))
        try:
            value = float(raw)
        except ValueError:
            raise ImproperlyConfigured(f"{name} is {raw!r}; write a number of seconds.") from None
        if not least <= value < 3600:
            raise ImproperlyConfigured(f"{name} is {raw}; the least allowed is {least:g} seconds.")
        return value

    def key(self, name: str, *, debug: bool) -> str:
        """A secret; outside DEBUG it must be set, long, and not the one from the examples."""
        value = self.text(name, DEVELOPMENT_KEY if debug else "")
        if debug:
            return value
        if len(value) < SHORTEST_KEY or value == DEVELOPMENT_KEY or len(set(value)) < 8:
            raise ImproperlyConfigured(
                f"{name} is missing or too weak; set it to {SHORTEST_KEY} or more random characters "
                "(python -c 'import secrets; print(secrets.token_urlsafe(48))')."
            )
        return value

    def url(self, name: str, default: str) -> str:
        """An http(s) address without a trailing slash."""
        value = self.text(name, default).rstrip("/")
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ImproperlyConfigured(f"{name} is {value!r}; write an address such as https://example.org.")
        return value

    def url_or_nothing(self, name: str, default: str) -> str:
        """As `url`; empty where the variable is set to nothing."""
        return self.url(name, default) if self.values.get(name, default).strip() else ""

    def number(self, name: str, default: int, *, least: int, most: int) -> int:
        raw = self.text(name, str(default))
        if not (raw.isascii() and raw.isdecimal() and least <= int(raw) <= most):
            raise ImproperlyConfigured(f"{name} is {raw!r}; write a whole number from {least} to {most}.")
        return int(raw)

    def rate(self, name: str) -> float:
        """Messages a second, 0 where no limit is set."""
        raw = self.text(name, "0")
        try:
            value = float(raw)
        except ValueError:
            value = -1.0
        if not 0 <= value <= 100_000:
            raise ImproperlyConfigured(f"{name} is {raw!r}; write messages a second, e.g. 14, or leave it empty.")
        return value

    def quota(self, name: str) -> Quota | None:
        """`500/hour`; None where no limit is set."""
        raw = self.text(name)
        if not raw:
            return None
        count, _, window = raw.replace(" ", "").partition("/")
        if window not in _WINDOWS or not (count.isascii() and count.isdecimal() and 0 < int(count[:10]) <= MAX_NUMBER):
            raise ImproperlyConfigured(f"{name} is {raw!r}; write 500/hour, 10000/day or 30/minute, or leave it empty.")
        return Quota(int(count), _WINDOWS[window])

    def daily(self, name: str) -> int:
        """`200/day`; 0 where none is set."""
        quota = self.quota(name) if self.text(name).replace(" ", "").endswith("/day") else None
        if self.text(name) and quota is None:
            raise ImproperlyConfigured(f"{name} is {self.text(name)!r}; write 200/day, or leave it empty.")
        return quota.count if quota else 0

    def plus_address(self, name: str) -> str:
        """A mail address of which `local+anything@host` comes in too; empty where none is set."""
        value = self.text(name).lower()
        if value and not re.fullmatch(r"[a-z0-9._-]{1,25}@[a-z0-9.-]{1,253}", value):
            raise ImproperlyConfigured(f"{name} is {value!r}; write a plain short address: bounces@news.example.org.")
        return value

    def mail_server(self, name: str) -> MailServer:
        """`smtp://user:password@host:port`; `smtp+tls://` for STARTTLS, `smtp+ssl://` for TLS from the start."""
        raw = self.text(name)
        if not raw:
            return MailServer()
        try:
            parts = urlsplit(raw)
            usual = MAIL_PORTS[parts.scheme]
            port = parts.port or usual
        except (ValueError, KeyError):
            parts, port = urlsplit(""), 0
        if not parts.hostname:
            raise ImproperlyConfigured(f"{name} cannot be read; write smtp://user:password@host:port.")
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        return MailServer(
            parts.hostname, port, user, password, tls=parts.scheme == "smtp+tls", ssl=parts.scheme == "smtp+ssl"
        )

    def mailbox(self, name: str) -> Mailbox:
        """`imaps://user:password@host:port/FOLDER`; `imap://`, without TLS, on this machine only."""
        raw = self.text(name)
        if not raw:
            return Mailbox()
        try:
            parts = urlsplit(raw)
            usual = MAILBOX_PORTS[parts.scheme]
            port = parts.port or usual
        except (ValueError, KeyError):
            parts, port = urlsplit(""), 0
        folder = unquote(parts.path.strip("/")) or "INBOX"
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        is_safe = parts.scheme == "imaps" or parts.hostname in _LOOPBACK
        is_plain = re.fullmatch(r"[\w./ -]{1,100}", folder, re.ASCII) and (user + password).isascii()
        if not (parts.hostname and is_safe and is_plain):
            raise ImproperlyConfigured(f"{name} cannot be read; write imaps://user:password@host/INBOX.")
        return Mailbox(parts.hostname, port, user, password, folder, tls=parts.scheme == "imaps")

    def name_server(self, name: str) -> NameServer:
        """`192.0.2.53`, `127.0.0.1:5353` or `[::1]:53`; the system's own where it is empty."""
        raw = self.text(name)
        try:
            parts = urlsplit(f"//{raw if raw.count(':') < 2 or '[' in raw else f'[{raw}]'}")
            return NameServer(str(ip_address(parts.hostname or "")), parts.port or 53) if raw else NameServer()
        except ValueError:
            raise ImproperlyConfigured(f"{name} is {raw!r}; write an IP address, e.g. 127.0.0.1:53.") from None

    def hooks(self, name: str) -> dict[str, str]:
        """`postmark:user:password,mailgun:KEY`: the mail services that may report here, and their secrets."""
        try:
            return webhook_providers.parse_providers(self.text(name))
        except webhook_providers.BadHooks as error:
            raise ImproperlyConfigured(f"{name} {error}") from None

    def required(self, name: str, what: str) -> str:
        """A variable without a safe default; manage.py fills it from the embedded servers where DEBUG=1."""
        value = self.text(name)
        if not value:
            raise ImproperlyConfigured(
                f"{name} is not set. Set it to {what}, or set DEBUG=1 to use the embedded one (development only)."
            )
        return value


def read_environment() -> SettingsReader:
    return SettingsReader(os.environ)


def celery_url(redis_url: str) -> str:
    """Celery's form of a redis-py address: a unix socket is `redis+socket://` there, its database `virtual_host`."""
    if not redis_url.startswith("unix://"):
        return redis_url
    path, _, query = redis_url.removeprefix("unix://").partition("?")
    return f"redis+socket://{path}?{query.replace('db=', 'virtual_host=')}" if query else f"redis+socket://{path}"
