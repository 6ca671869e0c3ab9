"""What arrives as Gmail, Outlook and clients that turn colours over draw it: each can be read, on any screen.

The HTML is stripped as those clients strip it, and drawn by Chromium; what is asserted is measured in the page.
"""

from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, Route

from llmwatch.demo import sample
from tests.data import DATA
from tests.mail_clients import CLIENTS
from tests.mailings.arrived import arrivals
from tests.mailings.cast import needs_commits

LEGIBLE = (Path(__file__).parent / "legible.js").read_text()
READ = {"full-reader", "full-supporter", "confirm", "welcome"}
WIDTHS = {"outlook": (700,)}  # it has no telephone
Scheme = Literal["light", "dark"]


def mails() -> dict[str, str]:
    """The HTML of the longest issues, with and without what is for supporters, and of two letters."""
    posts = {"sample": arrivals.of_counted(), "letter": arrivals.of_letters()}
    if DATA.is_dir():
        posts["seed"] = arrivals.of_seed()
    return {f"{post}, {one.name}": one.html for post, made in posts.items() for one in made if one.name in READ}


def faults(page: Page, html: str, width: int) -> list[str]:
    page.set_viewport_size({"width": width, "height": 800})
    page.set_content(html)
    return list(page.evaluate(LEGIBLE, width))


def with_pictures(route: Route) -> None:
    picture = sample.SAMPLE_FOLDER / "figures" / route.request.url.rpartition("/")[2]
    if picture.is_file():
        route.fulfill(path=picture)
    else:
        route.abort()


@needs_commits
@pytest.mark.parametrize(
    ("client", "scheme", "pictures"),
    [
        ("as it is", "light", True),
        ("as it is", "dark", False),
        ("gmail", "light", False),
        ("gmail elsewhere", "light", True),
        ("outlook", "light", False),
        ("inverted", "light", False),
    ],
)
def test_every_mail_can_be_read(browser: Browser, client: str, scheme: Scheme, *, pictures: bool) -> None:
    page = browser.new_page(color_scheme=scheme)
    page.route("**/*", with_pictures if pictures else lambda route: route.abort())
    found = {
        f"{name}, {width}": faults(page, CLIENTS[client](html), width)
        for name, html in mails().items()
        for width in WIDTHS.get(client, (390, 600))
    }
    page.close()
    assert {place: what for place, what in found.items() if what} == {}


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ("<p style='font-size: 13px'>Small</p>", '"Small" has 13 pixels'),
        ("<p style='color: #888888'>Pale</p>", '"Pale" has a contrast of 3.54'),
        ("<p style='background: #000000'>Dark</p>", '"Dark" has a contrast of 1.00'),
        ("<p>One</p><p style='margin-top: -36px'>Other</p>", '"One" lies over "Other"'),
        ("<img src='a.png' width='60' height='40'>", "a.png has no alternative text"),
        ("<img src='a.png' alt='A curve'>", "a.png has no size"),
        ("<img src='a.png' alt='A' style='display: none'>", "a.png cannot be seen"),
        ("<table><td class='choice'><a href='/'>Yes</a></td></table>", "Yes is too low for a finger"),
        ("<p style='width: 500px'>Wide</p>", "the page is 508 pixels wide"),
    ],
)
def test_what_cannot_be_read_is_told(browser: Browser, html: str, fault: str) -> None:
    page = browser.new_page()
    page.route("**/*", lambda route: route.abort())
    assert fault in faults(page, f"<!doctype html><body style='font: 16px/20px serif'>{html}", 390)
    page.close()
