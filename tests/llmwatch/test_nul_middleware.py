"""Addresses that no page can have."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    [
        "/papers/2509.03312%00/",
        "/papers/%00.bib",
        "/me/%00/",
        "/me/%00/unsubscribe/",
        "/me/login/?issue=%00",
        "/?page=%00",
        "/media/%00",
        "/static/%00",
    ],
)
def test_an_address_with_a_null_character_is_not_found(client: Client, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 404
    assert "Content-Security-Policy" in response


def test_a_filter_of_the_admin_with_a_null_character_is_not_found(admin_client: Client) -> None:
    assert admin_client.get("/admin/papers/paper/?primary_category=%00").status_code == 404
    assert admin_client.get("/admin/papers/paper/?primary_category=%2500").status_code == 200
