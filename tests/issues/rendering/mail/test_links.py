"""The links of a mail, each with the block it stands in, led elsewhere or left as they are."""

import re
from collections.abc import Callable

import pytest

from issues.rendering.mail.layout import Letterhead
from issues.rendering.mail.links import MailAnchor, remove_markers, replace_links
from issues.rendering.mail.render import to_mail
from tests.documents import EVERYTHING, make_document, make_highlight, make_reference, make_text

HEAD = Letterhead("LLM Watch", "https://news.example.org", "1 Example Street")


def read(html: str) -> list[MailAnchor]:
    seen: list[MailAnchor] = []
    replace_links(html, lambda anchor: seen.append(anchor) or anchor.url)  # type: ignore[func-returns-value]
    return seen


def hrefs(html: str) -> list[str]:
    return re.findall(r'<a\b[^>]*href="([^"]*)"', html)


def test_a_link_gets_the_address_that_it_is_given() -> None:
    assert replace_links('<a class="x" href="https://a.example/">A</a>', lambda _: "https://b.example/?1&2") == (
        '<a class="x" href="https://b.example/?1&amp;2">A</a>'
    )


def test_a_link_is_read_with_its_block_and_its_plain_words() -> None:
    link = '<a href="https://a.example/?x=1&amp;y=2">Some <em>A &amp; B</em>\nwords</a>'
    html = f"<!--block one--><p>{link}</p><!--block -->"
    assert read(html) == [MailAnchor("https://a.example/?x=1&y=2", "one", "Some A & B words")]
    assert read(f'{html}<a href="http://c.example/">C</a>')[1].block == ""


def test_a_picture_in_a_link_is_read_by_its_alternative_text() -> None:
    (anchor,) = read('<a href="https://a.example/"><img src="https://a.example/p.png" alt="A plot" width="4"></a>')
    assert anchor.words == "A plot"


@pytest.mark.parametrize("address", ["mailto:editor@example.org", "#entry", "/p/three/", "javascript:alert(1)"])
def test_only_addresses_of_the_web_are_read(address: str) -> None:
    assert read(f'<a href="{address}">A</a>') == []


def test_nothing_of_the_marks_is_left() -> None:
    html = "<!--block a-->\n<p>One</p><!--block -->"
    assert remove_markers(html) == replace_links(html, lambda anchor: anchor.url) == "<p>One</p>"


@pytest.mark.parametrize("lead", [None, lambda anchor: anchor.url])
def test_a_mail_has_no_mark_of_its_blocks(lead: Callable[[MailAnchor], str] | None) -> None:
    parts = to_mail(make_document(*EVERYTHING, make_text(heading="--><b>")), HEAD, lead=lead)
    assert "<!--block" not in parts.html


def test_leading_each_link_where_it_leads_changes_no_address() -> None:
    document = make_document(*EVERYTHING)
    led_on, plain = to_mail(document, HEAD, lead=lambda anchor: anchor.url), to_mail(document, HEAD)
    assert hrefs(led_on.html) == hrefs(plain.html)
    assert (led_on.text, led_on.tokens) == (plain.text, plain.tokens)


def test_a_mail_whose_links_lead_elsewhere_says_that_they_are_counted() -> None:
    said = "counted in total, and never by whom"
    document = make_document(*EVERYTHING)
    assert said in to_mail(document, HEAD, lead=lambda anchor: anchor.url).html
    assert said not in to_mail(document, HEAD).html


def test_the_links_of_a_mail_are_told_apart_by_their_blocks() -> None:
    blocks = (
        make_highlight("See [more](https://more.example/).", make_reference("2509.00001"), uuid="one"),
        make_highlight("See [more](https://more.example/).", make_reference("2509.00002"), uuid="two"),
    )
    found: list[MailAnchor] = []
    to_mail(make_document(*blocks), HEAD, lead=lambda anchor: found.append(anchor) or anchor.url)  # type: ignore[func-returns-value]
    more = [(anchor.block, anchor.words) for anchor in found if anchor.url == "https://more.example/"]
    assert more == [("one", "more"), ("two", "more")]
    assert {anchor.block for anchor in found if anchor.url == "https://news.example.org/"} == {""}


def test_the_text_part_keeps_its_addresses() -> None:
    document = make_document(make_text("[More](https://more.example/)."))
    parts = to_mail(document, HEAD, lead=lambda _: "https://news.example.org/go/x/")
    assert "https://more.example/" in parts.text
    assert "https://more.example/" not in hrefs(parts.html)
