"""Alive, and ready: what does not answer is named."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client


def test_alive_asks_nothing(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_ready_where_database_and_broker_answer(client: Client) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_a_silent_broker_is_named(client: Client, settings: Any) -> None:
    settings.REDIS_URL = "unix:///nonexistent/valkey.sock?db=0"
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (503, b"broker does not answer\n")


@pytest.mark.django_db(transaction=True)
def test_a_silent_database_is_named(client: Client) -> None:
    there = connection.settings_dict["HOST"]
    connection.close()
    connection.settings_dict["HOST"] = "/nonexistent"
    try:
        response = client.get("/readyz")
    finally:
        connection.settings_dict["HOST"] = there
    assert (response.status_code, response.content) == (503, b"database does not answer\n")


def test_health_is_only_read(client: Client) -> None:
    assert client.post("/healthz").status_code == 405
