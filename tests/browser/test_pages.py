"""The public pages in a real browser: on a phone, by keyboard, in both themes, with and without JavaScript."""

from collections.abc import Generator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from issues import storage
from issues.editorial import publish
from issues.models import Issue
from tests.builders import NOON, make_issue, make_paper, make_term
from tests.documents import EVERYTHING, make_document, make_highlight, make_reference

pytestmark = pytest.mark.django_db(transaction=True)
DAY, NIGHT = "rgb(252, 252, 251)", "rgb(20, 21, 25)"
PHONE = 390
LONG = "Supercalifragilisticexpialidocious" * 4


@pytest.fixture
def issue() -> Issue:
    """An issue of every block but those that need a picture, and words that no line holds."""
    make_term("Agent", slug="agent")
    issue = make_issue(slug="everything", title=f"9 papers 🎉 {LONG}")
    awkward = make_highlight(
        f"An agent.\n\n$${' + '.join(f'x_{{{i}}}^2' for i in range(40))}$$\n\n`{LONG}` {LONG}\n\n"
        f"```\n{LONG * 3}\n```\n\n"
        f"| {' | '.join('column' for _ in range(12))} |\n|{'---|' * 12}\n| {' | '.join('cell' for _ in range(12))} |",
        make_reference("2509.00001", title=f"On {LONG}"),
        uuid="5b3f3c2e-0000-4000-8000-000000000001",
    )
    kept = [block for block in EVERYTHING if block.kind not in {"figure", "paywall"}]
    storage.save_document(issue, make_document(*kept, awkward, title=issue.title, slug=issue.slug))
    publish.publish(issue, now=NOON, mail=False)
    return issue


@pytest.fixture
def phone(browser: Browser) -> Generator[Page]:
    context = browser.new_context(viewport={"width": PHONE, "height": 844}, java_script_enabled=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def plain(browser: Browser) -> Generator[Page]:
    """A browser that runs no scripts."""
    context = browser.new_context(java_script_enabled=False, color_scheme="light")
    yield context.new_page()
    context.close()


def background(page: Page) -> str:
    return str(page.locator("body").evaluate("body => getComputedStyle(body).backgroundColor"))


def test_nothing_is_wider_than_a_phone(phone: Page, live_server: Any, issue: Issue) -> None:
    paper = make_paper(title=f"{LONG} of everything", authors=[f"Author {LONG}"] * 20, comment=LONG)
    for path in (
        "/",
        issue.get_absolute_url(),
        paper.get_absolute_url(),
        "/papers/",
        "/glossary/agent/",
        "/search/?q=agent",
        "/nothing",
    ):
        phone.goto(f"{live_server.url}{path}")
        assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE, path


def test_a_definition_shows_on_hover_and_on_focus_and_stays_on_the_screen(
    phone: Page, live_server: Any, issue: Issue
) -> None:
    phone.goto(f"{live_server.url}{issue.get_absolute_url()}")
    for term in phone.locator(".term").all():
        definition = term.locator("[role=tooltip]")
        expect(definition).to_be_hidden()
        term.locator("a").focus()
        expect(definition).to_be_visible()
        box = definition.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= PHONE
    phone.locator("h1").hover()
    term.locator("a").blur()
    expect(definition).to_be_hidden()
    term.hover()
    expect(definition).to_be_visible()


def test_what_is_too_wide_is_scrolled_by_keyboard_in_its_own_box(phone: Page, live_server: Any, issue: Issue) -> None:
    phone.goto(f"{live_server.url}{issue.get_absolute_url()}")
    formula = phone.locator("p:has(> math)").last
    formula.focus()
    phone.keyboard.press("ArrowRight")
    phone.wait_for_function("element => element.scrollLeft > 0", arg=formula.element_handle())


def test_a_paragraph_reads_in_its_own_direction(page: Page, live_server: Any, issue: Issue) -> None:
    page.goto(f"{live_server.url}{issue.get_absolute_url()}")
    column, words = page.evaluate(
        """() => {
             const arabic = [...document.querySelectorAll('p')].find(p => p.textContent.startsWith('مرحبا'));
             const range = document.createRange();
             range.selectNodeContents(arabic);
             return [arabic.getBoundingClientRect().right, range.getBoundingClientRect().right];
           }"""
    )
    assert abs(column - words) < 2


def test_a_definition_needs_no_script(plain: Page, live_server: Any, issue: Issue) -> None:
    plain.goto(f"{live_server.url}{issue.get_absolute_url()}")
    term = plain.locator(".term").first
    term.locator("a").focus()
    expect(term.locator("[role=tooltip]")).to_be_visible()
    expect(term.locator("a")).to_have_accessible_description("Something that acts.")


def test_escape_closes_a_definition(page: Page, live_server: Any, issue: Issue) -> None:
    page.goto(f"{live_server.url}{issue.get_absolute_url()}")
    term = page.locator(".term").first
    term.locator("a").focus()
    page.keyboard.press("Escape")
    expect(term.locator("[role=tooltip]")).to_be_hidden()


def test_the_first_tab_leads_to_the_text(page: Page, live_server: Any, issue: Issue) -> None:
    page.goto(f"{live_server.url}/")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the text")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{live_server.url}/#content")


def test_the_theme_is_switched_without_a_script(plain: Page, live_server: Any) -> None:
    plain.goto(f"{live_server.url}/")
    assert background(plain) == DAY
    plain.get_by_label("Night").check()
    assert background(plain) == NIGHT


def test_a_chosen_theme_is_remembered_and_overrules_the_system(page: Page, live_server: Any) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto(f"{live_server.url}/")
    assert background(page) == NIGHT
    page.get_by_label("Day").check()
    page.goto(f"{live_server.url}/issues/")
    assert background(page) == DAY
    expect(page.get_by_label("Day")).to_be_checked()


def test_a_paper_of_the_contents_is_jumped_to(page: Page, live_server: Any, issue: Issue) -> None:
    page.goto(f"{live_server.url}{issue.get_absolute_url()}")
    page.locator(".contents").get_by_role("link", name="Paper 2509.03312").click()
    expect(page.locator("[id='2509.03312']")).to_be_in_viewport()


def test_every_face_comes_from_the_site_and_is_used(page: Page, live_server: Any, issue: Issue) -> None:
    addresses: list[str] = []
    page.on("request", lambda request: addresses.append(request.url))
    page.goto(f"{live_server.url}{issue.get_absolute_url()}")
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('16px Literata'))")
    assert [address for address in addresses if not address.startswith(live_server.url)] == []


def test_on_paper_there_is_the_text_and_no_furniture(page: Page, live_server: Any, issue: Issue) -> None:
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(f"{live_server.url}{issue.get_absolute_url()}")
    assert background(page) == "rgb(255, 255, 255)"
    expect(page.locator("h1")).to_be_visible()
    for furniture in (".masthead nav", ".contents", ".colophon", ".after"):
        expect(page.locator(furniture)).to_be_hidden()
