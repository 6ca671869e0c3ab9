"""The public JSON of an issue, as docs and readers' programs know it."""

import json

from issues.rendering.formats.public_json import to_public_json
from tests.builders import NOON
from tests.documents import EVERYTHING, make_document, make_highlight
from tests.issues.long_documents import LIMITS


def test_the_head_is_what_readers_may_know_of_an_issue() -> None:
    value = make_document(number=7, series="deep-dives", series_name="Deep Dives", mail_subject="S", preheader="P")
    assert to_public_json(value, NOON) == {
        "title": "Three papers",
        "subtitle": "",
        "slug": "three-papers",
        "number": 7,
        "series": "deep-dives",
        "series_name": "Deep Dives",
        "authors": [],
        "access": "everyone",
        "cover": None,
        "published_at": "2025-09-07T12:00:00+00:00",
        "blocks": [],
    }


def test_a_draft_has_no_time() -> None:
    assert to_public_json(make_document(), None)["published_at"] is None


def test_a_highlight_has_papers_with_links_and_labelled_parts() -> None:
    (block,) = to_public_json(make_document(make_highlight("One paragraph.", LIMITS)), None)["blocks"]
    (paper,) = block["papers"]
    assert (block["kind"], block["heading"], paper["arxiv_id"]) == ("highlight", LIMITS.title, "2508.21038")
    assert paper["links"][0] == {"kind": "paper", "url": "https://arxiv.org/abs/2508.21038"}
    assert block["parts"] == [{"text": "One paragraph.", "label": ""}]


def test_every_block_says_its_kind_and_its_id_and_is_json() -> None:
    blocks = json.loads(json.dumps(to_public_json(make_document(*EVERYTHING), NOON)))["blocks"]
    assert all(block["uuid"] for block in blocks)
    assert [block["kind"] for block in blocks] == [block.kind for block in EVERYTHING]


def test_a_picture_has_its_address() -> None:
    pictures = [block for block in EVERYTHING if block.kind == "figure"]
    (block,) = to_public_json(make_document(*pictures), None)["blocks"]
    assert block["src"] == "/media/figures/a.png"
