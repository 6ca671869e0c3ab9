"""Addresses: one normal form, one hash, and nothing more of them than is needed."""

import pytest
from pytest_django import Settings

from core.mail.masking import mask_address
from subscribers.addresses import BadAddress, address_hash, normalise_address


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        (" reader@Example.ORG ", "reader@example.org"),
        ("Reader@example.org", "Reader@example.org"),
        ("reader@xn--bcher-kva.example", "reader@bücher.example"),
        ("reader@news.test", "reader@news.test"),
    ],
)
def test_an_address_has_one_normal_form(written: str, normal: str) -> None:
    assert normalise_address(written) == normal


@pytest.mark.parametrize("written", ["", "reader", "reader@", "@example.org", "a@b@example.org", "a\nb@example.org"])
def test_what_is_no_address_is_named_in_a_sentence(written: str) -> None:
    with pytest.raises(BadAddress, match="is no mail address"):
        normalise_address(written)


def test_an_address_that_fits_no_column_is_refused() -> None:
    with pytest.raises(BadAddress):
        normalise_address(f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.example")


def test_the_hash_is_the_same_for_every_case_of_the_letters() -> None:
    assert address_hash("Reader@Example.org") == address_hash("reader@example.ORG ")


def test_the_hash_depends_on_the_key_of_the_site(settings: Settings) -> None:
    before = address_hash("reader@example.org")
    settings.ADDRESS_KEY = "another key"
    assert address_hash("reader@example.org") != before


def test_a_page_shows_the_first_letter_and_the_domain() -> None:
    assert mask_address("reader@example.org") == "r…@example.org"
