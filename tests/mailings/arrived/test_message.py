"""What arrives of a real mailing, byte for byte: whose it is, what its headers say, that it bears the way."""

import re
import subprocess
from collections.abc import Callable, Iterator
from email.utils import parseaddr
from functools import cache
from urllib.parse import urlsplit

import dkim
import lxml.html
import pytest
from django.utils import timezone

from issues.editorial.preflight.mail import MAX_HTML_BYTES
from issues.models import Issue
from issues.rendering.mail.layout import TOKEN_PLACEHOLDER
from issues.rendering.mail.mime import ADDRESS_PLACEHOLDER, ID_PLACEHOLDER
from mailings.models import Delivery, Mailing
from tests.data import needs_data
from tests.mailings.arrived import arrivals
from tests.mailings.arrived.arrivals import KINDS, SITE, Arrival
from tests.mailings.cast import needs_commits, run
from tests.servers.certificates import needs_openssl
from tests.servers.smtp_server import ScriptedServer

pytestmark = needs_commits
Post = tuple[Arrival, ...]
OF_ISSUES = [pytest.param(arrivals.of_seed, id="seed", marks=needs_data), pytest.param(arrivals.of_sample, id="sample")]
OF_LETTERS = pytest.param(arrivals.of_letters, id="letters")
of_issues = pytest.mark.parametrize("arrived", OF_ISSUES)
of_all = pytest.mark.parametrize("arrived", [*OF_ISSUES, OF_LETTERS])
TOKEN = re.compile(r"(?<![\w-])[\w-]{32}(?![\w-])")
# What passes a relay and is ours to vouch for: what RFC 8058 §4 asks to be signed is among it.
SIGNED = (
    b"from to subject date message-id reply-to list-id list-unsubscribe list-unsubscribe-post content-type mime-version"
)


@of_issues
def test_each_reader_of_each_kind_gets_one(arrived: Callable[[], Post]) -> None:
    recipients = [one.message["To"] for one in arrived()]
    assert recipients == sorted(set(recipients)) == [one.recipient for one in arrived()]
    assert len({one.name for one in arrived()}) == len(KINDS)


@of_issues
def test_every_personal_address_holds_that_readers_token_and_nobody_elses(arrived: Callable[[], Post]) -> None:
    for one in arrived():
        everything = "\n".join((*one.bodies.values(), *map(str, one.message.values())))
        personal = [urlsplit(link).path for link in re.findall(rf"{SITE}/[^\s\"<>)]+", everything)]
        assert {token for path in personal for token in TOKEN.findall(path)} == {one.token}
        others = {other.token for other in arrived()} - {one.token}
        assert not [token for token in others if token in everything]


@of_issues
def test_nobody_finds_a_place_that_was_left_open(arrived: Callable[[], Post]) -> None:
    for one in arrived():
        everything = "\n".join((one.data.decode("ascii"), *one.bodies.values()))
        assert not [word for word in (TOKEN_PLACEHOLDER, ADDRESS_PLACEHOLDER, ID_PLACEHOLDER) if word in everything]
        assert not [found for body in one.bodies.values() for found in re.findall(r"\{[{%#]|%\(\w+\)s|>None<", body)]


@of_issues
def test_the_headers_say_who_writes_what_list_it_is_and_how_to_leave_it(arrived: Callable[[], Post]) -> None:
    for one in arrived():
        head = one.message
        assert parseaddr(head["From"]) == ("LLM Watch", "news@news.example.org")
        assert head["Reply-To"] == "editor@news.example.org"
        assert head["List-Id"] == "LLM Watch <news.news.example.org>"
        assert f"<{SITE}/me/{one.token}/unsubscribe/>" in head["List-Unsubscribe"]
        assert head["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert re.fullmatch(r"issue-\d+:(full|highlights):\d+:llmwatch", head["Feedback-ID"])
        assert abs(head["Date"].datetime - timezone.now()).days == 0


@of_issues
def test_one_feedback_id_stands_for_each_depth_and_for_no_person(arrived: Callable[[], Post]) -> None:
    assert len({one.message["Feedback-ID"] for one in arrived()}) == 2


@of_all
def test_no_header_stands_twice(arrived: Callable[[], Post]) -> None:
    for one in arrived():
        names = [name.lower() for name, _ in one.message.items()]
        assert len(names) == len(set(names))


@of_all
def test_every_message_has_an_id_of_its_own_from_our_domain(arrived: Callable[[], Post]) -> None:
    found = [one.message["Message-ID"] for one in arrived()]
    assert len(set(found)) == len(found)
    assert all(re.fullmatch(r"<[\w.-]+@news\.example\.org>", one) for one in found)


@of_all
def test_both_bodies_arrive_the_plain_one_first(arrived: Callable[[], Post]) -> None:
    for one in arrived():
        assert one.message.get_content_type() == "multipart/alternative"
        assert [part.get_content_type() for part in one.message.iter_parts()] == ["text/plain", "text/html"]


@of_issues
def test_gmail_shows_it_whole(arrived: Callable[[], Post]) -> None:
    for one in arrived():
        assert len(one.html.encode()) <= MAX_HTML_BYTES


@of_all
def test_no_relay_has_a_reason_to_recode_it(arrived: Callable[[], Post]) -> None:
    """Pure ASCII without long lines or bare line ends passes also where 8BITMIME is unknown."""
    for one in arrived():
        assert one.data.isascii()
        assert b"\n" not in one.data.replace(b"\r\n", b"")
        assert b"\r" not in one.data.replace(b"\r\n", b"")
        assert max(map(len, one.data.split(b"\r\n"))) <= 998
        for part in one.message.iter_parts():
            assert part["Content-Transfer-Encoding"] in {"quoted-printable", "7bit"}
            quoted = part["Content-Transfer-Encoding"] == "quoted-printable"
            assert not quoted or max(map(len, str(part.get_payload()).splitlines())) <= 76


@of_issues
def test_the_plain_text_says_all_that_the_html_says(arrived: Callable[[], Post]) -> None:
    for one in arrived():
        text = _words(one.bodies["plain"])
        said = list(_said(one.html))
        assert len(said) > 15
        assert [words for words in said if words not in text] == []


@of_issues
def test_every_link_of_the_html_that_leads_elsewhere_stands_in_the_plain_text_too(arrived: Callable[[], Post]) -> None:
    for one in arrived():
        page = lxml.html.fromstring(one.html)
        found = {link for element, _, link, _ in page.iterlinks() if element.tag == "a" and link.startswith("http")}
        # The places within the issue, and the pages of its terms, are told by its own address.
        told = [link for link in sorted(found) if "/p/" not in link and "/glossary/" not in link]
        assert len(told) > 10
        assert [link for link in told if link not in one.bodies["plain"]] == []


def _said(html: str) -> Iterator[str]:
    """The words of every heading and paragraph, as far as they are written the same in both."""
    page = lxml.html.fromstring(html.replace("<br>", "\n"))
    for number in page.find_class("no"):
        number.drop_tree()
    for element in page.iter("h1", "h2", "h3", "p", "li"):
        is_formula = element.xpath(".//em | .//sub | .//sup | .//code")
        if not is_formula and not {"soft", "label"} & set(element.classes):
            yield _words(element.text_content())


def _words(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip()


@cache
def key() -> bytes:
    made = subprocess.run(["openssl", "genrsa", "-traditional", "1024"], capture_output=True, check=True)
    return made.stdout


def published() -> bytes:
    """The key as a domain publishes it."""
    public = subprocess.run(["openssl", "rsa", "-pubout"], input=key(), capture_output=True, check=True).stdout
    return b"v=DKIM1; k=rsa; p=" + b"".join(public.splitlines()[1:-1])


@needs_openssl
@of_all
def test_a_signature_holds_after_other_servers_have_added_their_lines(arrived: Callable[[], Post]) -> None:
    for one in arrived()[:3]:
        present = [name for name in SIGNED.split() if one.message[name.decode()]]
        signature = dkim.sign(one.data, b"mail", b"news.example.org", key(), include_headers=present)
        passed = arrivals.relayed(signature + one.data)
        assert passed != signature + one.data
        assert dkim.verify(passed, dnsfunc=lambda name, timeout=5: published())
        assert not dkim.verify(passed.replace(b"LLM Watch", b"LLM Witch"), dnsfunc=lambda name, timeout=5: published())


@needs_data
def test_a_message_that_is_sent_again_is_the_same_to_the_byte() -> None:
    with ScriptedServer() as server, arrivals.house(server):
        mailing = arrivals.start(arrivals.publish_seed(), 1)
        run(mailing)
        Delivery.objects.update(state="pending")
        Mailing.objects.update(state="sending")
        run(mailing)
        first, second = (sorted(one.data for one in half) for half in (server.messages[:4], server.messages[4:]))
    assert first == second
    assert Issue.objects.get().title == arrivals.TITLE
