"""The site's nginx.conf in a real nginx: what it keeps, what it never keeps, what it tells the app."""

import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.servers.nginx import (
    SECRET,
    App,
    command,
    listening,
    needs_nginx,
    own,
    private_folder,
    serving,
    write_configuration,
)

pytestmark = needs_nginx
PUBLIC = "public, max-age=0, s-maxage=60"


@pytest.fixture(scope="module")
def behind() -> Iterator[tuple[App, httpx.Client, Path]]:
    app = App()
    with listening(app) as address, serving(address) as (client, media):
        yield app, client, media


@pytest.fixture
def app(behind: tuple[App, httpx.Client, Path]) -> App:
    fresh = App(headers={"Cache-Control": PUBLIC})
    behind[0].__dict__.update(fresh.__dict__)
    return behind[0]


@pytest.fixture
def nginx(behind: tuple[App, httpx.Client, Path], app: App) -> httpx.Client:
    return behind[1]


def status(answer: httpx.Response) -> str:
    return str(answer.headers["X-Cache-Status"])


def test_second_reader_gets_the_kept_page(nginx: httpx.Client) -> None:
    first, second = nginx.get("/kept/"), nginx.get("/kept/")
    assert (status(first), status(second)) == ("MISS", "HIT")
    assert second.text == first.text == "answer 1"


def test_pages_are_kept_apart_by_host_scheme_and_query(nginx: httpx.Client) -> None:
    asked = [
        nginx.get("/apart/"),
        nginx.get("/apart/?page=2"),
        nginx.get("/apart/", headers={"Host": "news.example.org"}),
        nginx.get("/apart/", headers={"X-Forwarded-Proto": "https"}),
    ]
    assert [answer.text for answer in asked] == ["answer 1", "answer 2", "answer 3", "answer 4"]


def test_kept_page_is_the_same_for_all_encodings(app: App, nginx: httpx.Client) -> None:
    app.body = lambda number: f"answer {number} " * 200
    app.headers["Vary"] = "Accept-Encoding"
    plain = nginx.get("/encoded/", headers={"Accept-Encoding": "identity"})
    zipped = nginx.get("/encoded/", headers={"Accept-Encoding": "gzip"})
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert (status(zipped), zipped.text) == ("HIT", plain.text)


def test_secret_header_fetches_the_page_anew(nginx: httpx.Client) -> None:
    nginx.get("/refreshed/")
    assert status(nginx.get("/refreshed/", headers={"X-Refresh": "a guess"})) == "HIT"
    anew = nginx.get("/refreshed/", headers={"X-Refresh": SECRET})
    assert (status(anew), anew.text) == ("BYPASS", "answer 2")
    assert nginx.get("/refreshed/").text == "answer 2"


@pytest.mark.parametrize("headers", [{"Cookie": "sessionid=x"}, {"Cookie": "theme=dark"}, {"Authorization": "Basic x"}])
def test_somebody_gets_nothing_kept_and_leaves_nothing(headers: dict[str, str], nginx: httpx.Client) -> None:
    path = f"/somebody/{headers}/"
    assert status(nginx.get(path, headers=headers)) == "BYPASS"
    assert nginx.get(path).text == "answer 2"
    assert nginx.get(path, headers=headers).text == "answer 3"
    assert nginx.get(path).text == "answer 2"


@pytest.mark.parametrize(
    "headers",
    [
        {"Set-Cookie": "sessionid=x"},
        {"Cache-Control": "private"},
        {"Cache-Control": "no-store"},
        {"Cache-Control": "public, max-age=0"},
        {"Cache-Control": ""},
    ],
)
def test_answer_that_is_not_for_everybody_is_never_kept(headers: dict[str, str], app: App, nginx: httpx.Client) -> None:
    app.headers.update(headers)
    path = f"/private/{headers}/"
    assert [nginx.get(path).text, nginx.get(path).text] == ["answer 1", "answer 2"]


def logged(folder: Path, last: str) -> str:
    """All that nginx wrote up to this request, the last one."""
    for _ in range(600):
        access = (folder / "access.log").read_text()
        if last in access:
            return access + (folder / "error.log").read_text()
        threading.Event().wait(0.05)
    raise AssertionError(f"{last} is not in the log")


@pytest.mark.parametrize("path", ["/me/{}/", "/me/{}/unsubscribe", "/me/confirm/{}/", "/polls/shape/c-1a2b3c/{}/"])
def test_address_that_is_somebodys_own_is_in_no_log(path: str, nginx: httpx.Client, behind: tuple[Any, ...]) -> None:
    path, last = path.format("token-of-a-reader"), f"/last{path.format('x')}"
    nginx.get(path)
    too_large = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {10**9}\r\n\r\n"
    with socket.create_connection((nginx.base_url.host, nginx.base_url.port or 0)) as plain:
        plain.sendall(too_large.encode())
        assert b" 413 " in plain.recv(100)
    nginx.get(last)
    assert "token-of-a-reader" not in logged(behind[2].parent, last)


@pytest.mark.parametrize("path", ["/go/key/", "/polls/shape/long-1a2b3c/token/"])
def test_counted_links_and_polls_are_asked_for_each_time_whatever_the_app_says(path: str, nginx: httpx.Client) -> None:
    first, second = nginx.get(path), nginx.get(path)
    assert (first.text, second.text) == ("answer 1", "answer 2")


def test_old_page_is_given_where_the_app_fails(app: App, nginx: httpx.Client) -> None:
    app.headers["Cache-Control"] = "public, s-maxage=1, stale-if-error=600"
    assert nginx.get("/failing/", headers={"X-Refresh": SECRET}).text == "answer 1"
    app.status = 500
    while status(answer := nginx.get("/failing/")) == "HIT":
        assert answer.text == "answer 1"
    assert (status(answer), answer.text) == ("STALE", "answer 1")


@pytest.mark.parametrize("code", [404, 410])
def test_page_that_was_taken_away_gives_way_to_the_word_that_it_was(code: int, app: App, nginx: httpx.Client) -> None:
    path = f"/taken-away/{code}/"
    assert nginx.get(path).status_code == 200
    app.status = code
    assert status(nginx.get(path, headers={"X-Refresh": SECRET})) == "BYPASS"
    again = nginx.get(path)
    assert (again.status_code, status(again)) == (code, "HIT")


def test_what_a_reader_claims_goes_no_further(app: App, nginx: httpx.Client) -> None:
    claims = {
        "X-Forwarded-For": "198.51.100.9, 203.0.113.7",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "evil.example",
        "Host": "news.example.org",
    }
    nginx.post("/claims/", headers=claims)
    _, told = app.asked[-1]
    assert (told["X-Forwarded-For"], told["X-Forwarded-Proto"]) == ("203.0.113.7", "https")
    assert told["Host"] == "news.example.org"
    assert "X-Forwarded-Host" not in told


def test_without_a_proxy_in_front_the_scheme_is_the_real_one(app: App, nginx: httpx.Client) -> None:
    nginx.post("/scheme/", headers={"X-Forwarded-Proto": "gopher"})
    _, told = app.asked[-1]
    assert (told["X-Forwarded-For"], told["X-Forwarded-Proto"]) == ("127.0.0.1", "http")


def test_unsubscribe_in_one_click_meets_no_redirect(app: App, nginx: httpx.Client) -> None:
    answer = nginx.post("/me/token/unsubscribe/", data={"List-Unsubscribe": "One-Click"})
    assert (answer.status_code, answer.text) == (200, "answer 1")


def test_page_is_told_unchanged_to_who_has_it(app: App, nginx: httpx.Client) -> None:
    app.headers["ETag"] = '"1"'
    nginx.get("/had/")
    assert nginx.get("/had/", headers={"If-None-Match": '"1"'}).status_code == 304


def test_pictures_are_kept_long_and_run_nothing(behind: tuple[App, httpx.Client, Path]) -> None:
    _, nginx, media = behind
    (media / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    answer = nginx.get("/media/drawing.svg")
    assert "max-age=2592000" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/media/..%2fsite.conf", "/media../site.conf", "/media/%2e%2e/site.conf"])
def test_nothing_outside_the_pictures_is_given(path: str, nginx: httpx.Client) -> None:
    assert nginx.get(path).text.startswith("answer")


def test_nginx_says_that_it_is_alive_without_the_app(app: App, nginx: httpx.Client) -> None:
    assert nginx.get("/nginx-health").text == "ok\n"
    assert app.times("/nginx-health") == 0


def test_empty_secret_stops_the_start() -> None:
    with private_folder() as folder:
        write_configuration(folder, "127.0.0.1:9", 9, secret="")
        user = own(folder)
        done = subprocess.run(
            command(folder, "-t"), capture_output=True, text=True, user=user, extra_groups=[] if user else None
        )
    assert done.returncode != 0
    assert "conflicting parameter" in done.stderr
