"""What a new issue of a series begins with: lines that name blocks."""

import dataclasses

import pytest

from issues.document.template import BadOutline, PlannedBlock, empty_block, parse_outline
from issues.document.values import BLOCK_KINDS, HighlightBlock, HighlightPart
from issues.imports.parsers.markdown import parse_markdown
from issues.rendering.formats.markdown import to_markdown
from tests.documents import make_document

UNPLANNABLE = {"figure", "poll", "poll_results"}
WITH_HEADING = {"text": "text: Welcome", "themes": "themes: Summary", "sponsor": "sponsor: A word"}
PLANNABLE = [WITH_HEADING.get(kind, kind) for kind in BLOCK_KINDS if kind not in UNPLANNABLE]


def test_each_line_names_a_block_and_may_have_a_heading() -> None:
    outline = parse_outline("- text: Welcome\r\n\nTeasers\nglossary: Quick Glossary (for the uninitiated)\n")
    planned = [
        PlannedBlock("text", "Welcome"),
        PlannedBlock("teasers"),
        PlannedBlock("glossary", "Quick Glossary (for the uninitiated)"),
    ]
    assert outline == tuple(planned)


def test_a_heading_may_hold_a_colon() -> None:
    assert parse_outline("text: Note: read this") == (PlannedBlock("text", "Note: read this"),)


def test_the_executive_summary_is_named_as_the_admin_names_it() -> None:
    assert parse_outline("Executive summary: The week") == (PlannedBlock("themes", "The week"),)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("txt: Welcome", "“txt” is no kind of block; write one of: text, teasers, themes"),
        ("Welcome", "“Welcome” is no kind of block"),
        ("figure", "A figure cannot be planned"),
        ("poll results", "A poll results cannot be planned"),
        ("teasers: This week", "“teasers” takes no heading"),
        ("paywall: Here", "“paywall” takes no heading"),
        ("sponsor", "A sponsor needs a heading"),
        (f"text: {'x' * 301}", "is longer than 300 characters"),
    ],
)
def test_a_line_that_names_no_block_is_refused(line: str, sentence: str) -> None:
    with pytest.raises(BadOutline, match=sentence):
        parse_outline(f"text\n{line}")


@pytest.mark.parametrize("line", PLANNABLE)
def test_an_empty_block_is_written_as_markdown_and_reads_back(line: str) -> None:
    block = dataclasses.replace(empty_block(parse_outline(line)[0], []), uuid="11111111-1111-4111-8111-111111111111")
    document = make_document(block)
    assert parse_markdown(to_markdown(document)).document == document


def test_a_highlight_begins_with_the_labels_of_the_series() -> None:
    block = empty_block(PlannedBlock("highlight"), ["Why?"])
    assert isinstance(block, HighlightBlock)
    assert block.parts == (HighlightPart(label="Why?", text=""),)


@pytest.mark.parametrize("kind", UNPLANNABLE)
def test_what_is_nothing_when_empty_is_refused_by_name(kind: str) -> None:
    with pytest.raises(BadOutline, match=f"A {kind} cannot be planned"):
        parse_outline(kind)
