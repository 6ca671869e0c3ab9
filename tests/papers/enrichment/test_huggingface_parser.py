"""Hugging Face's pages are hostile until parsed."""

import json
from typing import Any

import pytest

from papers.enrichment.extract_links import FoundLink
from papers.enrichment.huggingface_parser import NotAPaperPage, read_page
from tests.papers.hugging_face import make_page

ID = "2509.02208"


def test_a_page_gives_its_figures_and_links() -> None:
    page = read_page(
        make_page(ID, githubRepo="https://github.com/Owner/Repo.git", projectPage="http://x.github.io/", githubStars=3),
        ID,
    )
    assert page.figures == {"upvotes": 12, "stars": 3}
    assert page.links == (
        FoundLink("code", "https://github.com/Owner/Repo", "huggingface"),
        FoundLink("project", "https://x.github.io", "huggingface"),
    )


@pytest.mark.parametrize("value", [True, -1, 2**31, 1.5, "12", None, [12], {"upvotes": 12}])
def test_a_figure_that_is_none_is_left_out(value: Any) -> None:
    assert read_page(make_page(ID, upvotes=value), ID).figures == {}


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "http://example.org/plain",
        "https://user@github.com/a/b",
        "https://127.0.0.1/a",
        "https://arxiv.org/abs/2509.02208",
        "https://github.com/a\nb",
        "https://" + "a" * 3000 + ".org",
        7,
        ["https://github.com/a/b"],
    ],
)
def test_a_link_that_is_no_public_https_address_of_a_project_is_left_out(address: Any) -> None:
    assert read_page(make_page(ID, githubRepo=address), ID).links == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"null",
        b"[" * 100_000,
        b'{"id": "2509.99999", "upvotes": 1}',
        b"\xff\xfe\x00",
        b'{"upvotes": ' + b"9" * 5000 + b"}",
        json.dumps({"error": "x"}).encode(),
    ],
)
def test_what_is_not_about_the_paper_is_a_fault(body: bytes) -> None:
    with pytest.raises(NotAPaperPage):
        read_page(body, ID)
