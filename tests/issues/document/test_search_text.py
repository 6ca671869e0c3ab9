"""The words that an issue can be found by."""

from issues.document.search_text import MAX_LENGTH, extract_search_text
from issues.document.values import PaywallBlock, PollValue, SponsorBlock, TeasersBlock
from tests.documents import EVERYTHING, make_document, make_highlight, make_reference, make_text

BOTH = "Orion Weller, Michael Boratko"  # who wrote the papers of a whole document


def test_every_block_says_its_words_but_advertisements_and_paywalls() -> None:
    silent = [
        block for block in EVERYTHING if not extract_search_text(make_document(block, subtitle="", series_name=""))
    ]
    assert {type(block) for block in silent} == {SponsorBlock, PaywallBlock}


def test_a_highlight_is_found_by_its_papers_and_their_authors() -> None:
    paper = make_reference(title="Sparse attention", authors=("Kaiming He", "Orion Weller"))
    words = extract_search_text(make_document(make_highlight("It is *fast*.", paper), subtitle="", series_name=""))
    assert "Sparse attention Kaiming He, Orion Weller" in words
    assert "It is fast." in words


def test_each_block_is_a_line() -> None:
    teasers = TeasersBlock(uuid="t", items=("One", "Two"), lead_in="See:")
    poll = PollValue(uuid="p", poll="p", question="Which?", choices=("This", "That"))
    document = make_document(teasers, poll, subtitle="Of the week", series_name="")
    assert extract_search_text(document) == "Of the week\nSee: One Two\nWhich? This That"


def test_no_issue_has_too_many_words() -> None:
    assert len(extract_search_text(make_document(*[make_text("word " * 30_000)] * 2))) == MAX_LENGTH


def test_a_block_is_found_by_what_a_reader_sees_of_it() -> None:
    lines = extract_search_text(make_document(*EVERYTHING, subtitle="Sub *x*", series_name="Deep Dives")).splitlines()
    expected = [
        "Sub x Deep Dives",
        "Welcome. مرحبا بالعالم \\sum_i x_i The first note.",
        "The highlights: One Two And more.",
        "In short First. See this.",
        "Glossary Agent: Something that acts. TIR (Tool-Integrated Reasoning): Reasoning with tools.",
        f"Paper 2509.03312 {BOTH} An agent, and an agent again. agent = 1 a b 1 2 Note.",
        "A plot Cap",
        "Which form? Long Short",
        f"Two at once 🎉 Paper hep-th/9901001 {BOTH} From elsewhere {BOTH} Paper 2509.03312 {BOTH} An agent. TIR.",
        "Last week So.",
        "For supporters The secret.",
    ]
    assert [line for line in lines if line in expected] == expected
