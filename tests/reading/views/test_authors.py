"""Authors as readers see them."""

import pytest
from django.test import Client

from issues.editorial import publish
from issues.models import Highlight, Paywall
from papers.models import Paper
from reading.views import authors
from tests.builders import NOON, make_issue, make_paper
from tests.pages import make_covered, queries_of

pytestmark = pytest.mark.django_db

ADA = "/authors/ada-lovelace/"


def page_at(client: Client, address: str = ADA) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def make_hidden(paper: Paper) -> None:
    """Behind the paywall of a published issue."""
    issue = make_issue(title="Half of it")
    Paywall.objects.create(parent=issue, ordering=1)
    Highlight.objects.create(parent=issue, text="Good.", ordering=2).papers.add(paper)
    publish.publish(issue, now=NOON, mail=False)


def test_an_author_has_a_page_with_the_covered_papers_and_their_issues(client: Client) -> None:
    paper = make_paper(title="On the $n$-th engine", authors=["Ada Lovelace", "Paul Erdős"])
    issue = make_covered(paper, title="The issue about it")
    page = page_at(client)
    for words in ('<h1 dir="auto">Ada Lovelace</h1>', paper.get_absolute_url(), issue.get_absolute_url(), issue.title):
        assert words in page
    assert '<h1 dir="auto">Paul Erdős</h1>' in page_at(client, "/authors/paul-erdos/")


def test_every_issue_that_shows_the_paper_is_named(client: Client) -> None:
    paper = make_paper(authors=["Ada Lovelace"])
    found = [make_covered(paper).get_absolute_url() for _ in range(2)]
    page = page_at(client)
    assert [address for address in found if f'href="{address}"' not in page] == []


def test_a_name_is_shown_as_printed_with_its_other_spellings(client: Client) -> None:
    make_covered(*(make_paper(authors=[name]) for name in ("Paul Erdos", "Paul Erdős", "P. Erdős")))
    page = page_at(client, "/authors/paul-erdos/")
    assert '<h1 dir="auto">Paul Erdős</h1>' in page
    assert "Also printed as: Paul Erdos<" in page


def test_the_page_says_that_people_of_one_name_share_it(client: Client) -> None:
    make_covered(make_paper(authors=["Ada Lovelace"]))
    assert "people of one name share this page" in page_at(client)


def test_an_author_in_no_latin_letters_has_a_page(client: Client) -> None:
    make_covered(make_paper(authors=["王伟"]))
    assert "王伟" in page_at(client, authors.author_url("王伟"))


def test_who_has_no_paper_that_readers_may_know_of_has_no_page(client: Client) -> None:
    Highlight.objects.create(parent=make_issue(), text="Good.").papers.add(make_paper(authors=["In A Draft"]))
    make_hidden(make_paper(authors=["Behind Paywall"]))
    publish.remove(make_covered(make_paper(authors=["Taken Back"])))
    make_paper(authors=["Only Known"])
    for slug in ("in-a-draft", "behind-paywall", "taken-back", "only-known", "nobody"):
        assert client.get(f"/authors/{slug}/").status_code == 404


def test_neither_papers_nor_issues_that_readers_may_not_know_of_are_on_the_page(client: Client) -> None:
    shown = make_paper(authors=["Ada Lovelace"])
    make_covered(shown)
    make_hidden(shown)
    make_hidden(make_paper(title="A hidden paper", authors=["Ada Lovelace"]))
    page = page_at(client)
    assert "Half of it" not in page
    assert "A hidden paper" not in page


@pytest.mark.parametrize("slug", ["Ada-Lovelace", "ada lovelace", "ada-lovelace-", f"{'a' * 200}"])
def test_a_name_answers_at_its_one_address(client: Client, slug: str) -> None:
    make_covered(make_paper(authors=["Ada Lovelace", "a" * 200]))
    assert client.get(f"/authors/{slug}/").status_code == 404


def test_a_paper_links_its_authors_who_have_a_page(client: Client) -> None:
    make_covered(make_paper(authors=["Ada Lovelace"]))
    paper = make_paper(authors=["Ada Lovelace", "Nobody Else"])
    page = page_at(client, paper.get_absolute_url())
    assert f'<a href="{ADA}">Ada Lovelace</a>, Nobody Else' in page


def test_a_paper_without_authors_has_a_page(client: Client) -> None:
    assert 'class="authors"' not in page_at(client, make_paper(authors=[]).get_absolute_url())


def test_authors_that_are_folded_away_are_linked(client: Client) -> None:
    paper = make_paper(authors=[f"Author {number}" for number in range(214)])
    make_covered(paper)
    page = page_at(client, paper.get_absolute_url())
    assert '<a href="/authors/author-213/">' in page[page.index("<details") : page.index("</details>")]


def test_many_papers_are_on_several_pages(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authors, "A_PAGE", 2)
    make_covered(*(make_paper(authors=["Ada Lovelace"]) for _ in range(3)))
    assert "Page 2 of 2" in page_at(client, f"{ADA}?page=2")
    assert f'href="http://testserver{ADA}?page=2"' in page_at(client, f"{ADA}?page=2")


def test_the_sitemap_lists_the_authors_of_covered_papers(client: Client) -> None:
    make_covered(make_paper(authors=["Ada Lovelace"]))
    make_hidden(make_paper(authors=["Behind Paywall"]))
    sitemap = client.get("/sitemap.xml").content.decode()
    assert f"<loc>http://testserver{ADA}</loc>" in sitemap
    assert "behind-paywall" not in sitemap


def test_a_page_of_an_author_and_the_sitemap_take_a_constant_number_of_queries(client: Client) -> None:
    paper = make_paper(authors=["Ada Lovelace"])
    make_covered(paper)
    asked = (ADA, "/sitemap.xml", paper.get_absolute_url())
    page_at(client)
    few = [queries_of(client, address) for address in asked]
    for _ in range(3):
        make_covered(paper, *(make_paper(authors=["Ada Lovelace", "Wei Wang"]) for _ in range(2)))
    page_at(client)
    assert [queries_of(client, address) for address in asked] == few
