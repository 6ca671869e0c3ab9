"""Which links of a mail are counted: those that are the same for everybody, and that a browser can be led to."""

import pytest
from django.http import HttpResponseRedirect
from pytest_django import Settings

from issues.rendering.mail.layout import TOKEN_PLACEHOLDER
from issues.rendering.mail.links import MailAnchor
from mailings.models import Mailing, MailLink
from mailings.stats.tracked_links import LinkBook, is_counted
from tests.builders import make_issue
from tests.documents import make_document, make_text

SITE = "https://news.example.org"


@pytest.fixture(autouse=True)
def site(settings: Settings) -> None:
    settings.SITE_URL = SITE


@pytest.mark.parametrize(
    "url",
    [
        "https://arxiv.org/abs/2509.00001",
        "http://example.org",
        "https://example.org/a?b=c&d=%20e#f",
        "https://example.org/straße",
        "https://xn--strae-oqa.example/",
        f"{SITE}/",
        f"{SITE}/p/nine/#entry",
        "https://elsewhere.example/me/",
        "https://example.org/" + "x" * 1_980,
    ],
)
def test_what_leads_to_the_web_for_everybody_is_counted(url: str) -> None:
    assert is_counted(url)
    assert HttpResponseRedirect(url).status_code == 302


@pytest.mark.parametrize(
    "url",
    [
        f"{SITE}/me/{TOKEN_PLACEHOLDER}/unsubscribe/",
        f"{SITE}/polls/form/long/{TOKEN_PLACEHOLDER}/",
        f"https://elsewhere.example/?reader={TOKEN_PLACEHOLDER}",
        f"{SITE}/me/read/nine/",
        f"{SITE}/go/abcdefghijkl/",
        "mailto:editor@example.org",
        "javascript:alert(1)",
        "HTTPS://example.org/",
        "ftp://example.org/",
        "//example.org/",
        "https://[broken/",
        "https://example.org/a\r\nSet-Cookie: a=b",
        "https://example.org/\x00",
        "https://example.org/a b",
        "https://example.org/" + "x" * 1_981,
    ],
)
def test_what_is_a_reader_s_own_or_no_plain_address_stays_as_it_is(url: str) -> None:
    assert not is_counted(url)


@pytest.mark.django_db
def test_the_same_link_at_two_places_has_two_addresses_and_at_one_place_one() -> None:
    mailing = Mailing.objects.create(issue=make_issue())
    blocks = (make_text("One", heading="*First* block"), make_text("Two", heading="Second"))
    book = LinkBook(mailing, make_document(*blocks))
    first, second = (MailAnchor("https://example.org/", block.uuid, "words") for block in blocks)
    assert book.lead(first) == book.lead(first) != book.lead(second)
    book.save()
    assert list(MailLink.objects.values_list("place", "kind", "label", "position")) == [
        ("First block", "text", "words", 1),
        ("Second", "text", "words", 2),
    ]


@pytest.mark.django_db
def test_a_book_that_is_opened_again_knows_its_links() -> None:
    mailing, document = Mailing.objects.create(issue=make_issue()), make_document(make_text())
    anchor = MailAnchor("https://example.org/", "u" * 150, "x" * 500)
    book = LinkBook(mailing, document)
    address, trapped = book.lead(anchor), book.with_trap("<body></body>", f"{SITE}/p/nine/")
    book.save()
    again = LinkBook(mailing, document)
    assert (again.lead(anchor), again.with_trap("<body></body>", f"{SITE}/p/nine/")) == (address, trapped)
    again.save()
    assert MailLink.objects.count() == 2
