"""A watch that is written in a real browser says what it would have matched, as it is typed."""

from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from papers.models import Watch
from tests.builders import make_editor, make_paper

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def editor(page: Page, live_server: Any) -> Page:
    """Signed in, where a watch is added."""
    sign_in(page, f"{live_server.url}/admin/papers/watch/add/")
    return page


def sign_in(page: Page, address: str) -> None:
    make_editor()
    for title, authors in (("On agents", ["Kaiming He"]), ("Agents plan", ["A B"]), ("Birds", ["Kaiming He"])):
        make_paper(title=title, authors=authors, announced=date(2025, 9, 8))
    page.goto(address)
    page.get_by_label("Username").fill("editor")
    page.get_by_label("Password").fill("a password for tests")
    page.get_by_role("button", name="Log in").click()


def test_the_preview_follows_what_is_typed_and_saving_matches_it(editor: Page) -> None:
    tried = editor.locator("#tried")
    editor.get_by_label("Name:").press_sequentially("Planning agents")
    expect(tried).to_contain_text("Choose a category")
    editor.get_by_label("cs.CL Computation and Language").check()
    expect(tried).to_contain_text("Would have matched 3 of last week's 3 papers")
    editor.get_by_label("Words:").press_sequentially("agents (plan")
    expect(tried).to_have_text("A bracket opened at character 8 is not closed.")
    editor.get_by_label("Words:").press_sequentially("*)")
    expect(tried).to_contain_text("Would have matched 1 of last week's 3 papers")
    expect(tried.get_by_role("link")).to_have_text(["Agents plan"])
    editor.get_by_label("Authors:").fill("Kaiming He")
    expect(tried).to_contain_text("Would have matched 3 of last week's 3 papers")
    editor.get_by_role("button", name="Save", exact=True).click()
    expect(editor.locator(".messagelist")).to_contain_text("It matches 3 papers of the last 30 days")
    assert Watch.objects.get().slug == "planning-agents"


def test_without_scripts_a_button_shows_the_preview_and_keeps_what_was_typed(
    browser: Browser, live_server: Any
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, f"{live_server.url}/admin/papers/watch/add/")
    page.get_by_label("Name:").fill("Agents")
    page.get_by_label("Slug:").fill("agents")
    page.get_by_label("cs.CL Computation and Language").check()
    page.get_by_label("Words:").fill("agents")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#tried")).to_contain_text("Would have matched 2 of last week's 3 papers")
    assert not Watch.objects.exists()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert Watch.objects.get().words == "agents"
    context.close()
