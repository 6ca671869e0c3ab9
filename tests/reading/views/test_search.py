"""Search as readers have it."""

from datetime import timedelta

import pytest
from django.test import Client
from lxml import etree
from pytest_django import Settings

from issues.editorial import publish
from issues.models import Glossary, Highlight, Issue, Text
from papers.models import FormerTitle, Paper
from papers.search.search import A_PAGE
from tests.builders import NOON, make_issue, make_paper, make_term
from tests.connections import another
from tests.pages import make_published, queries_of
from tests.reading.views.test_site import assert_valid

pytestmark = pytest.mark.django_db


def make_covered(*papers: Paper, **fields: object) -> Issue:
    issue = make_issue(**fields)
    for number, paper in enumerate(papers):
        Highlight.objects.create(parent=issue, text="Good.", ordering=number).papers.add(paper)
    publish.publish(issue, now=NOON, mail=False)
    return issue


def page_of(client: Client, text: str, **more: str) -> str:
    response = client.get("/search/", {"q": text, **more})
    assert response.status_code == 200
    return response.content.decode()


def test_the_empty_page_has_the_box_and_says_how_to_ask(client: Client) -> None:
    page = page_of(client, "")
    assert 'name="q" id="q" value=""' in page
    assert "How to ask" in page
    assert "Nothing was found" not in page
    assert_valid(page)


def test_issues_papers_and_terms_are_found_and_marked(client: Client) -> None:
    make_term("Agent", slug="agent", definition="Who acts.", aliases=["agents"])
    paper = make_paper("2509.03312", title="On agents", abstract="An agent acts <fast>.")
    issue = make_covered(paper, slug="weekly", title="Weekly")
    Text.objects.create(parent=issue, text="Meet the **agents**.", ordering=7)
    Glossary.objects.create(parent=issue, entries="Agent", ordering=8)
    publish.correct(issue, note="", by=None)
    page = page_of(client, "agent")
    for words in ('href="/p/weekly/"', 'href="/papers/2509.03312/"', 'href="/glossary/agent/"', 'value="agent"'):
        assert words in page
    assert "An <mark>agent</mark> acts" in page
    assert "Meet the <mark>agents</mark>." in page
    assert_valid(page)


def test_a_paper_is_shown_with_the_issues_that_covered_it(client: Client) -> None:
    make_covered(make_paper(title="Sparse attention"), title="The weekly", slug="weekly")
    assert "The weekly</a>" in page_of(client, "sparse cat:cs.CL")


def test_papers_that_no_issue_covered_are_found_by_their_identifier_alone(client: Client) -> None:
    make_paper("2509.03312", title="Sparse attention")
    assert "Nothing was found for “sparse”." in page_of(client, "sparse")
    assert 'href="/papers/2509.03312/"' in page_of(client, "https://arxiv.org/abs/2509.03312v2")


def test_what_is_not_understood_is_explained_and_the_rest_is_searched(client: Client) -> None:
    make_published("Sparrows.", slug="birds")
    page = page_of(client, "sparrows year:x")
    assert "“x” is no year to look for" in page
    assert 'href="/p/birds/"' in page


def test_a_misspelt_word_is_offered_as_it_is_spelt(client: Client) -> None:
    make_covered(make_paper(title="Sparse attention"))
    page = page_of(client, "atention")
    assert 'Did you mean <a href="?q=attention">attention</a>?' in page
    assert "Nothing was found" in page
    assert_valid(page)


def test_what_was_typed_comes_back_as_text(client: Client) -> None:
    page = page_of(client, '"><script>alert(1)</script>')
    assert "<script>alert" not in page
    assert 'value="&quot;&gt;&lt;script&gt;' in page
    assert_valid(page)


def test_more_papers_than_a_page_holds_go_on_at_the_next(client: Client) -> None:
    make_covered(*(make_paper(f"2509.{number:05d}", title="Sparse") for number in range(1, A_PAGE + 2)))
    page = page_of(client, "sparse")
    after = page.partition("&amp;after=")[2].partition('"')[0]
    last = page_of(client, "sparse", after=after)
    assert "/papers/2509.00001/" not in page
    assert "/papers/2509.00001/" in last
    assert ("More papers" in page, "More papers" in last, "From the beginning" in last) == (True, False, True)
    assert_valid(last)


def test_nothing_after_the_last_page_is_said_to_be_nothing(client: Client) -> None:
    make_covered(make_paper(title="Sparse"))
    assert "No other paper was found." in page_of(client, "sparse", after="0-2509.00001")


def test_a_search_costs_the_same_queries_for_few_and_for_many(client: Client) -> None:
    make_covered(make_paper(title="Sparse"), slug="one", title="Sparse one")
    make_term("Sparse")
    page_of(client, "sparse")
    few = queries_of(client, "/search/?q=sparse")
    for number in range(3):
        make_covered(make_paper(title="Sparse"), slug=f"n{number}", title="Sparse")
        make_term(f"Sparse {number}")
    page_of(client, "sparse")
    assert queries_of(client, "/search/?q=sparse") == few


def test_searches_are_kept_by_no_cache_found_by_no_robot_and_only_read(client: Client) -> None:
    response = client.get("/search/", {"q": "sparse"})
    assert "no-store" in response["Cache-Control"]
    assert not response.cookies
    assert '<meta name="robots" content="noindex">' in response.content.decode()
    assert client.post("/search/").status_code == 405


def test_terms_are_found_by_name_first_and_their_definitions_are_rendered(client: Client) -> None:
    make_term("Zebra crossing", definition="Of *stripes*.")
    make_term("Animal", definition="A zebra, say.")
    page = page_of(client, "zebra")
    assert page.index("Zebra crossing") < page.index(">Animal<")
    assert "<em>stripes</em>" in page


def test_a_browser_learns_how_to_search_here(client: Client) -> None:
    assert 'type="application/opensearchdescription+xml" href="/opensearch.xml"' in client.get("/").content.decode()
    response = client.get("/opensearch.xml")
    root = etree.fromstring(response.content)
    address = root.find("{*}Url")
    assert address is not None
    assert address.get("template") == "http://testserver/search/?q={searchTerms}"


def test_the_year_of_an_issue_is_asked_for(client: Client) -> None:
    make_published("Sparrows.", slug="late", at=NOON + timedelta(days=400))
    make_published("Sparrows.", slug="early")
    page = page_of(client, f"sparrows year:{NOON.year}")
    assert ("/p/early/" in page, "/p/late/" in page) == (True, False)


def test_a_search_that_takes_too_long_ends_with_a_sentence(client: Client, settings: Settings) -> None:
    settings.SEARCH_TIMEOUT = 0.05
    with another() as other:
        other.execute("BEGIN; LOCK TABLE papers_paper")
        page = page_of(client, "2509.03312")
    assert "That search took too long; add a word or a category." in page
    assert "Nothing was found" not in page
    assert_valid(page)
    assert "Nothing was found" in page_of(client, "2509.03312")


@pytest.mark.parametrize(
    ("asked", "found"), [("sparrows", True), ("attention sparrows", True), ("sparrows -attention", False)]
)
def test_a_paper_is_found_by_a_title_that_it_had_before(client: Client, asked: str, found: bool) -> None:
    paper = make_paper(title="Sparse attention")
    FormerTitle.objects.create(paper=paper, title="What sparrows attend to")
    FormerTitle.objects.create(paper=make_paper(title="No issue has it"), title="Sparrows")
    make_covered(paper)
    page = page_of(client, asked)
    assert ("Sparse attention</a>" in page) is found
    assert "No issue has it" not in page
