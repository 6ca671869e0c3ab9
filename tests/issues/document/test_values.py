"""An issue as a value: its JSON reads back equal, what is no document is refused by name, readers get their share."""

import json
from typing import Any

import pytest
from hypothesis import given

from issues.document.json_form import BadDocument, from_json, to_json
from issues.document.values import BlockKind, Document, PaperRef, PaywallBlock, TermValue
from tests.documents import EVERYTHING, make_document, make_highlight, make_text
from tests.issues.long_documents import DOCUMENTS, LIMITS, REPORT

WALL = PaywallBlock(uuid="w", text="The rest is for supporters.")


@given(DOCUMENTS)
def test_the_json_of_a_document_reads_back_equal(value: Document) -> None:
    assert from_json(json.loads(json.dumps(to_json(value)))) == value


def test_every_block_says_its_kind() -> None:
    kinds = [block["kind"] for block in to_json(make_document(*EVERYTHING))["blocks"]]
    assert kinds == [block.kind for block in EVERYTHING]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"format": 2}, "This document has format 2; this version reads format 1."),
        ({"titel": "x"}, "issue has the unknown field 'titel'"),
        ({"title": 1}, "issue.title is 1, which is not of the expected type"),
        ({"number": True}, "issue.number is True"),
        ({"blocks": {}}, "issue.blocks is no list"),
        ({"blocks": [{"kind": "song"}]}, r"issue.blocks\[0\] is no block of a known kind"),
        ({"blocks": [{"kind": "text", "uuid": "1"}]}, r"issue.blocks\[0\] lacks a field"),
        ({"authors": [None]}, r"issue.authors\[0\] is None"),
    ],
)
def test_what_is_no_document_is_refused_by_the_first_thing_that_does_not_fit(
    change: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(BadDocument, match=sentence):
        from_json({**to_json(make_document()), **change})


def test_papers_are_listed_once_in_order() -> None:
    value = make_document(
        make_highlight("One paragraph.", REPORT, LIMITS),
        make_highlight("One paragraph.", LIMITS),
        make_highlight("One paragraph.", PaperRef(title="No key")),
    )
    assert [paper.title for paper in value.papers()] == [REPORT.title, LIMITS.title, "No key"]


def test_a_term_is_called_by_its_name_and_qualifier() -> None:
    assert TermValue(name="TIR", qualifier="reasoning", definition="").label == "TIR (reasoning)"


@pytest.mark.parametrize(
    ("access", "blocks", "kept"),
    [
        ("everyone", ("text", "highlight", "text"), 3),
        ("everyone", ("text", "paywall", "highlight"), 2),
        ("supporters", ("text", "text", "highlight", "text"), 2),
        ("supporters", ("text", "text"), 1),
        ("supporters", ("text", "highlight", "paywall", "text"), 3),
        ("supporters", (), 0),
    ],
)
def test_a_reader_who_is_no_supporter_gets_what_stands_before_the_wall(
    access: str, blocks: tuple[str, ...], kept: int
) -> None:
    made: dict[str, BlockKind] = {
        "text": make_text(),
        "highlight": make_highlight("One paragraph.", LIMITS),
        "paywall": WALL,
    }
    value = make_document(*(made[kind] for kind in blocks), access=access)
    assert value.for_everyone().blocks == value.blocks[:kept]
