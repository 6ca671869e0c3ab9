"""A document as a page: anchors, footnotes, terms, contents. Pure."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from issues.document.values import GlossaryBlock, PaywallBlock, TermValue, TextBlock
from issues.rendering.page.blocks import ShownHighlight, ShownPaywall, ShownText
from issues.rendering.page.render import describe_document, reading_minutes, to_page
from tests.documents import EVERYTHING, make_document, make_highlight, make_reference

GLOSSARY = GlossaryBlock(uuid="g", terms=(TermValue(name="Agent", definition="It *acts*.", slug="agent"),))


def highlights(*blocks: object, **fields: object) -> list[ShownHighlight]:
    page = to_page(make_document(*blocks), **fields)  # type: ignore[arg-type]
    return [block for block in page.blocks if isinstance(block, ShownHighlight)]


def ids_in(html: str) -> list[str]:
    return re.findall(r'\sid="([^"]+)"', html)


def test_footnotes_are_numbered_through_the_page() -> None:
    page = to_page(make_document(*EVERYTHING))
    html = [str(block.html) for block in page.blocks if isinstance(block, ShownText)]
    assert "[1]" in html[0]
    assert "[2]" in next(block for block in page.blocks if isinstance(block, ShownHighlight)).parts[0].html


def test_the_first_mention_of_a_term_in_each_highlight_is_linked_to_its_entry() -> None:
    one, two = highlights(GLOSSARY, make_highlight("An agent. An agent."), make_highlight("Agents.", heading="B"))
    assert one.parts[0].html.count('class="term"') == 1
    assert two.parts[0].html.count('href="/glossary/agent/"') == 1


def test_the_definition_is_the_issue_s_own_in_plain_words() -> None:
    (one,) = highlights(GLOSSARY, make_highlight("An agent."))
    assert re.search(r'role="tooltip"[^>]*>It acts\.<', one.parts[0].html)


@pytest.mark.parametrize(
    "text", ["`agent`", "[agent](https://example.org/)", "### Agent", "$agent$", "```\nagent\n```"]
)
def test_no_term_is_linked_in_code_links_headings_and_formulas(text: str) -> None:
    (one,) = highlights(GLOSSARY, make_highlight(text))
    assert "tooltip" not in one.parts[0].html


def test_terms_may_be_left_alone() -> None:
    (one,) = highlights(GLOSSARY, make_highlight("An agent."), link_terms=False)
    assert "tooltip" not in one.parts[0].html


def test_a_term_that_the_glossary_does_not_know_leads_to_its_line_in_the_issue() -> None:
    unknown = GlossaryBlock(uuid="g", terms=(TermValue(name="Agent", definition="It acts."),))
    (one,) = highlights(unknown, make_highlight("An agent."))
    assert 'href="#term-1"' in one.parts[0].html


def test_a_paper_is_an_anchor_once_though_two_highlights_have_it() -> None:
    paper = make_reference("2509.03312")
    one, two = highlights(make_highlight("A", paper), make_highlight("B", paper, heading="Again"))
    assert (one.heading_anchor, two.watched[0].anchor) == ("2509.03312", "")


def test_the_links_of_the_paper_that_the_heading_names_stand_behind_it() -> None:
    (one,) = highlights(make_highlight("A", make_reference("2509.03312")))
    assert one.in_heading is not None
    assert [(link.kind, link.url) for link in one.in_heading.links] == [
        ("paper", "https://arxiv.org/abs/2509.03312"),
        ("code", ""),
    ]


def test_highlights_are_numbered_in_the_contents_and_headings_are_not() -> None:
    page = to_page(make_document(*EVERYTHING))
    assert [(entry.number, entry.anchor) for entry in page.contents] == [
        (None, "themes"),
        (None, "glossary"),
        (1, "2509.03312"),
        (2, "two"),
        (None, "secret"),
    ]


def test_a_formula_that_cannot_be_converted_is_reported() -> None:
    page = to_page(make_document(TextBlock(uuid="t", text="$\\nonsense{x}$ here")))
    assert len(page.problems) == 1


def test_only_a_page_that_ends_at_its_paywall_is_closed() -> None:
    wall, rest = PaywallBlock(uuid="p", text="Stop."), TextBlock(uuid="t", text="Rest.")
    closed, open_ = to_page(make_document(rest, wall)).blocks[1], to_page(make_document(wall, rest)).blocks[0]
    assert isinstance(closed, ShownPaywall)
    assert isinstance(open_, ShownPaywall)
    assert (closed.is_closed, open_.is_closed) == (True, False)


def test_an_author_list_is_short_beside_a_highlight() -> None:
    papers = [make_reference(authors=names) for names in (("A",), ("A", "B"), tuple("ABC"))]
    bylines = [highlights(make_highlight("x", paper))[0].in_heading for paper in papers]
    assert [paper.byline for paper in bylines if paper] == ["A", "A and B", "A et al."]


def test_a_day_that_is_none_is_not_shown() -> None:
    (one,) = highlights(make_highlight("A", make_reference(submitted="some day in May")))
    assert one.in_heading is not None
    assert one.in_heading.submitted is None


def test_reading_takes_a_minute_at_least_and_grows_with_the_words() -> None:
    assert reading_minutes(make_document(TextBlock(uuid="t", text="Short."))) == 1
    assert reading_minutes(make_document(TextBlock(uuid="t", text="word " * 2300))) == 10


def test_a_description_is_cut_at_a_word() -> None:
    description = describe_document(make_document(TextBlock(uuid="t", text="*Words* and " * 40)))
    assert description.startswith("Words and Words")
    assert description.endswith((" and …", "Words …"))
    assert len(description) <= 157


@given(st.lists(st.text("agent [^1]:*_`$#\n-|", max_size=40), min_size=1, max_size=5))
def test_ids_are_unique_on_every_page(texts: list[str]) -> None:
    blocks = [make_highlight(text, make_reference(), uuid=f"u{i}") for i, text in enumerate(texts)]
    page = to_page(make_document(GLOSSARY, *blocks))
    html = "".join(part.html for block in page.blocks if isinstance(block, ShownHighlight) for part in block.parts)
    anchors = [block.anchor for block in page.blocks] + ids_in(html)
    assert len(anchors) == len(set(anchors))
