"""The papers of an issue as citations."""

from datetime import date

import pytest

from issues.document.values import PaperLinkValue, PaperRef
from issues.rendering.formats.citations import citations_of
from papers.citations import PaperCitation
from tests.documents import make_document, make_highlight
from tests.issues.long_documents import LIMITS, REPORT


def cited(paper: PaperRef) -> PaperCitation:
    (citation,) = citations_of(make_document(make_highlight("One paragraph.", paper)))
    return citation


def test_a_paper_of_arxiv_is_cited_with_its_facts() -> None:
    assert cited(LIMITS) == PaperCitation(
        title=LIMITS.title,
        authors=("Orion Weller", "Michael Boratko"),
        arxiv_id="2508.21038",
        primary_category="cs.IR",
        day=date(2025, 8, 28),
        url="https://arxiv.org/abs/2508.21038",
    )


def test_a_paper_from_elsewhere_is_cited_where_it_is() -> None:
    assert cited(REPORT) == PaperCitation(title=REPORT.title, url="https://example.org/report")


def test_without_a_known_address_there_is_none() -> None:
    assert cited(PaperRef(title="T", slug="t", links=(PaperLinkValue(kind="paper"),))).url == ""


@pytest.mark.parametrize("day", ["soon", "2025", "2025-13-01"])
def test_a_day_that_is_none_is_left_out(day: str) -> None:
    assert cited(PaperRef(title="T", slug="t", submitted=day)).day is None


def test_each_paper_is_cited_once_in_the_order_of_the_issue() -> None:
    value = make_document(make_highlight("One paragraph.", REPORT, LIMITS), make_highlight("One paragraph.", LIMITS))
    assert [citation.title for citation in citations_of(value)] == [REPORT.title, LIMITS.title]
