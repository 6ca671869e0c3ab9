"""The mail as mail clients draw it: with its styles or without the ones in the head, with pictures or without."""

import re

import pytest
from playwright.sync_api import Browser

from issues.document.values import FigureBlock, TextBlock
from issues.rendering.mail.render import to_mail
from tests.issues.rendering.mail.test_render import HEAD, document, highlight

# What breaks a narrow column: an address, a line of code, a table, a picture, a word.
WIDE = TextBlock(
    uuid="wide",
    text="\n\n".join(
        (
            f"[https://example.org/{'a' * 90}](https://example.org/)",
            f"```\n{'x = 1; ' * 30}\n```",
            "| One | Two | Three |\n|---|---|---|\n| a longer cell | another | and a third |",
            "![A wide picture](/media/wide.png)",
            "W" * 120,
        )
    ),
)
PICTURE = b'<svg xmlns="http://www.w3.org/2000/svg" width="1400" height="700"></svg>'


def drawn(browser: Browser, width: int, *, styles: bool, pictures: bool, dark: bool = False) -> tuple[int, str, str]:
    """The width that the mail takes, the colour behind it, and the words that can be seen."""
    figure = FigureBlock(uuid="figure", src="figures/a.png", alt="A curve that rises", width=1400, height=700)
    parts = to_mail(document(WIDE, highlight(1), figure, preheader="Hidden words"), HEAD)
    html = parts.html if styles else re.sub(r"<style.*?</style>", "", parts.html, flags=re.DOTALL)
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light")
    if pictures:
        page.route("**/*", lambda route: route.fulfill(body=PICTURE, content_type="image/svg+xml"))
    else:
        page.route("**/*", lambda route: route.abort())
    page.set_content(html)
    taken = int(page.evaluate("document.documentElement.scrollWidth"))
    colour = str(page.evaluate("getComputedStyle(document.querySelector('.ground')).backgroundColor"))
    words = page.inner_text("body")
    page.close()
    return taken, colour, words


@pytest.mark.parametrize("pictures", [True, False])
@pytest.mark.parametrize("styles", [True, False])
@pytest.mark.parametrize("width", [360, 390, 600, 1280])
def test_the_mail_fits_in_every_window(browser: Browser, width: int, *, styles: bool, pictures: bool) -> None:
    assert drawn(browser, width, styles=styles, pictures=pictures)[0] == width


def test_the_preheader_is_seen_in_the_list_of_mails_alone(browser: Browser) -> None:
    assert "Hidden words" not in drawn(browser, 600, styles=False, pictures=False)[2]


def test_at_night_the_mail_is_dark(browser: Browser) -> None:
    day = drawn(browser, 600, styles=True, pictures=False)[1]
    night = drawn(browser, 600, styles=True, pictures=False, dark=True)[1]
    assert (day, night) == ("rgb(252, 252, 251)", "rgb(20, 21, 25)")
