"""The doctor asks DNS of the sender's domain; against a real name server on loopback."""

from collections.abc import Callable, Collection, Mapping
from email.utils import parseaddr

import pytest
from pytest_django.fixtures import Settings

from core.clock import REAL_CLOCK
from core.mail.servers import MailServer
from core.nameserver import NameServer
from llmwatch.doctor import Finding
from llmwatch.doctor.dns import checks, mx_and_ptr, sender_records
from llmwatch.doctor.dns.resolver import NoAnswer, open_names
from llmwatch.doctor.dns.sender_records import MailSender
from llmwatch.doctor.dns.spf import BadSpf, SpfEvaluation, UnknowableSpf
from tests.llmwatch.doctor.dns.test_records import key
from tests.servers.dns_server import Zone, in_pieces, serving

RELAY = "11.0.0.25"  # nobody is asked there
RIGHT: Mapping[str, tuple[str, ...]] = {
    "news.example.com": ("MX 10 mail.example.com.", f'TXT "v=spf1 ip4:{RELAY} -all"', 'TXT "other=1"'),
    "mail._domainkey.news.example.com": (in_pieces(key(2048, v="DKIM1")),),
    "_dmarc.example.com": ('TXT "v=DMARC1; p=none; rua=mailto:dmarc@example.com"',),
    "mail.example.com": (f"A {RELAY}",),
    "example.com": ("MX 10 mail.example.com.",),
    "25.0.0.11.in-addr.arpa": ("PTR mail.example.com.",),
}
Examined = Callable[..., dict[str, Finding]]


@pytest.fixture
def examined(settings: Settings, db: None) -> Examined:
    """What the doctor finds in the zone, with these changes to it."""
    settings.DEFAULT_FROM_EMAIL = "LLM Watch <news@news.example.com>"
    settings.BOUNCE_ADDRESS = "bounces@news.example.com"
    settings.REPLY_TO = "editor@example.com"
    settings.DKIM_SELECTOR = ["mail"]
    settings.MAIL_SERVER = MailServer("mail.example.com")

    def examine(changes: Zone | None = None, *, failing: Collection[str] = ()) -> dict[str, Finding]:
        with serving({**RIGHT, **(changes or {})}, failing=failing) as settings.DNS_SERVER:
            return {found.name: found for found in checks.check_dns(REAL_CLOCK)}

    return examine


def test_a_domain_that_is_set_up_well_is_well(examined: Examined) -> None:
    found = examined()
    assert {finding.level for finding in found.values()} == {"ok"}
    wanted = ["dns", "mail.spf", "mail.spf.relay", "mail.dkim", "mail.dmarc", "mail.dmarc.path", "mail.ptr"]
    assert [*wanted, "mail.mx.from", "mail.mx.reply_to", "mail.mx.bounces"] == list(found)


@pytest.mark.parametrize(
    ("changes", "name", "level", "record"),
    [
        ({"news.example.com": ["MX 10 mail.example.com."]}, "mail.spf", "error", f'"v=spf1 ip4:{RELAY} -all"'),
        ({"news.example.com": ['TXT "v=spf1 -all"', 'TXT "v=spf1 a -all"']}, "mail.spf", "error", ""),
        ({"news.example.com": ['TXT "v=spf1 include:no.example.com -all"']}, "mail.spf", "error", ""),
        ({"news.example.com": ['TXT "v=spf1 a:mail.example.com -all"']}, "mail.spf.relay", "ok", ""),
        ({"news.example.com": ['TXT "v=spf1 mx/24 ~all"', "MX 1 mail.example.com."]}, "mail.spf.relay", "ok", ""),
        ({"news.example.com": ['TXT "v=spf1 exists:%{i}.example.com -all"']}, "mail.spf.relay", "ok", ""),
        ({"news.example.com": ['TXT "v=spf1 ~all"']}, "mail.spf.relay", "warning", f"add ip4:{RELAY} to"),
        (
            {"news.example.com": ['TXT "v=spf1 redirect=_spf.example.com"'], "_spf.example.com": ['TXT "v=spf1 ?all"']},
            "mail.spf",
            "warning",
            "Let the record news.example.com. TXT end in ~all",
        ),
        ({"mail._domainkey.news.example.com": []}, "mail.dkim", "error", 'mail._domainkey.news.example.com. TXT "v='),
        ({"mail._domainkey.news.example.com": ['TXT "p="']}, "mail.dkim", "error", "another selector"),
        ({"mail._domainkey.news.example.com": ['TXT "p="', 'TXT "p= "']}, "mail.dkim", "error", ""),
        ({"_dmarc.example.com": []}, "mail.dmarc", "warning", '_dmarc.news.example.com. TXT "v=DMARC1; p=none; rua='),
        ({"_dmarc.example.com": ['TXT "v=DMARC1; p=no"']}, "mail.dmarc", "warning", ""),
        ({"_dmarc.example.com": ['TXT "v=DMARC1; p=none"']}, "mail.dmarc.reports", "warning", "rua=mailto:"),
        (
            {"_dmarc.example.com": ['TXT "v=DMARC1; p=none; rua=mailto:a@example.net"']},
            "mail.dmarc.reports",
            "warning",
            'example.com._report._dmarc.example.net. TXT "v=DMARC1"',
        ),
        ({"25.0.0.11.in-addr.arpa": []}, "mail.ptr", "warning", "25.0.0.11.in-addr.arpa. PTR"),
        ({"mail.example.com": ["A 11.0.0.26"]}, "mail.ptr", "warning", ""),
        ({"news.example.com": ["MX 0 ."]}, "mail.mx.from", "error", "MX 0 ."),
        ({"example.com": []}, "mail.mx.reply_to", "error", "Create example.com. MX"),
        ({"example.com": ["A 11.0.0.80"]}, "mail.mx.reply_to", "warning", ""),
        ({"news.example.com": ["A 11.0.0.80"]}, "mail.mx.from", "ok", ""),
        ({"example.com": ["MX 5 gone.example.com."]}, "mail.mx.reply_to", "error", ""),
    ],
)
def test_what_is_wrong_is_named_with_the_record_to_create(
    examined: Examined, changes: Zone, name: str, level: str, record: str
) -> None:
    found = examined({**changes, "26.0.0.11.in-addr.arpa": ["PTR other.example.com."]})
    assert found[name].level == level, found
    assert record in found[name].mend


@pytest.mark.parametrize(("many", "bulk"), [(0, False), (4_999, False), (5_000, True)])
def test_providers_have_rules_for_who_sends_to_many(many: int, bulk: bool) -> None:
    assert checks.is_bulk(many) is bulk


def test_who_sends_to_many_must_have_dmarc() -> None:
    with serving({}) as server:
        (found,) = sender_records.dmarc_of(MailSender("example.com", "example.com", is_bulk=True), open_names(server))
    assert found.level == "error"


def test_the_return_path_of_another_organisation_counts_for_nothing(examined: Examined, settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = "bounces@example.net"
    path = examined()["mail.dmarc.path"]
    assert (path.level, path.mend) == ("warning", "Set BOUNCE_ADDRESS to an address of news.example.com.")


def test_selectors_cannot_be_listed_and_no_bounces_have_no_way(examined: Examined, settings: Settings) -> None:
    settings.DKIM_SELECTOR, settings.BOUNCE_ADDRESS = [], ""
    found = examined()
    assert "DKIM_SELECTOR" in found["mail.dkim"].mend
    assert "mail.mx.bounces" not in found


@pytest.mark.parametrize("host", ["127.0.0.1", "10.0.0.25", "mail", "smtp.provider.example.net"])
def test_the_address_from_which_a_provider_sends_is_not_guessed(
    examined: Examined, settings: Settings, host: str
) -> None:
    settings.MAIL_SERVER = MailServer(host)
    found = examined({host: ["A 11.0.0.99"]})
    assert (found["mail.spf.relay"].level, found["mail.ptr"].level) == ("ok", "ok")
    assert "cannot be seen from here" in found["mail.ptr"].sentence


@pytest.mark.parametrize(
    ("host", "sender", "kin"),
    [
        ("mail.example.com", "news.example.com", True),
        ("example.com", "example.com", True),
        ("mail.example.net", "example.com", False),
        ("mail.one.co.uk", "news.other.co.uk", False),
        ("mail.one.co.uk", "one.co.uk", True),
        ("com", "example.com", False),
    ],
)
def test_hosts_of_one_owner_are_told_by_their_names(host: str, sender: str, kin: bool) -> None:
    assert checks.are_kin(host, sender) is kin


def test_a_name_server_that_fails_for_one_name_is_no_fault_of_ours(examined: Examined) -> None:
    found = examined(failing=["_dmarc.news.example.com"])
    assert (found["mail.dmarc"].level, found["mail.spf"].level) == ("warning", "ok")


@pytest.mark.parametrize("failing", [["news.example.com"], ["mail.example.com", "news.example.com"]])
def test_where_nobody_answers_that_is_said_once(examined: Examined, failing: list[str]) -> None:
    found = examined(failing=failing)
    assert [(name, finding.level) for name, finding in found.items()] == [("dns", "warning")]


def test_a_name_server_that_is_silent_is_not_waited_for_long() -> None:
    names = open_names(NameServer("127.0.0.1", 1, patience=0.05))
    with pytest.raises(NoAnswer, match="no name server answered"):
        names.texts("example.com")


@pytest.mark.parametrize(
    "address", ["news@127.0.0.1", "news@localhost", "news@mail.test", "news", "news@box.home.arpa"]
)
def test_a_domain_that_nobody_can_ask_for_is_not_asked_for(settings: Settings, address: str) -> None:
    settings.MAIL_SERVER, settings.DEFAULT_FROM_EMAIL = MailServer("127.0.0.1"), address
    (found,) = checks.check_dns(REAL_CLOCK)
    assert (found.level, "DEFAULT_FROM_EMAIL" in found.mend) == ("warning", True)
    assert parseaddr(address)[1].rpartition("@")[2] in found.sentence


def test_without_a_mail_server_nobody_is_asked(settings: Settings) -> None:
    settings.MAIL_SERVER = MailServer()
    assert list(checks.check_dns(REAL_CLOCK)) == []


def test_look_ups_are_counted_through_all_that_is_included() -> None:
    zone = {
        "example.com": ['TXT "v=spf1 a include:a.example.com mx redirect=b.example.com"'],
        "a.example.com": ['TXT "v=spf1 include:c.example.com ptr -all a:never.example.com"'],
        "b.example.com": ['TXT "v=spf1 exists:x.example.com ~all"'],
        "c.example.com": ['TXT "v=spf1 ip4:192.0.2.0/24 ?all"'],
    }
    with serving(zone) as server:
        walk = SpfEvaluation(open_names(server))
        assert (walk.result("example.com"), walk.lookups) == ("~", 7)


def test_a_record_that_includes_itself_has_an_end() -> None:
    zone = {"example.com": ['TXT "v=spf1 include:example.com -all"']}
    with serving(zone) as server, pytest.raises(BadSpf, match="more than 10"):
        SpfEvaluation(open_names(server)).result("example.com")


def test_what_only_the_receiver_knows_is_not_guessed() -> None:
    zone = {"example.com": ['TXT "v=spf1 include:%{i}.example.com -all"']}
    with serving(zone) as server, pytest.raises(UnknowableSpf, match="macro"):
        SpfEvaluation(open_names(server)).result("example.com")


def test_a_long_record_comes_over_tcp_and_one_without_end_is_left_out() -> None:
    zone = {"a.example.com": [in_pieces("x" * 3_000)], "b.example.com": [in_pieces("x" * 5_000)]}
    with serving(zone) as server:
        names = open_names(server)
        assert [len(names.texts(name)) for name in ("a.example.com", "b.example.com")] == [1, 0]


@pytest.mark.parametrize(
    "name", ["a" * 64 + ".example.com", "a..example.com", "", ".", "x" * 300, "\udce4.example.com"]
)
def test_a_name_that_cannot_be_has_no_records(name: str) -> None:
    with serving({}) as server:
        assert open_names(server).texts(name) == ()


def test_a_failing_name_server_is_told_from_a_missing_record() -> None:
    with serving({}, failing=["example.com"]) as server, pytest.raises(NoAnswer, match=r"fail .* for example\.com"):
        open_names(server).texts("example.com")


def test_an_address_of_version_6_has_its_name() -> None:
    name = ".".join(reversed("20010db8000000000000000000000025")) + ".ip6.arpa"
    zone = {name: ["PTR mail.example.com."], "mail.example.com": ["AAAA 2001:db8::25"]}
    with serving(zone) as server:
        (found,) = mx_and_ptr.names_of(("2001:db8::25",), open_names(server))
    assert found.level == "ok"
