"""The weekly round in a real browser: blocks written, moved and inserted, previewed, published, read on the site."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from issues import storage
from issues.models import Issue, Text
from tests.builders import make_editor, make_issue, make_paper, make_series

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def admin(page: Page, live_server: Any) -> Page:
    """Signed in, at the desk."""
    make_editor()
    page.goto(f"{live_server.url}/admin/")
    page.get_by_label("Username").fill("editor")
    page.get_by_label("Password").fill("a password for tests")
    page.get_by_role("button", name="Log in").click()
    return page


def make_three_texts() -> Issue:
    issue = make_issue(title="The first", slug="the-first")
    for position, heading in enumerate(("One", "Two", "Three"), start=1):
        Text.objects.create(parent=issue, heading=heading, text=f"{heading}.", ordering=position * 10)
    return issue


def open_issue(page: Page, live_server: Any, issue: Issue) -> None:
    page.goto(f"{live_server.url}/admin/issues/issue/{issue.pk}/change/")
    expect(block(page, "One")).to_be_visible()


def block(page: Page, heading: str) -> Locator:
    return page.locator(".order-machine .inline-related", has=page.locator("h3", has_text=heading)).first


def insert(page: Page, before: Locator, kind: str) -> Locator:
    """A new block of this kind before another one, by the plus between them."""
    before.locator(".order-machine-insert-target").click()
    page.locator(f".plugin-buttons [title='{kind}']").click()
    return page.locator(".order-machine .inline-related.last-related:not(.empty-form)", has_text="New item").first


def save(page: Page) -> None:
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist .success")).to_be_visible()


def headings(issue: Issue) -> list[str]:
    return [block.heading for block in storage.load_document(issue).blocks]  # type: ignore[union-attr]


def test_a_block_is_inserted_in_the_middle(admin: Page, live_server: Any) -> None:
    issue = make_three_texts()
    open_issue(admin, live_server, issue)
    new = insert(admin, block(admin, "Two"), "Text")
    new.get_by_label("Heading").fill("One and a half")
    new.get_by_label("Text:").fill("Between the two.")
    save(admin)
    assert headings(issue) == ["One", "One and a half", "Two", "Three"]


def test_a_block_is_dragged_to_the_top(admin: Page, live_server: Any) -> None:
    issue = make_three_texts()
    admin.set_viewport_size({"width": 1280, "height": 1400})  # near its edges the page scrolls under the pointer
    open_issue(admin, live_server, issue)
    admin.locator(".collapse-items").click()
    expect(block(admin, "Three").get_by_label("Heading")).to_be_hidden()
    block(admin, "Three").locator("h3").drag_to(block(admin, "One").locator("h3"), target_position={"x": 200, "y": 2})
    save(admin)
    assert headings(issue) == ["Three", "One", "Two"]


def test_a_block_is_moved_with_the_keyboard(admin: Page, live_server: Any) -> None:
    issue = make_three_texts()
    open_issue(admin, live_server, issue)
    block(admin, "One").locator("h3").press("Alt+ArrowDown")
    save(admin)
    assert headings(issue) == ["Two", "One", "Three"]


def test_a_block_is_inserted_with_the_keyboard(admin: Page, live_server: Any) -> None:
    issue = make_three_texts()
    open_issue(admin, live_server, issue)
    block(admin, "Two").locator(".order-machine-insert-target").press("Enter")
    admin.locator(".plugin-buttons [title='Paywall']").press("Enter")
    save(admin)
    assert [block.kind for block in storage.load_document(issue).blocks] == ["text", "paywall", "text", "text"]


def test_a_block_is_deleted(admin: Page, live_server: Any) -> None:
    issue = make_three_texts()
    open_issue(admin, live_server, issue)
    block(admin, "Two").locator(".delete input").check()
    save(admin)
    assert headings(issue) == ["One", "Three"]


def choose(page: Page, highlight: Locator, text: str, title: str) -> None:
    """Types into the field of papers and takes the one that is left."""
    highlight.locator(".select2-search__field").fill(text)
    offered = page.locator(".select2-results__option")
    expect(offered).to_have_count(1)
    expect(offered).to_contain_text(title)
    offered.click()


def test_papers_are_found_by_id_and_kept_in_the_order_of_choosing(admin: Page, live_server: Any) -> None:
    issue = make_three_texts()
    for number in (1, 2):
        make_paper(f"2509.0000{number}", title=f"Paper the {number}.")
    open_issue(admin, live_server, issue)
    highlight = insert(admin, block(admin, "Two"), "Highlight")
    choose(admin, highlight, "https://arxiv.org/abs/2509.00002", "Paper the 2.")
    choose(admin, highlight, "2509.00001v1", "Paper the 1.")
    highlight.get_by_label("Text:").fill("Both are good.")
    save(admin)
    assert [paper.arxiv_id for paper in storage.load_document(issue).papers()] == ["2509.00002", "2509.00001"]


def test_a_paper_that_was_taken_out_and_chosen_again_stands_last(admin: Page, live_server: Any) -> None:
    issue = make_three_texts()
    for number in (1, 2):
        make_paper(f"2509.0000{number}", title=f"Paper the {number}.")
    open_issue(admin, live_server, issue)
    highlight = insert(admin, block(admin, "Two"), "Highlight")
    choose(admin, highlight, "2509.00001", "Paper the 1.")
    choose(admin, highlight, "2509.00002", "Paper the 2.")
    highlight.locator(".select2-selection__choice__remove").first.click()
    choose(admin, highlight, "2509.00001", "Paper the 1.")
    highlight.get_by_label("Text:").fill("Both are good.")
    save(admin)
    assert [paper.arxiv_id for paper in storage.load_document(issue).papers()] == ["2509.00002", "2509.00001"]


def test_the_weekly_round_from_the_desk_to_the_site(admin: Page, live_server: Any) -> None:
    make_series(name="Weekly", part_labels="What problem does it solve?")
    paper = make_paper("2509.00001", title="Attention, again")
    admin.goto(f"{live_server.url}/admin/")
    admin.get_by_role("link", name="New issue of Weekly").click()
    admin.get_by_label("Title:", exact=True).press_sequentially("Nine papers")
    admin.locator(".order-machine-insert-target.last").click()
    admin.locator(".plugin-buttons [title='Highlight']").click()
    highlight = admin.locator(".order-machine .inline-related:not(.empty-form)")
    choose(admin, highlight, paper.key, "Attention, again")
    text = highlight.get_by_label("Text:")
    assert text.input_value() == "### What problem does it solve?"
    text.press_sequentially("\n\nIt attends.")
    admin.get_by_role("button", name="Save and preview").click()
    expect(admin.frame_locator(".phone iframe").get_by_text("It attends.")).to_be_visible()
    admin.get_by_role("link", name="Publish…").click()
    admin.get_by_label("on the web only").check()
    admin.get_by_role("button", name="Continue").click()
    expect(admin.locator(".outcome")).to_contain_text("goes on the web now")
    admin.get_by_role("button", name="Publish it").click()
    admin.get_by_role("link", name="/p/nine-papers/").click()
    expect(admin).to_have_url(f"{live_server.url}/p/nine-papers/")
    expect(admin.get_by_text("It attends.")).to_be_visible()
