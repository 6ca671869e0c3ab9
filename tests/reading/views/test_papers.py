"""Papers as readers see them."""

import json
from datetime import UTC, datetime

import pytest
from django.test import Client

from issues.editorial import publish
from issues.models import Highlight, Paywall
from papers.models import Paper
from tests.builders import NOON, make_issue, make_paper
from tests.pages import make_covered, queries_of

pytestmark = pytest.mark.django_db


def page_of(client: Client, paper: Paper) -> str:
    response = client.get(paper.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


def test_a_paper_has_a_page_with_what_is_known_of_it(client: Client) -> None:
    paper = make_paper(
        "2509.03312",
        title="The $d$-dimensional limit",
        abstract="We prove $x^2$.\n\nIt holds.",
        authors=["Orion Weller", "Michael Boratko"],
        submitted=datetime(2025, 9, 3, tzinfo=UTC),
        journal_ref="A Journal 1 (2025)",
        dois=["10.1000/1"],
    )
    paper.links.create(kind="code", url="https://github.com/a/b")
    paper.versions.create(version=2, submitted=NOON)
    page = page_of(client, paper)
    for words in ("<math", "Michael Boratko", "3 September 2025", "Version 2", "A Journal 1", "https://github.com/a/b"):
        assert words in page


def test_an_old_id_keeps_its_slash(client: Client) -> None:
    paper = make_paper("hep-th/9901001")
    assert paper.get_absolute_url() == "/papers/hep-th/9901001/"
    assert paper.title in page_of(client, paper)


def test_a_paper_from_elsewhere_answers_at_its_slug(client: Client) -> None:
    assert "A thesis" in page_of(client, make_paper(slug="a-thesis", title="A thesis"))


@pytest.mark.parametrize("form", ["2509.03312v2", "arXiv:2509.03312", "2509.03312.pdf"])
def test_other_forms_of_an_id_lead_to_the_one_address(client: Client, form: str) -> None:
    make_paper("2509.03312")
    response = client.get(f"/papers/{form}/")
    assert (response.status_code, response["Location"]) == (301, "/papers/2509.03312/")


@pytest.mark.parametrize("key", ["2509.99999", "2509.99999v1", "nothing", "a/b/c"])
def test_a_paper_that_nobody_knows_is_not_found(client: Client, key: str) -> None:
    assert client.get(f"/papers/{key}/").status_code == 404
    assert client.get(f"/papers/{key}.bib").status_code == 404


def test_a_covered_paper_names_its_issues_and_may_be_indexed(client: Client) -> None:
    paper = make_paper()
    issue = make_covered(paper, title="The issue about it")
    page = page_of(client, paper)
    assert f'href="{issue.get_absolute_url()}"' in page
    assert "noindex" not in page


def test_a_paper_that_no_published_issue_covers_is_neither_listed_nor_indexed(client: Client) -> None:
    paper = make_paper(title="A paper in a draft")
    Highlight.objects.create(parent=make_issue(), text="Good.").papers.add(paper)
    assert "noindex" in page_of(client, paper)
    assert paper.title not in client.get("/papers/").content.decode()


def test_a_paper_behind_a_paywall_is_not_told_to_be_covered(client: Client) -> None:
    paper, issue = make_paper(title="A hidden paper"), make_issue(title="Half of it")
    Paywall.objects.create(parent=issue, ordering=1)
    Highlight.objects.create(parent=issue, text="Good.", ordering=2).papers.add(paper)
    publish.publish(issue, now=NOON, mail=False)
    assert issue.title not in page_of(client, paper)
    assert paper.title not in client.get("/papers/").content.decode()
    assert paper.get_absolute_url() not in client.get("/sitemap.xml").content.decode()


def test_a_removed_issue_covers_nothing(client: Client) -> None:
    paper = make_paper()
    publish.remove(make_covered(paper, title="Taken back"))
    assert "Taken back" not in page_of(client, paper)
    assert paper.title not in client.get("/papers/").content.decode()


def test_many_authors_are_folded_away(client: Client) -> None:
    page = page_of(client, make_paper(authors=[f"Author {i}" for i in range(214)]))
    assert "and 202 other authors" in page
    assert "Author 213" in page[page.index("<details") : page.index("</details>")]


def test_a_withdrawn_paper_says_so(client: Client) -> None:
    page = page_of(client, make_paper(withdrawn=True, withdrawal="Lemma 2 is wrong."))
    assert "Withdrawn." in page
    assert "Lemma 2 is wrong." in page


def test_a_paper_is_cited(client: Client) -> None:
    make_paper("hep-th/9901001", title="On strings")
    response = client.get("/papers/hep-th/9901001.bib")
    assert response["Content-Type"].startswith("application/x-bibtex")
    assert "On strings" in response.content.decode()


def test_the_list_and_a_page_take_a_constant_number_of_queries(client: Client) -> None:
    first = make_paper()
    make_covered(first, make_paper())
    few = queries_of(client, "/papers/"), queries_of(client, first.get_absolute_url())
    make_covered(first, *(make_paper() for _ in range(4)))
    for number in range(1, 4):
        first.versions.create(version=number)
        first.links.create(kind="data", url=f"https://example.org/{number}")
    assert (queries_of(client, "/papers/"), queries_of(client, first.get_absolute_url())) == few


def test_machines_are_told_that_a_team_is_no_person(client: Client) -> None:
    page = page_of(client, make_paper(authors=["The LIMIT Team", "Orion Weller"]))
    said = json.loads(page.partition('<script type="application/ld+json">')[2].partition("</script>")[0])
    assert [author["@type"] for author in said["author"]] == ["Organization", "Person"]
