from datetime import timedelta

import pytest
from django.core.exceptions import ImproperlyConfigured

from core.clock import Quota
from core.mail.servers import Mailbox, MailServer
from core.nameserver import NameServer
from llmwatch.environment import DEVELOPMENT_KEY, SettingsReader, celery_url


def env(value: str) -> SettingsReader:
    return SettingsReader({"NAME": value})


def test_blank_text_is_the_default() -> None:
    assert env("  ").text("NAME", "default") == "default"
    assert SettingsReader({}).text("NAME", "default") == "default"


@pytest.mark.parametrize(
    ("word", "flag"), [("1", True), ("Yes", True), (" on ", True), ("", False), ("0", False), ("False", False)]
)
def test_flags_are_read_in_the_usual_words(word: str, flag: bool) -> None:
    assert env(word).flag("NAME") is flag


def test_words_are_parted_by_commas() -> None:
    assert env("a, b,,c ").words("NAME") == ["a", "b", "c"]


def test_seconds_may_have_a_fraction() -> None:
    assert env("3.5").seconds("NAME", 1.0, least=3.0) == 3.5


@pytest.mark.parametrize("value", ["2.9", "soon", "nan", "inf", "-1", "4000"])
def test_seconds_below_the_least_or_unreadable_are_refused(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="NAME is"):
        env(value).seconds("NAME", 1.0, least=3.0)


@pytest.mark.parametrize("value", ["", "short", "a" * 60, DEVELOPMENT_KEY])
def test_weak_key_is_refused_in_production(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="NAME is missing or too weak"):
        env(value).key("NAME", debug=False)


def test_weak_key_is_accepted_on_a_development_machine() -> None:
    assert env("").key("NAME", debug=True) == DEVELOPMENT_KEY


@pytest.mark.parametrize(
    ("value", "server"),
    [
        ("", MailServer()),
        ("smtp://mail.example.org", MailServer("mail.example.org", 25)),
        ("smtp://127.0.0.1:2525", MailServer("127.0.0.1", 2525)),
        ("smtp+tls://me:p%40ss@mail.example.org", MailServer("mail.example.org", 587, "me", "p@ss", tls=True)),
        ("smtp+ssl://mail.example.org", MailServer("mail.example.org", 465, ssl=True)),
    ],
)
def test_mail_server_is_read_from_one_address(value: str, server: MailServer) -> None:
    assert env(value).mail_server("NAME") == server


@pytest.mark.parametrize("value", ["mail.example.org", "http://mail.example.org:25", "smtp://", "smtp://host:port"])
def test_mail_server_that_cannot_be_read_is_refused(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="NAME cannot be read"):
        env(value).mail_server("NAME")


@pytest.mark.parametrize(("value", "rate"), [("", 0.0), ("14", 14.0), ("0.5", 0.5)])
def test_rate_is_messages_a_second(value: str, rate: float) -> None:
    assert env(value).rate("NAME") == rate


@pytest.mark.parametrize("value", ["-1", "many", "nan", "1e9"])
def test_rate_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="write messages a second"):
        env(value).rate("NAME")


@pytest.mark.parametrize(
    ("value", "quota"),
    [("", None), ("500/hour", Quota(500, timedelta(hours=1))), ("30 / minute", Quota(30, timedelta(minutes=1)))],
)
def test_quota_is_so_many_in_a_window(value: str, quota: Quota | None) -> None:
    assert env(value).quota("NAME") == quota


@pytest.mark.parametrize("value", ["500", "0/hour", "-1/day", "many/hour", "500/week", "５/hour"])
def test_quota_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="500/hour"):
        env(value).quota("NAME")


@pytest.mark.parametrize(("value", "count"), [("", 0), ("200/day", 200), ("50 / day", 50)])
def test_daily_is_so_many_a_day(value: str, count: int) -> None:
    assert env(value).daily("NAME") == count


@pytest.mark.parametrize("value", ["200", "200/hour", "0/day", "many/day", "-1/day"])
def test_daily_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="NAME"):
        env(value).daily("NAME")


@pytest.mark.parametrize("value", ["0", "65", "4.0", "four", "４"])
def test_number_out_of_its_bounds_is_refused(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="write a whole number from 1 to 64"):
        env(value).number("NAME", 4, least=1, most=64)


def test_address_loses_its_last_slash() -> None:
    assert env("https://news.example.org/").url("NAME", "") == "https://news.example.org"


@pytest.mark.parametrize("value", ["news.example.org", "ftp://news.example.org", "https://", "javascript:alert(1)"])
def test_address_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="NAME is"):
        env(value).url("NAME", "")


def test_what_is_required_and_missing_is_said_with_its_mend() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"NAME is not set. Set it to redis://host:6379/0, or set DEBUG=1"):
        env("").required("NAME", "redis://host:6379/0")


@pytest.mark.parametrize(
    ("redis", "celery"),
    [
        ("redis://host:6379/0", "redis://host:6379/0"),
        ("rediss://host", "rediss://host"),
        ("unix:///run/v.sock?db=2", "redis+socket:///run/v.sock?virtual_host=2"),
        ("unix:///run/v.sock", "redis+socket:///run/v.sock"),
    ],
)
def test_address_of_the_broker_takes_the_form_of_celery(redis: str, celery: str) -> None:
    assert celery_url(redis) == celery


@pytest.mark.parametrize(("value", "address"), [("", ""), ("Bounces@News.example.org", "bounces@news.example.org")])
def test_an_address_for_what_comes_back_is_plain_and_in_lower_case(value: str, address: str) -> None:
    assert env(value).plus_address("NAME") == address


@pytest.mark.parametrize(
    "value", ["bounces", "a+b@example.org", "LLM Watch <b@example.org>", "b" * 26 + "@example.org"]
)
def test_an_address_that_cannot_take_a_tag_is_refused(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="NAME"):
        env(value).plus_address("NAME")


@pytest.mark.parametrize(
    ("value", "mailbox"),
    [
        ("", Mailbox()),
        ("imaps://me%40example.org:p%40ss@example.org", Mailbox("example.org", 993, "me@example.org", "p@ss")),
        ("imaps://example.org:9993/Mail/Back", Mailbox("example.org", 9993, folder="Mail/Back")),
        ("imap://127.0.0.1", Mailbox("127.0.0.1", 143, tls=False)),
    ],
)
def test_a_mailbox_is_read_from_one_address(value: str, mailbox: Mailbox) -> None:
    assert env(value).mailbox("NAME") == mailbox


@pytest.mark.parametrize(
    "value",
    [
        *("example.org", "imap://example.org", "http://127.0.0.1:80", "imaps://", "imaps://host:port"),
        *('imaps://host/"x"', "imaps://me:p%C3%A4ss@host"),
    ],
)
def test_a_mailbox_that_cannot_be_read_or_is_not_safe_is_refused(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="NAME cannot be read"):
        env(value).mailbox("NAME")


@pytest.mark.parametrize(
    ("value", "server"),
    [
        ("", NameServer()),
        ("192.0.2.53", NameServer("192.0.2.53")),
        ("127.0.0.1:5353", NameServer("127.0.0.1", 5353)),
        ("[::1]:5353", NameServer("::1", 5353)),
        ("2001:db8::53", NameServer("2001:db8::53")),
    ],
)
def test_name_server_is_an_address_with_or_without_a_port(value: str, server: NameServer) -> None:
    assert env(value).name_server("NAME") == server


@pytest.mark.parametrize("value", ["dns.example.org", "127.0.0.1:many", "127.0.0.1:99999", "192.0.2", "[::1", "1:2"])
def test_name_server_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="write an IP address"):
        env(value).name_server("NAME")
