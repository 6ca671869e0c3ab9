"""The site as production serves it: the container's gunicorn behind Debian's nginx with the site's nginx.conf."""

import itertools
import os
import re
import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest
from django.db import connection

from tests.data import ROOT
from tests.production.test_production import web_command
from tests.servers.nginx import SECRET, free_port, needs_nginx, serving, wait_for

_numbers = itertools.count(1)
pytestmark = [needs_nginx, pytest.mark.django_db]


@pytest.fixture(scope="module")
def site(django_db_setup: None) -> Iterator[httpx.Client]:
    """The real site as production serves it: the container's gunicorn behind nginx, on the tests' database."""
    port = free_port()
    database = re.sub(r"/[^/]*$", f"/{connection.settings_dict['NAME']}", os.environ["DATABASE_URL"])
    # DEBUG spares collectstatic; the cache is on all the same.
    variables = {"DATABASE_URL": database, "DEBUG": "1", "PAGE_CACHE": "1", "REFRESH_KEY": SECRET}
    command = [word.replace("0.0.0.0:8000", f"127.0.0.1:{port}") for word in web_command()]
    with subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=os.environ | variables) as gunicorn:
        wait_for(port)
        with serving(f"127.0.0.1:{port}") as (client, _):
            client.timeout = httpx.Timeout(60)
            yield client
        gunicorn.terminate()


def unasked(path: str) -> str:
    """An address that is not kept yet."""
    return f"{path}?utm_content={next(_numbers)}"


def cached(site: httpx.Client, path: str, **headers: str) -> str:
    site.cookies.clear()
    answer = site.get(path, headers=headers)
    assert answer.status_code == 200
    return str(answer.headers["X-Cache-Status"])


@pytest.mark.parametrize("path", ["/", "/about/", "/issues/", "/feeds/issues.atom"])
def test_public_page_is_kept_and_refreshed_by_the_secret(path: str, site: httpx.Client) -> None:
    address = unasked(path)
    assert [cached(site, address), cached(site, address)] == ["MISS", "HIT"]
    assert cached(site, address, **{"X-Refresh": SECRET}) == "BYPASS"
    assert cached(site, address) == "HIT"


def test_reader_with_a_cookie_gets_a_page_of_their_own(site: httpx.Client) -> None:
    address = unasked("/papers/")
    assert cached(site, address, Cookie="sessionid=x") == "BYPASS"
    assert cached(site, address) == "MISS"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/admin/login/"])
def test_what_is_not_for_everybody_is_never_kept(path: str, site: httpx.Client) -> None:
    assert [cached(site, path), cached(site, path)] == ["MISS", "MISS"]


def test_page_is_compressed_for_who_can_read_that(site: httpx.Client) -> None:
    answer = site.get(unasked("/about/"), headers={"Accept-Encoding": "gzip"})
    assert (answer.headers["Content-Encoding"], answer.headers["Vary"]) == ("gzip", "Accept-Encoding")


def test_no_public_page_sets_a_cookie(site: httpx.Client) -> None:
    assert not [path for path in ("/", "/about/", "/issues/", "/papers/") if "Set-Cookie" in site.get(path).headers]
