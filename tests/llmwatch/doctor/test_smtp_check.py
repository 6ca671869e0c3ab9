"""The doctor at the mail server: how far one comes without sending; against a real server on loopback."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from core.clock import REAL_CLOCK, Clock
from core.mail.servers import MailServer
from core.mail.smtp import SmtpAnswer, Stage
from llmwatch.doctor import Finding, smtp_check
from tests.servers.certificates import Identity, make_identity, needs_openssl
from tests.servers.smtp_server import DROP, ScriptedServer, agreeable

PLAIN = "250-mail.example.org\r\n250 AUTH PLAIN"
OFFERS_TLS = "250-mail.example.org\r\n250-STARTTLS\r\n250 AUTH PLAIN"
Examined = Callable[..., dict[str, Finding]]


@pytest.fixture
def examined(settings: Settings) -> Examined:
    """What the doctor finds at this server, with these fields of EMAIL_URL."""
    settings.DEFAULT_FROM_EMAIL, settings.BOUNCE_ADDRESS = "LLM Watch <news@example.org>", ""

    def examine(server: ScriptedServer, clock: Clock = REAL_CLOCK, **fields: Any) -> dict[str, Finding]:
        settings.MAIL_SERVER = MailServer("127.0.0.1", server.port, **fields)
        return {found.name: found for found in smtp_check.check_connection(clock)}

    return examine


@pytest.fixture(scope="module")
def identity(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return make_identity(tmp_path_factory.mktemp("identity"))


def at(word: str, answer: str) -> ScriptedServer:
    return ScriptedServer(lambda heard, recipient: answer if heard == word else None)


def levels(found: dict[str, Finding]) -> dict[str, str]:
    return {name: str(finding.level) for name, finding in found.items()}


def test_a_mail_server_that_takes_our_mail_is_well_and_gets_none(examined: Examined) -> None:
    with ScriptedServer(agreeable) as server:
        found = examined(server, user="news", password="right")
    names = ["mail.server", "mail.size", "mail.tls", "mail.login", "mail.sender"]
    assert levels(found) == dict.fromkeys(names, "ok")
    assert "answers as loopback and takes commands at once" in found["mail.server"].sentence
    assert server.words == ["EHLO", "AUTH", "MAIL", "RSET", "QUIT"]
    assert server.messages == []


def test_none_at_all_is_a_warning_and_one_that_is_not_there_an_error(settings: Settings) -> None:
    settings.MAIL_SERVER = MailServer()
    assert [found.level for found in smtp_check.check_connection(REAL_CLOCK)] == ["warning"]
    settings.MAIL_SERVER = MailServer("127.0.0.1", 1)
    assert [found.level for found in smtp_check.check_connection(REAL_CLOCK)] == ["error"]


@pytest.mark.parametrize(
    ("word", "answer", "name", "level"),
    [
        ("CONNECT", "554 go away", "mail.server", "error"),
        ("CONNECT", "421 later", "mail.server", "warning"),
        ("CONNECT", DROP, "mail.server", "error"),
        ("AUTH", "535 5.7.8 wrong password", "mail.login", "error"),
        ("AUTH", "454 4.7.0 later", "mail.login", "warning"),
        ("MAIL", "550 5.7.1 not your domain", "mail.sender", "error"),
        ("MAIL", "451 4.3.0 later", "mail.sender", "warning"),
        ("MAIL", DROP, "mail.server", "error"),
        ("EHLO", "250-mail.example.org\r\n250-SIZE 51200\r\n250 AUTH PLAIN", "mail.size", "warning"),
    ],
)
def test_what_a_mail_server_refuses_is_named_for_how_far_it_came(
    examined: Examined, word: str, answer: str, name: str, level: str
) -> None:
    with at(word, answer) as server:
        found = examined(server, user="news", password="right")
    assert {name: each for name, each in levels(found).items() if each != "ok"} == {name: level}


def test_the_return_path_is_what_is_asked_about(examined: Examined, settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = "bounces@news.example.org"
    with ScriptedServer(agreeable) as server:
        assert "from bounces+0-" in examined(server)["mail.sender"].sentence


@pytest.mark.parametrize(
    "address", ["", "news", "<>", "a b@example.org", "news@example.org>\r\nRCPT TO:<x@example.org"]
)
def test_a_sender_that_is_no_address_is_not_said_to_the_server(
    examined: Examined, settings: Settings, address: str
) -> None:
    settings.DEFAULT_FROM_EMAIL = address
    with ScriptedServer(agreeable) as server:
        found = examined(server)
    assert found["mail.sender"].level == ("ok" if "MAIL" in server.words else "error")
    assert "RCPT" not in server.words


@pytest.mark.parametrize(
    ("offered", "level", "said"),
    [
        ("", "ok", "no largest"),
        ("0", "ok", "no largest"),
        ("10240000", "ok", "10 MB"),
        ("1000000", "ok", "1 MB"),
        ("999999", "warning", "999,999 bytes"),
        ("many", "ok", "no largest"),
        ("9" * 5_000, "ok", "no largest"),
    ],
)
def test_the_largest_message_is_as_the_server_says(offered: str, level: str, said: str) -> None:
    found = smtp_check.judge_size(offered)
    assert (found.level, said in found.sentence) == (level, True)


@pytest.mark.parametrize(
    ("peer", "level"),
    [("127.0.0.1", "ok"), ("::1", "ok"), ("10.1.2.3", "warning"), ("fd00::25", "warning"), ("11.0.0.25", "error")],
)
def test_without_encryption_it_matters_how_far_the_mail_goes(peer: str, level: str) -> None:
    assert smtp_check.warn_unencrypted("mail.example.org", peer).level == level


@pytest.mark.parametrize(("days", "level"), [(90, "ok"), (14, "ok"), (13, "warning"), (0, "warning")])
def test_a_certificate_that_ends_soon_is_told_before(days: int, level: str) -> None:
    assert smtp_check.judge_certificate("mail.example.org", "TLSv1.3", timedelta(days=days)).level == level


@needs_openssl
@pytest.mark.parametrize("way", ["tls", "ssl"])
def test_a_certificate_that_is_trusted_is_told_with_its_days(
    examined: Examined, identity: Identity, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    identity.trust(monkeypatch)
    with encrypted(identity, way) as server:
        found = examined(server, user="news", password="right", **{way: True})
    assert found["mail.tls"].sentence == "TLSv1.3 with 127.0.0.1; its certificate is valid for 89 more days."
    assert set(levels(found).values()) == {"ok"}


@needs_openssl
@pytest.mark.parametrize("way", ["tls", "ssl"])
def test_a_certificate_that_nobody_vouches_for_is_an_error(examined: Examined, identity: Identity, way: str) -> None:
    with encrypted(identity, way) as server:
        found = examined(server, **{way: True})
    assert levels(found) == {"mail.tls": "error"}
    assert "certificate is not valid" in found["mail.tls"].sentence


def encrypted(identity: Identity, way: str) -> ScriptedServer:
    if way == "ssl":
        return ScriptedServer(tls=identity.context)
    says = {"EHLO": OFFERS_TLS, "STARTTLS": "220 go on"}
    return ScriptedServer(lambda heard, recipient: says.get(heard), starttls=identity.context)


def test_a_server_without_the_tls_that_is_asked_for_is_an_error(examined: Examined) -> None:
    with at("EHLO", PLAIN) as server:
        assert levels(examined(server, tls=True)) == {"mail.tls": "error"}


def test_what_the_server_says_cannot_break_a_line() -> None:
    answer = SmtpAnswer(Stage.CONNECT, 554, "go\taway\x1b[2J\r\nok\tmail.server\tAll is well.")
    line = smtp_check.judge_refusal(MailServer("mail.example.org"), answer).line()
    assert (line.count("\t"), "\x1b" in line, "\n" in line) == (3, False, False)
