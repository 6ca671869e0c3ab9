"""The front page, what machines read, and what all public pages share."""

import re
from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.test import Client
from justhtml import JustHTML
from lxml import etree

from issues.editorial import publish
from issues.models import Glossary, Highlight, Issue, Text
from tests.builders import NOON, make_issue, make_paper, make_series, make_term, make_topic
from tests.documents import EVERYTHING
from tests.pages import make_published, make_shown

pytestmark = pytest.mark.django_db

PAGES = [
    "/",
    "/issues/",
    "/p/the-issue/",
    "/series/weekly/",
    "/papers/",
    "/papers/2509.03312/",
    "/authors/orion-weller/",
    "/glossary/",
    "/glossary/agent/",
    "/topics/agents/",
    "/about/",
]
FILES = [
    "/p/the-issue.txt",
    "/p/the-issue.md",
    "/p/the-issue.json",
    "/p/the-issue.bib",
    "/p/the-issue.ris",
    "/papers/2509.03312.bib",
    "/feeds/issues.atom",
    "/feeds/issues.rss",
    "/feeds/issues.json",
    "/feeds/series/weekly.atom",
    "/feeds/topics/agents.atom",
    "/sitemap.xml",
    "/robots.txt",
]


@pytest.fixture
def site() -> Issue:
    """One of everything that has an address."""
    make_term("Agent", slug="agent")
    issue = make_issue(slug="the-issue", title="The issue", subtitle="Of the week", series=make_series(slug="weekly"))
    Text.objects.create(parent=issue, text="Welcome.", ordering=1)
    Glossary.objects.create(parent=issue, entries="Agent", ordering=2)
    paper = make_paper("2509.03312", title="On agents", abstract="We act.")
    paper.tags.add("agents")
    make_topic("agents", slug="agents", description="What *acts*.")
    Highlight.objects.create(parent=issue, text="An agent acts.", ordering=3).papers.add(paper)
    publish.publish(issue, now=NOON, mail=False)
    return issue


def assert_valid(html: str) -> None:
    """What the strict parser of HTML finds no fault with, with ids that are there once."""
    faults = [str(error) for error in JustHTML(html, strict=False, collect_errors=True).errors]
    assert faults == []
    ids = re.findall(r'\sid="([^"]*)"', html)
    assert len(ids) == len(set(ids))
    targets = set(re.findall(r'(?:href="#|aria-labelledby="|aria-describedby=")([^"]+)"', html))
    assert targets <= set(ids)


@pytest.mark.parametrize("address", PAGES)
def test_every_page_is_valid(client: Client, site: Issue, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert_valid(response.content.decode())


def test_a_page_of_every_kind_of_block_is_valid() -> None:
    assert_valid(make_shown(EVERYTHING))


@pytest.mark.parametrize("address", [*PAGES, *FILES])
def test_every_address_is_the_same_for_everybody_and_may_be_kept(client: Client, site: Issue, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 200
    assert not response.cookies
    assert response["Vary"] == "Accept-Encoding"
    assert "public" in response["Cache-Control"]
    assert "s-maxage=60" in response["Cache-Control"]
    assert "csrf" not in response.content.decode()
    assert response["Content-Security-Policy"].startswith("default-src 'none'")


@pytest.mark.parametrize("address", [*PAGES, *FILES])
def test_an_unchanged_answer_is_not_sent_again(client: Client, site: Issue, address: str) -> None:
    tag = client.get(address)["ETag"]
    assert client.get(address, headers={"If-None-Match": tag}).status_code == 304


@pytest.mark.parametrize("address", [*PAGES, *FILES])
def test_public_addresses_are_only_read(client: Client, site: Issue, address: str) -> None:
    assert client.head(address).status_code == 200
    assert client.post(address).status_code == 405


@pytest.mark.parametrize("address", PAGES)
def test_every_page_names_its_one_address_and_a_description(client: Client, site: Issue, address: str) -> None:
    page = client.get(address).content.decode()
    assert f'<link rel="canonical" href="http://testserver{address}">' in page
    assert re.search(r'<meta name="description" content="[^"]+">', page)


def test_nothing_is_loaded_from_another_site_and_no_style_is_inline(client: Client, site: Issue) -> None:
    for address in PAGES:
        page = client.get(address).content.decode()
        assert not re.search(r'<(?:script|img|iframe)[^>]+src="(?:https?:)?//', page)
        assert not re.search(r'<link[^>]+rel="(?:stylesheet|preload|icon)"[^>]+href="(?:https?:)?//', page)
        assert " style=" not in page
        assert "<style" not in page


def test_the_front_page_presents_the_latest_issue_and_lists_the_earlier_ones(client: Client) -> None:
    old = make_published(title="The older one", at=NOON - timedelta(days=7))
    new = make_published("Its opening words.", title="The newest one")
    page = client.get("/").content.decode()
    assert "Its opening words." in page
    assert page.index(new.get_absolute_url()) < page.index(old.get_absolute_url())


def test_the_front_page_of_an_empty_site_says_what_will_come(client: Client) -> None:
    page = client.get("/").content.decode()
    assert "The first issue is being written" in page
    assert_valid(page)


def test_the_sitemap_lists_what_is_public(client: Client, site: Issue) -> None:
    make_issue(slug="a-draft", series=make_series(slug="not-yet"))
    root = etree.fromstring(client.get("/sitemap.xml").content)
    found = {address.text for address in root.iterfind("{*}url/{*}loc")}
    assert {f"http://testserver{address}" for address in PAGES} <= found
    assert "http://testserver/p/a-draft/" not in found
    assert "http://testserver/series/not-yet/" not in found


def test_a_browser_that_asks_for_an_icon_gets_the_mark(client: Client) -> None:
    response = client.get("/favicon.ico")
    assert (response.status_code, response["Location"]) == (301, "/static/img/mark.svg")


def test_robots_are_told_where_the_sitemap_is(client: Client) -> None:
    robots = client.get("/robots.txt").content.decode()
    assert "Disallow: /admin/" in robots
    assert "Sitemap: http://testserver/sitemap.xml" in robots


def test_a_page_that_is_not_there_says_so_and_is_not_kept(client: Client) -> None:
    response = client.get("/nothing/")
    assert response.status_code == 404
    assert "public" not in response.get("Cache-Control", "")
    assert_valid(response.content.decode())


def test_the_page_for_a_fault_needs_neither_database_nor_context() -> None:
    page = render_to_string("500.html")
    assert "Something went wrong" in page
    assert_valid(page)
