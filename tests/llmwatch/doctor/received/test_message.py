"""The doctor looks at a message as it arrived: a genuine signature, a real name server, and any bytes at all."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from core.command_reports import Refused
from core.nameserver import NameServer
from llmwatch.doctor import Finding
from llmwatch.doctor.dns.resolver import open_names
from llmwatch.doctor.received import authentication_results
from llmwatch.doctor.received.dkim_signature import NotReadable, verify_signatures
from llmwatch.doctor.received.message import (
    MAX_BYTES,
    NotAMessage,
    check_message,
    fetch_message,
    one_click,
    parse_message,
)
from tests.servers.certificates import needs_openssl
from tests.servers.dns_server import Zone, serving
from tests.signing import DOMAIN, RECEIVED, USUAL, make_message, make_signer

pytestmark = needs_openssl
Arrive = Callable[[bytes], bytes]
Examined = Callable[..., dict[str, Finding]]


@pytest.fixture(autouse=True)
def sender(settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL, settings.SITE_URL = f"LLM Watch <news@{DOMAIN}>", "https://news.example.com"
    settings.REPLY_TO, settings.DKIM_SELECTOR = "editor@example.com", ["mail"]


@pytest.fixture
def examined(settings: Settings) -> Examined:
    """What the doctor finds in these bytes, where DNS has the key and these changes."""

    def look(raw: bytes, changes: Zone | None = None, *, failing: list[str] | None = None) -> dict[str, Finding]:
        with serving({**make_signer().zone, **(changes or {})}, failing=failing or ()) as settings.DNS_SERVER:
            return {found.name: found for found in check_message(raw)}

    return look


def arrived(**how: object) -> bytes:
    return RECEIVED + make_signer().sign(make_message(), **how)  # type: ignore[arg-type]


def bad(found: dict[str, Finding]) -> dict[str, str]:
    return {name: str(finding.level) for name, finding in found.items() if finding.level != "ok"}


def test_a_message_that_arrived_as_it_was_sent_is_well(examined: Examined) -> None:
    found = examined(arrived())
    names = ["message.dkim", "message.signed", "mail.ptr", "mail.spf.relay"]
    assert (list(found), bad(found)) == ([*names, "message.one_click", "message.results", "message.tls"], {})
    assert found["message.dkim"].sentence == f"It is signed by {DOMAIN}, 2048 bits, and arrived unchanged."


@pytest.mark.parametrize(
    "saved",
    [
        lambda raw: raw.replace(b"\r\n", b"\n"),
        lambda raw: b"From news@example.com Sun Sep  7 12:00:00 2025\n" + raw.replace(b"\r\n", b"\n"),
        lambda raw: b"\r\n\r\n" + raw,
    ],
)
def test_how_the_source_was_saved_does_not_matter(examined: Examined, saved: Arrive) -> None:
    assert bad(examined(saved(arrived()))) == {}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (lambda raw: raw + b"--\r\nThis list is brought to you by somebody.\r\n", "footer"),
        (lambda raw: raw.replace(b"Subject: Papers", b"Subject: [list] Papers"), "signed header was changed"),
        (lambda raw: raw.replace(b"From: ", b"From: x@news.example.com\r\nX-Old-From: ", 1), "signed header"),
        (lambda raw: raw.replace(b"; s=mail;", b"; s=other;"), "no key for it in DNS"),
        (lambda raw: raw.replace(b"a=rsa-sha256", b"a=rsa-sha1"), "sha1"),
        (lambda raw: raw.replace(b"v=1;", b"v=2;"), "v= value is not 1"),
        (lambda raw: raw.replace(b"v=1;", b"v 1;"), "cannot be read"),
    ],
)
def test_a_message_that_was_changed_on_the_way_is_named(examined: Examined, changed: Arrive, why: str) -> None:
    found = examined(changed(arrived()))
    assert found["message.dkim"].level == "error"
    assert why in found["message.dkim"].sentence


@pytest.mark.parametrize(
    ("record", "why"),
    [("p=", "no key for it"), ("v=DKIM1; p=AAAA", "cannot be used"), ("k=ed25519; p=" + "A" * 43 + "=", "ed25519")],
)
def test_a_key_that_proves_nothing_is_named(examined: Examined, record: str, why: str) -> None:
    found = examined(arrived(), {f"mail._domainkey.{DOMAIN}": [f'TXT "{record}"']})
    assert why in found["message.dkim"].sentence


def test_a_signature_of_another_key_does_not_fit(examined: Examined) -> None:
    raw = make_signer(1024).sign(make_message())
    assert "another key stands in DNS" in examined(raw)["message.dkim"].sentence


def test_a_message_without_a_signature_and_one_of_a_stranger_are_told_apart(examined: Examined) -> None:
    zone = {"mail._domainkey.example.net": make_signer().zone[f"mail._domainkey.{DOMAIN}"]}
    assert examined(make_message())["message.dkim"].sentence == "It has no DKIM signature."
    stranger = examined(arrived(domain="example.net"), zone)["message.dkim"]
    assert stranger.sentence == f"Its DKIM signature is of example.net, which may not speak for {DOMAIN}."


def test_the_address_that_it_came_from_is_looked_at(examined: Examined) -> None:
    zone = {"bounces.example.com": ['TXT "v=spf1 -all"'], "25.0.0.11.in-addr.arpa": []}
    found = examined(b"Return-Path: <bounces+1@bounces.example.com>\r\n" + arrived(), zone)
    assert bad(found) == {"mail.ptr": "warning", "mail.spf.relay": "warning"}
    assert "add ip4:11.0.0.25 to bounces.example.com. TXT" in found["mail.spf.relay"].mend


def test_the_best_of_several_signatures_counts(examined: Examined) -> None:
    raw = RECEIVED + make_signer().sign(make_signer().sign(make_message()), domain="example.net")
    assert bad(examined(raw)) == {}


def test_the_selector_is_told_where_the_settings_do_not_know_it(examined: Examined, settings: Settings) -> None:
    settings.DKIM_SELECTOR = []
    assert "Its selector is mail (DKIM_SELECTOR)." in examined(arrived())["message.dkim"].sentence


@pytest.mark.parametrize(
    ("left_out", "level"), [("List-Unsubscribe", "error"), ("List-Unsubscribe-Post", "error"), ("Subject", "warning")]
)
def test_a_header_that_is_not_signed_is_named(examined: Examined, left_out: str, level: str) -> None:
    found = examined(arrived(headers=[name for name in USUAL if name != left_out]))["message.signed"]
    assert (found.level, left_out.lower() in found.sentence) == (level, True)


def test_a_signature_of_the_beginning_only_is_told(examined: Examined) -> None:
    assert bad(examined(arrived(length=True))) == {"message.signed": "warning"}


def test_where_dns_does_not_answer_the_rest_is_told(examined: Examined) -> None:
    found = examined(arrived(), failing=[f"mail._domainkey.{DOMAIN}"])
    assert bad(found) == {"message.dkim": "warning"}
    assert "message.one_click" in found


@pytest.mark.parametrize(
    ("addresses", "posts", "level"),
    [
        (["<https://a.example/me/x/unsubscribe/>"], ["List-Unsubscribe=One-Click"], "ok"),
        (["<https://a.example/x>, <mailto:out@a.example>"], ["List-Unsubscribe=One-Click"], "ok"),
        (["<http://a.example/x>"], ["List-Unsubscribe=One-Click"], "error"),
        (["<https://a.example/x>, <https://a.example/y>"], ["List-Unsubscribe=One-Click"], "error"),
        (["<https://a.example/x>"], [], "error"),
        (["<https://a.example/x>"], ["yes"], "error"),
        (["<https://a.example/x>"] * 2, ["List-Unsubscribe=One-Click"], "error"),
        ([], [], "error"),
    ],
)
def test_one_click_needs_one_secure_address(addresses: list[str], posts: list[str], level: str) -> None:
    assert one_click(addresses, posts).level == level


@pytest.mark.parametrize(
    ("header", "who", "level"),
    [
        ("mx.google.com; dkim=pass header.i=@a; spf=pass (a (b; c) d); dmarc=pass (p=NONE)", "mx.google.com", "ok"),
        ("spf=pass (sender IP is 1) smtp.mailfrom=a; dkim=pass; dmarc=pass action=none", "receiving server", "ok"),
        ("a.example; dkim=fail; dkim=pass; spf=softfail; dmarc=pass", "a.example", "warning"),
        ("a.example; dkim=pass; spf=pass; dmarc=fail", "a.example", "error"),
        ("a.example; none", "a.example", "error"),
        ("", "somebody", "error"),
        ("((((;;;;====", "((((", "error"),
    ],
)
def test_what_the_receiving_server_found_is_read(header: str, who: str, level: str) -> None:
    found = authentication_results.judge_results([header, "forged.example; dmarc=pass"])
    assert (found.level, who in found.sentence) == (level, True), found


def test_a_receiving_server_that_says_nothing_is_told() -> None:
    assert authentication_results.judge_results([]).level == "warning"


@pytest.mark.parametrize(
    ("received", "level"),
    [
        ("from a.example (a.example [11.0.0.25]) by mx.example.net with ESMTPS id 1", "ok"),
        ("from a.example ([11.0.0.25]) by mx.example.net (Postfix) with ESMTP id 1", "warning"),
        ("from a.example (11.0.0.25) by b.example (10.0.0.1) with SMTP", "ok"),
        ("from a (a [11.0.0.25]) by b.example with Microsoft SMTP Server (version=TLS1_2, cipher=x)", "ok"),
        ("from a (a [IPv6:2a00::25]) (using TLSv1.3 with cipher x) by b.example (Postfix) with ESMTPS", "ok"),
        ("from a (a [IPv6:2a00::25]) by b.example with SMTP", "warning"),
        ("from a (a [10.0.0.2]) by b.example with SMTP", "ok"),
        ("by 2002:a05:6a20 with SMTP id x", "ok"),
        ("from x [999.9.9.9] by y", "ok"),
    ],
)
def test_a_hop_that_was_not_encrypted_is_named(received: str, level: str) -> None:
    assert authentication_results.judge_encryption([received]).level == level


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00" * 100,
        b"Hello",
        b"From: news@example.com\nFrom: other@example.com\n\nText",
        b"From: news@localhost\n\nText",
        b"From: " + b"(" * 50_000 + b"\n\nText",
        b"From: " + b"a:" * 900 + b" news@example.com\n\nText",
        b"From: news@example.com\n\n" + b" " * 1_000,
        b"From: news@example.com\n" + b"X: y\n" * 50_000,
        b"From: news@example.com\n\n" + b"x" * MAX_BYTES,
    ],
)
def test_what_is_no_mail_is_one_error(raw: bytes) -> None:
    (found,) = check_message(raw)
    assert (found.level, found.name) == ("error", "message")


def test_a_line_that_is_no_header_is_named(examined: Examined) -> None:
    found = examined(b"From: news@news.example.com\nno header\n\nText")
    assert found["message"].level == "error"


PIECES = st.sampled_from(
    [
        b"DKIM-Signature: ",
        b"v=1; a=rsa-sha256; ",
        b"d=news.example.com; s=mail; ",
        b"h=from; bh=AAAA; b=AAAA",
        b"; l=",
        b"; t=x",
        b"\r\n",
        b"\n ",
        b"\r\n\r\n",
        b"From: news@news.example.com",
        b"Received: from [1.2.3.4] by x",
        b"\x00\xff",
        b"c=x/y;",
        b"Authentication-Results: ",
        b"=?utf-8?q?=ff?=",
        b"; i=@",
        b"List-Unsubscribe: <https:x>",
        b" ",
        b":",
    ]
)


@given(st.lists(PIECES).map(b"".join) | st.binary())
def test_any_bytes_are_examined_without_a_fault(raw: bytes) -> None:
    with suppress(NotAMessage):
        message = parse_message(b"From: news@news.example.com\r\n" + raw)
        assert one_click(message.all("List-Unsubscribe"), message.all("List-Unsubscribe-Post"))
        assert authentication_results.judge_results(message.all("Authentication-Results"))
        assert authentication_results.judge_encryption(message.all("Received"))


@pytest.fixture(scope="module")
def key_in_dns() -> object:
    with serving(make_signer().zone) as server:
        yield server


@given(st.lists(PIECES).map(b"".join))
def test_any_signature_is_verified_or_named(key_in_dns: NameServer, raw: bytes) -> None:
    with suppress(NotReadable):
        for found in verify_signatures(
            b"From: news@news.example.com\r\nDKIM-Signature: " + raw, open_names(key_in_dns)
        ):
            assert found.fault


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(Refused, match="cannot be read"):
        fetch_message("/nonexistent/message.eml")
