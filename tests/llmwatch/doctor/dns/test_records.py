"""The doctor reads SPF, DKIM and DMARC records: right ones as values, all others as one error with a name."""

import base64
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmwatch.doctor.dns import dkim_keys, dmarc, sender_records, spf, tag_list
from llmwatch.doctor.finding import error

TERMS = st.sampled_from(["a", "mx", "ptr", "include", "exists", "ip4", "ip6", "all", "redirect", "exp", "x-new"])
PIECES = st.sampled_from(
    [":", "/", "//", "=", " ", "%{i}", "%", "-", "~", "24", "129", "192.0.2.1", "::1", "a.example"]
)


@pytest.mark.parametrize(
    ("record", "signs", "count"),
    [
        ("v=spf1 -all", "-", 1),
        ("V=SPF1 a mx/24 a:mail.example.org/24//64 ~ALL", "+++~", 4),
        ("v=spf1  ip4:192.0.2.1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ?all", "+++?", 4),
        ("v=spf1 include:_spf.example.org exists:%{i}._spf.%{d2} ptr all", "++++", 4),
        ("v=spf1 redirect=_spf.example.org exp=why.example.org x-new=1", "", 0),
        ("v=spf1", "", 0),
    ],
)
def test_spf_is_read_as_the_standard_writes_it(record: str, signs: str, count: int) -> None:
    assert spf.is_spf(record)
    read = spf.parse_spf(record)
    assert ("".join(term.sign for term in read.terms), len(read.terms)) == (signs, count)


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ("v=spf1 ip4 -all", "“ip4” cannot be read"),
        ("v=spf1 include=_spf.example.org -all", "“include=_spf.example.org” does nothing; it takes a colon"),
        ("v=spf1 ip4:2001:db8::1 -all", "cannot be read"),
        ("v=spf1 ip4:192.0.2.0/33 -all", "cannot be read"),
        ("v=spf1 a/33 -all", "cannot be read"),
        ("v=spf1 include: -all", "cannot be read"),
        ("v=spf1 all:x", "cannot be read"),
        ("v=spf1 ipv4:192.0.2.1 -all", "“ipv4:192.0.2.1” is no term of SPF"),
        ("v=spf1 192.0.2.1 -all", "cannot be read"),
        ("v=spf1 +redirect=x.example", "is no term"),
        ("v=spf1 redirect=a.example redirect=b.example", "twice"),
        ("v=spf1 include:bücher.example -all", "plain ASCII"),
        ("v=spf1\x00 -all", "plain ASCII"),
    ],
)
def test_broken_spf_is_named(record: str, why: str) -> None:
    with pytest.raises(spf.BadSpf, match=why):
        spf.parse_spf(record)


@pytest.mark.parametrize("text", ["v=spf10 -all", "v=spf", "spf1", "", " v=spf1 -all"])
def test_other_text_is_no_spf(text: str) -> None:
    assert not spf.is_spf(text)


@pytest.mark.parametrize(
    ("sign", "lookups", "level"),
    [("-", 10, "ok"), ("~", 11, "error"), ("~", 0, "ok"), ("?", 1, "warning"), ("+", 0, "error")],
)
def test_spf_has_to_end_well_and_to_ask_for_little(sign: str, lookups: int, level: str) -> None:
    assert sender_records.judge_spf_ending("example.org", sign, lookups).level == level


@given(st.text() | st.lists(TERMS | PIECES).map("".join))
def test_whatever_stands_in_spf_is_read_or_named(text: str) -> None:
    with suppress(spf.BadSpf):
        read = spf.parse_spf(f"v=spf1 {text}")
        assert all(term.name in spf.MECHANISM_READERS for term in read.terms)


def key(bits: int, **other: str) -> str:
    """A record with the frame of a key of so many bits."""
    return "; ".join([*(f"{name}={value}" for name, value in other.items()), f"p={public_key(bits)}"])


def public_key(bits: int) -> str:
    modulus = ((1 << bits) - 1).to_bytes(bits // 8)
    pair = _der(0x02, b"\0" + modulus) + _der(0x02, (65_537).to_bytes(3))
    algorithm = _der(0x30, bytes.fromhex("06092a864886f70d0101010500"))
    return base64.b64encode(_der(0x30, algorithm + _der(0x03, b"\0" + _der(0x30, pair)))).decode()


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x82]) + size.to_bytes(2)
    return bytes([tag]) + length + content


@pytest.mark.parametrize(
    ("record", "level"),
    [
        (key(2048, v="DKIM1", k="rsa"), "ok"),
        (key(4096), "ok"),
        (key(1024, v="DKIM1"), "warning"),
        (key(768), "error"),
        (key(2048, v="DKIM1", t="y:s"), "warning"),
        (key(2048, h="sha1:sha256", s="email", n="a note"), "ok"),
        ("v=DKIM1; k=rsa; p=", "error"),
        (f"k=ed25519; p={base64.b64encode(bytes(32)).decode()}", "warning"),
    ],
)
def test_a_key_is_judged_by_its_length(record: str, level: str) -> None:
    assert sender_records.judge_dkim_key("mail._domainkey.example.org", dkim_keys.parse_dkim_key(record)).level == level


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ("v=DKIM2; p=", "not DKIM1"),
        ("k=dsa; p=", "not known"),
        ("v=DKIM1; k=rsa", "no p="),
        ("p=***", "no base64"),
        ("p=AAAA", "no key of RSA"),
        ("k=ed25519; p=AAAA", "no key of Ed25519"),
        ("p=; p=", "twice"),
        ("v=DKIM1; p", "no tag"),
        (key(2048, s="tlsrpt"), "not for mail"),
        (key(2048, h="sha1"), "does not allow sha256"),
    ],
)
def test_a_broken_key_is_named(record: str, why: str) -> None:
    with pytest.raises(dkim_keys.BadKey, match=why):
        dkim_keys.parse_dkim_key(record)


@given(st.text() | st.binary().map(lambda data: f"p={base64.b64encode(data).decode()}"))
def test_whatever_stands_at_a_selector_is_a_key_or_named(text: str) -> None:
    with suppress(dkim_keys.BadKey):
        assert dkim_keys.parse_dkim_key(text).bits >= 0


def test_dmarc_is_read_as_the_standard_writes_it() -> None:
    text = "v=DMARC1; p=Reject;sp=quarantine; rua=mailto:a@example.org!10m, mailto:b@example.net; aspf=s; pct=50;"
    assert dmarc.is_dmarc(text)
    policy = dmarc.parse_dmarc(text, "example.org")
    assert (policy.for_("example.org"), policy.for_("news.example.org")) == ("reject", "quarantine")
    assert policy.reports == ("a@example.org", "b@example.net")
    assert (policy.strict_spf, policy.strict_dkim) == (True, False)


def test_dmarc_without_a_policy_counts_where_it_asks_for_reports() -> None:
    assert dmarc.parse_dmarc("v=DMARC1; rua=mailto:a@example.org", "example.org").policy == "none"


@pytest.mark.parametrize("text", ["v=DMARC1", "v=DMARC1; p=maybe", "v=DMARC1; p=none; p=none", "v=DMARC1; none"])
def test_broken_dmarc_is_named(text: str) -> None:
    with pytest.raises(dmarc.BadDmarc):
        dmarc.parse_dmarc(text, "example.org")


@pytest.mark.parametrize("text", ["", "v=DMARC12; p=none", "p=none; v=DMARC1", "v=dmarc1; p=none"])
def test_other_text_is_no_dmarc(text: str) -> None:
    assert not dmarc.is_dmarc(text)


@given(
    st.text()
    | st.lists(st.sampled_from(["v=DMARC1", ";", " ", "p=", "none", "rua=mailto:", "a@b", "!", ","])).map("".join)
)
def test_whatever_stands_in_dmarc_is_read_or_named(text: str) -> None:
    with suppress(dmarc.BadDmarc):
        policy = dmarc.parse_dmarc(text, "example.org")
        assert policy.policy in dmarc.DMARC_POLICIES
        assert all("@" in address for address in policy.reports)


@pytest.mark.parametrize(
    ("one", "other", "strict", "aligned"),
    [
        ("example.org", "example.org", True, True),
        ("news.example.org", "example.org", False, True),
        ("news.example.org", "example.org", True, False),
        ("bounces.example.org", "news.example.org", False, True),
        ("notexample.org", "example.org", False, False),
        ("example.net", "example.org", False, False),
    ],
)
def test_domains_of_one_organisation_are_aligned(one: str, other: str, strict: bool, aligned: bool) -> None:
    assert dmarc.is_aligned(one, other, "example.org", strict=strict) is aligned


@given(st.text())
def test_tags_are_read_or_named(text: str) -> None:
    with suppress(tag_list.BadTags):
        assert all(name == name.lower() for name in tag_list.parse_tag_list(text))


@given(st.text(), st.text())
def test_what_others_wrote_breaks_no_line(sentence: str, mend: str) -> None:
    line = error("mail.spf", f"It is {sentence}.", f"Mend {mend}.").line()
    assert (line.count("\t"), line.replace("\t", "").isprintable()) == (3, True)
