"""The mail services that may report here, and with which secret: what the setting MAIL_HOOKS says, checked at once.

anymail knows how each of them writes; what it needs to believe one stands in this table.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

_MEND: Final = "pip install -r requirements-providers.txt"
_RANDOM: Final = "python -c 'import secrets; print(secrets.token_urlsafe(24))'"


class BadHooks(ValueError):
    """The setting cannot be used; the message is a sentence that holds no secret."""


@dataclass(frozen=True, slots=True)
class _Proof:
    """By what a service is believed: the option of anymail's view, and what such a secret looks like."""

    option: str
    looks: re.Pattern[str]
    words: str
    needs: tuple[str, ...] = ("anymail",)


@dataclass(frozen=True, slots=True)
class _Provider:
    """anymail's view as `module:Class`, and the proofs that it takes, of which the first that fits is used."""

    view: str
    proofs: tuple[_Proof, ...]

    def proof(self, secret: str) -> _Proof | None:
        return next((proof for proof in self.proofs if proof.looks.fullmatch(secret)), None)


# They stand in an address, so they are of letters that need no escape there.
_LOGIN = re.compile(r"[A-Za-z0-9._~-]{1,60}:[A-Za-z0-9._~-]{16,200}")
_KEY = re.compile(r"[!-+\--~]{16,500}")
_PUBLIC = re.compile(r"M[A-Za-z0-9+/]{80,2000}={0,2}")
LOGIN_SECRET: Final = _Proof("webhook_secret", _LOGIN, f"user:password with at least 16 letters ({_RANDOM})")


def _key(option: str) -> _Proof:
    return _Proof(option, _KEY, "the service's signing key, at least 16 letters")


def _public(option: str) -> _Proof:
    return _Proof(option, _PUBLIC, "the service's public key, one line of base64", ("anymail", "cryptography"))


MAIL_PROVIDERS: Final[Mapping[str, _Provider]] = {
    # Not anymail's own: that one asks Amazon to confirm whatever it is told to.
    "amazon_ses": _Provider("mailings.bounces.amazon_sns:SnsView", (LOGIN_SECRET,)),
    "brevo": _Provider("anymail.webhooks.brevo:BrevoTrackingWebhookView", (LOGIN_SECRET,)),
    "mailersend": _Provider("anymail.webhooks.mailersend:MailerSendTrackingWebhookView", (_key("signing_secret"),)),
    "mailgun": _Provider("anymail.webhooks.mailgun:MailgunTrackingWebhookView", (_key("webhook_signing_key"),)),
    "mailjet": _Provider("anymail.webhooks.mailjet:MailjetTrackingWebhookView", (LOGIN_SECRET,)),
    "mailtrap": _Provider("anymail.webhooks.mailtrap:MailtrapTrackingWebhookView", (_key("tracking_secret"),)),
    "mandrill": _Provider("anymail.webhooks.mandrill:MandrillCombinedWebhookView", (_key("webhook_key"),)),
    "postal": _Provider("anymail.webhooks.postal:PostalTrackingWebhookView", (_public("webhook_key"),)),
    "postmark": _Provider("anymail.webhooks.postmark:PostmarkTrackingWebhookView", (LOGIN_SECRET,)),
    "resend": _Provider("anymail.webhooks.resend:ResendTrackingWebhookView", (LOGIN_SECRET,)),
    "sendgrid": _Provider(
        "anymail.webhooks.sendgrid:SendGridTrackingWebhookView",
        (LOGIN_SECRET, _public("tracking_webhook_verification_key")),
    ),
    "sparkpost": _Provider("anymail.webhooks.sparkpost:SparkPostTrackingWebhookView", (LOGIN_SECRET,)),
    "unisender_go": _Provider("anymail.webhooks.unisender_go:UnisenderGoTrackingWebhookView", (_key("api_key"),)),
}


def _is_installed(module: str) -> bool:
    return find_spec(module) is not None


def parse_providers(text: str, is_installed: Callable[[str], bool] = _is_installed) -> dict[str, str]:
    """`postmark:user:password,mailgun:KEY` as secrets by provider. Raises BadHooks."""
    hooks: dict[str, str] = {}
    for item in filter(None, map(str.strip, text.split(","))):
        name, _colon, secret = item.partition(":")
        if name not in MAIL_PROVIDERS:
            raise BadHooks(f"names a service that is not known: {_shown(name)}; write {', '.join(MAIL_PROVIDERS)}.")
        if name in hooks:
            raise BadHooks(f"names {name} twice.")
        _check(name, secret, is_installed)
        hooks[name] = secret
    return hooks


def _check(name: str, secret: str, is_installed: Callable[[str], bool]) -> None:
    provider = MAIL_PROVIDERS[name]
    proof = provider.proof(secret)
    if proof is None or (proof.looks is _PUBLIC and not _is_base64(secret)):
        wanted = ", or ".join(each.words for each in provider.proofs)
        raise BadHooks(f"has no usable secret for {name}; write {name}: and {wanted}.")
    missing = [module for module in proof.needs if not is_installed(module)]
    if missing:
        mend = _MEND if "anymail" in missing else f"pip install {missing[0]}"
        raise BadHooks(f"names {name}, for which a package is missing; install it with: {mend}")


def _is_base64(text: str) -> bool:
    try:
        return bool(b64decode(text, validate=True))
    except ValueError:
        return False


def _shown(name: str) -> str:
    """A word that was not meant as a name may be a secret."""
    return repr(name) if re.fullmatch(r"[a-z_-]{1,15}", name) else "(not shown, it may be a secret)"
