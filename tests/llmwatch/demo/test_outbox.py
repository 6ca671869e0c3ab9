"""The demo's caught mail on the web: shown as it came, and able to do nothing."""

import os
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

ADDRESSES = ["/outbox/", "/outbox/0001/", "/outbox/0001/text/", "/outbox/0001/headers/", "/outbox/0001/body/"]
MESSAGE = """\
From: LLM Watch <news@example.org>
To: <reader7@example.org>
Subject: =?utf-8?q?Neun_Aufs=C3=A4tze?=
List-Unsubscribe: <https://news.example.org/me/x/unsubscribe/>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary="b"

--b
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

The text: <b>caf=C3=A9</b>
--b
Content-Type: text/html; charset=utf-8

<html><head><title>t</title></head><body><a href="/p/one/">one</a><script>alert(1)</script></body></html>
--b--
"""


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.DEBUG = True
    settings.OUTBOX_FOLDER = tmp_path
    settings.SITE_URL = "http://testserver"
    return tmp_path


def put(folder: Path, name: str = "0001", text: str = MESSAGE, *, at: int = 1_000_000) -> None:
    path = folder / f"{name}.eml"
    path.write_bytes(text.replace("\n", "\r\n").encode("utf-8", "surrogateescape"))
    os.utime(path, (at, at))


def shown(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("address", ADDRESSES)
def test_there_is_no_outbox_without_debug(client: Client, folder: Path, settings: Settings, address: str) -> None:
    put(folder)
    assert client.get(address).status_code == 200
    settings.DEBUG = False
    assert client.get(address).status_code == 404


def test_messages_are_listed_with_the_newest_first(client: Client, folder: Path) -> None:
    put(folder, "0001", MESSAGE.replace("Neun", "Acht"), at=1_000)
    put(folder, "0002", at=2_000)
    html = shown(client, "/outbox/")
    assert html.index("Neun Aufsätze") < html.index("Acht Aufsätze")
    assert "reader7@example.org" in html


@pytest.mark.usefixtures("folder")
def test_an_empty_outbox_says_so(client: Client) -> None:
    assert "Nothing has been caught yet." in shown(client, "/outbox/")


def test_a_missing_folder_is_an_empty_outbox(client: Client, folder: Path, settings: Settings) -> None:
    settings.OUTBOX_FOLDER = folder / "missing"
    assert "Nothing has been caught yet." in shown(client, "/outbox/")


def test_many_messages_are_parted_into_pages(client: Client, folder: Path) -> None:
    for number in range(51):
        put(folder, f"{number:04d}")
    assert shown(client, "/outbox/").count("Neun Aufsätze") == 50
    assert shown(client, "/outbox/?page=2").count("Neun Aufsätze") == 1


def test_the_html_stands_in_a_frame_of_its_own(client: Client, folder: Path) -> None:
    put(folder)
    response = client.get("/outbox/0001/")
    html = response.content.decode()
    assert 'src="/outbox/0001/body/"' in html
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in html
    assert "alert(1)" not in html
    assert response["Content-Security-Policy"].endswith("; frame-src 'self'")


def test_the_frame_allows_no_script_no_form_and_no_other_site(client: Client, folder: Path) -> None:
    put(folder)
    policy = client.get("/outbox/0001/body/")["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none';")
    assert "script" not in policy
    assert "https:" not in policy


def test_links_in_a_mail_open_outside_the_frame(client: Client, folder: Path) -> None:
    put(folder)
    assert '<head><base target="_blank">' in shown(client, "/outbox/0001/body/")


def test_the_text_and_the_headers_are_shown_as_text(client: Client, folder: Path) -> None:
    put(folder)
    assert "The text: &lt;b&gt;café&lt;/b&gt;" in shown(client, "/outbox/0001/text/")
    headers = shown(client, "/outbox/0001/headers/")
    assert "List-Unsubscribe" in headers
    assert "&lt;https://news.example.org/me/x/unsubscribe/&gt;" in headers


def test_hostile_headers_stay_text(client: Client, folder: Path) -> None:
    put(folder, text=MESSAGE.replace("=?utf-8?q?Neun_Aufs=C3=A4tze?=", "<script>alert(2)</script>"))
    for address in ("/outbox/", "/outbox/0001/", "/outbox/0001/headers/"):
        assert "<script>alert(2)" not in shown(client, address)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no headers at all",
        "Subject: =?x-unknown?q?a?=\n\nbody",
        "Subject: =?utf-8?b?!!?=\n\nbody",
        "Content-Type: text/html; charset=x-unknown\n\n<p>é</p>",
        "Content-Type: text/html; charset=utf-8\n\n\udcff\udcfe",
        "Content-Type: multipart/alternative\n\nno boundary",
    ],
)
def test_a_broken_message_is_shown_as_far_as_it_can_be_read(client: Client, folder: Path, text: str) -> None:
    put(folder, text=text)
    for address in ADDRESSES:
        assert client.get(address).status_code == 200


@pytest.mark.parametrize("name", ["0002", "..%2F0001", ".0001", "%2e%2e", "0001%00"])
def test_what_was_not_caught_is_not_found(client: Client, folder: Path, name: str) -> None:
    put(folder)
    (folder.parent / "0001.eml").write_text(MESSAGE)
    assert client.get(f"/outbox/{name}/").status_code == 404
    assert client.get("/outbox/0001/source/").status_code == 404


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_outbox_is_only_looked_at_and_never_cached(client: Client, folder: Path, address: str) -> None:
    put(folder)
    assert client.post(address).status_code == 405
    assert "no-store" in client.get(address)["Cache-Control"]
