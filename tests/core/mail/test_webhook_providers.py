"""The setting that says which mail services may report here: read whole, or refused with one sentence."""

from importlib import import_module

import pytest

from core.mail import webhook_providers
from core.mail.webhook_providers import MAIL_PROVIDERS, BadHooks, parse_providers

LOGIN = "hooks:0123456789abcdef"
KEY = "0123456789abcdef"
PUBLIC = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE" + "a" * 80 + "=="


def test_each_service_has_its_secret() -> None:
    text = f"postmark:{LOGIN}, mailgun:{KEY},"
    assert parse_providers(text) == {"postmark": LOGIN, "mailgun": KEY}
    assert parse_providers("  ") == {}


def test_a_secret_may_hold_colons() -> None:
    assert parse_providers(f"mailgun:{KEY}:more") == {"mailgun": f"{KEY}:more"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (f"postmrk:{LOGIN}", "names a service that is not known: 'postmrk'; write amazon_ses, brevo,"),
        (f"postmark:{LOGIN},postmark:{LOGIN}", "names postmark twice"),
        ("postmark", "no usable secret for postmark; write postmark: and user:password"),
        (f"postmark:{KEY}", "no usable secret for postmark"),
        ("postmark:hooks:short", "no usable secret for postmark"),
        (f"postmark:{LOGIN} ü", "no usable secret for postmark"),
        ("mailgun:short", "no usable secret for mailgun; write mailgun: and the service's signing key"),
        (f"postal:{KEY}", "no usable secret for postal; write postal: and the service's public key"),
        (f"postal:{PUBLIC}a", "no usable secret for postal"),
        (f"sendgrid:{KEY}", "user:password with at least 16 letters"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(BadHooks) as refusal:
        parse_providers(text, lambda module: True)
    assert sentence in str(refusal.value)
    assert LOGIN not in str(refusal.value)


def test_a_secret_in_the_place_of_a_name_is_not_shown() -> None:
    with pytest.raises(BadHooks) as refusal:
        parse_providers("Zm9vYmFy0123456789")
    assert "Zm9v" not in str(refusal.value)


@pytest.mark.parametrize(
    ("missing", "mend"), [("anymail", "pip install -r requirements-providers.txt"), ("cryptography", "cryptography")]
)
def test_a_missing_package_is_named_with_its_mend(missing: str, mend: str) -> None:
    with pytest.raises(BadHooks, match=mend):
        parse_providers(f"sendgrid:{PUBLIC}", lambda module: module != missing)


def test_a_service_by_its_login_needs_no_cryptography() -> None:
    assert parse_providers(f"sendgrid:{LOGIN}", lambda module: module == "anymail") == {"sendgrid": LOGIN}


@pytest.mark.parametrize("name", MAIL_PROVIDERS)
def test_every_service_has_a_view_of_anymails(name: str) -> None:
    module, _colon, view = MAIL_PROVIDERS[name].view.partition(":")
    assert hasattr(getattr(import_module(module), view), "parse_events")


def test_every_service_that_anymail_reads_is_known() -> None:
    from anymail import urls

    routes = {str(route.pattern).partition("/")[0] for route in urls.urlpatterns if "tracking" in str(route.pattern)}
    assert routes - {"sendinblue"} == set(webhook_providers.MAIL_PROVIDERS)  # the old name of brevo
