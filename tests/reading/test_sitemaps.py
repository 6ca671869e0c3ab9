"""The sitemap: one file, or an index of several where there are more addresses than one may hold."""

from collections.abc import Iterator

import pytest
from django.test import Client
from lxml import etree

from reading import sitemaps
from tests.pages import make_published

pytestmark = pytest.mark.django_db


@pytest.fixture
def all_addresses() -> list[str]:
    """Of a site with a few issues."""
    for number in range(3):
        make_published(slug=f"issue-{number}")
    return [address.url for address in sitemaps.list_addresses()]


def locations(client: Client, address: str, kind: str) -> Iterator[str]:
    root = etree.fromstring(client.get(address).content)
    return (str(found.text) for found in root.iterfind(f"{{*}}{kind}/{{*}}loc"))


def test_one_file_is_enough_for_few(client: Client, all_addresses: list[str]) -> None:
    assert list(locations(client, "/sitemap.xml", "url")) == all_addresses
    assert not list(locations(client, "/sitemap.xml", "sitemap"))


def test_many_stand_in_files_that_an_index_names(
    client: Client, all_addresses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemaps, "MAX_ADDRESSES", 3)
    files = list(locations(client, "/sitemap.xml", "sitemap"))
    assert files[:2] == ["http://testserver/sitemap-1.xml", "http://testserver/sitemap-2.xml"]
    listed = [list(locations(client, file.removeprefix("http://testserver"), "url")) for file in files]
    assert max(map(len, listed)) == 3
    assert [one for file in listed for one in file] == all_addresses


@pytest.mark.parametrize("number", [0, 2, 99_999_999_999])
def test_a_file_that_the_index_does_not_name_is_not_there(
    client: Client, all_addresses: list[str], number: int
) -> None:
    assert client.get(f"/sitemap-{number}.xml").status_code == 404
