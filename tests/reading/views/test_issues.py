"""What anonymous readers get of issues."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from lxml import etree

from glossary.models import GlossaryTerm
from issues.editorial import publish
from issues.models import Glossary, Highlight, Issue, Paywall, Text
from papers.models import Paper
from tests.builders import NOON, make_issue, make_paper, make_series, make_term
from tests.documents import EVERYTHING
from tests.pages import make_published, make_shown, queries_of

pytestmark = pytest.mark.django_db


def test_a_published_issue_has_a_page(client: Client) -> None:
    issue = make_published("Hello, *world*.", title="One & only")
    response = client.get(f"/p/{issue.slug}/")
    assert response.status_code == 200
    assert '<h1 dir="auto">One &amp; only</h1>' in response.content.decode()
    assert "<em>world</em>" in response.content.decode()


@pytest.mark.parametrize("state", ["draft", "scheduled"])
def test_unpublished_issue_is_hidden_from_readers(client: Client, state: str) -> None:
    issue = make_issue(state=state, publish_at=NOON if state == "scheduled" else None)
    for address in (f"/p/{issue.slug}/", f"/p/{issue.slug}.txt", f"/p/{issue.slug}.json"):
        assert client.get(address).status_code == 404
    assert issue.title not in client.get("/issues/").content.decode()


def test_a_removed_issue_is_gone(client: Client) -> None:
    issue = make_published(number=7)
    publish.remove(issue)
    response = client.get(f"/p/{issue.slug}/")
    assert response.status_code == 410
    assert "taken down" in response.content.decode()
    assert client.get(f"/p/{issue.slug}.md").status_code == 410
    assert client.get("/issues/7/").status_code == 410


def test_the_page_says_what_the_edition_says_and_not_what_the_rows_say_now(client: Client) -> None:
    issue = make_published("Old words.")
    Text.objects.update(text="New words.")
    Issue.objects.update(title="New title")
    page = client.get(f"/p/{issue.slug}/").content.decode()
    assert "Old words." in page
    assert "New" not in page
    assert "New title" not in client.get("/issues/").content.decode()


def test_a_published_issue_stays_as_it_is_when_its_terms_and_papers_change(client: Client) -> None:
    issue, term, paper = make_issue(), make_term("RAG"), make_paper(title="As printed")
    Glossary.objects.create(parent=issue, entries="RAG")
    Highlight.objects.create(parent=issue, text="On RAG.").papers.add(paper)
    publish.publish(issue, now=NOON, mail=False)
    before = client.get(f"/p/{issue.slug}/").content
    GlossaryTerm.objects.filter(pk=term.pk).update(name="Other", definition="Other.")
    Paper.objects.filter(pk=paper.pk).update(title="Other", authors=["Other"], primary_category="cs.LG")
    paper.links.create(kind="code", url="https://github.com/a/b")
    assert client.get(f"/p/{issue.slug}/").content == before


def test_a_published_issue_follows_a_redesign(client: Client, settings: Any, tmp_path: Path) -> None:
    issue = make_published("The words.")
    block = tmp_path / "issues" / "blocks" / "_text.html"
    block.parent.mkdir(parents=True)
    block.write_text("<div class='redesigned'>{{ block.html }}</div>")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}]
    assert "<div class='redesigned'><p>The words.</p></div>" in client.get(f"/p/{issue.slug}/").content.decode()


def test_a_number_leads_to_the_issue(client: Client) -> None:
    issue = make_published(number=12)
    response = client.get("/issues/12/")
    assert (response.status_code, response["Location"]) == (301, f"/p/{issue.slug}/")


def test_the_neighbours_of_an_issue_are_named(client: Client) -> None:
    issues = [make_published(title=f"Title {i}", at=NOON + timedelta(days=i)) for i in range(3)]
    page = client.get(issues[1].get_absolute_url()).content.decode()
    assert f'<a rel="prev" href="/p/{issues[0].slug}/">Title 0</a>' in page
    assert f'<a rel="next" href="/p/{issues[2].slug}/">Title 2</a>' in page


def test_a_correction_is_shown_with_its_day(client: Client) -> None:
    issue = make_published("Wrong.")
    Text.objects.update(text="Right.")
    publish.correct(issue, note="It said *wrong*.")
    page = client.get(issue.get_absolute_url()).content.decode()
    assert "It said <em>wrong</em>." in page
    assert 'href="#corrections"' in page


def test_what_is_behind_the_paywall_is_nowhere(client: Client) -> None:
    issue = make_issue()
    Text.objects.create(parent=issue, text="For everyone.", ordering=1)
    Paywall.objects.create(parent=issue, text="Become a supporter.", ordering=2)
    Text.objects.create(parent=issue, text="The secret.", ordering=3)
    publish.publish(issue, now=NOON, mail=False)
    slug = issue.slug
    beside = [f"/p/{slug}.{form}" for form in ("txt", "md", "json", "bib", "ris")]
    for address in [f"/p/{slug}/", *beside, "/", "/feeds/issues.atom", "/feeds/issues.rss", "/feeds/issues.json"]:
        response = client.get(address)
        assert response.status_code == 200, address
        assert "secret" not in response.content.decode(), address
    assert "Become a supporter." in client.get(f"/p/{slug}/").content.decode()


@pytest.mark.parametrize(
    ("form", "content_type", "holds"),
    [
        ("txt", "text/plain", "Hello, world."),
        ("md", "text/markdown", "Hello, *world*."),
        ("json", "application/json", '"kind": "text"'),
        ("bib", "application/x-bibtex", ""),
        ("ris", "application/x-research-info-systems", ""),
    ],
)
def test_an_issue_is_given_away_beside_its_page(client: Client, form: str, content_type: str, holds: str) -> None:
    issue = make_published("Hello, *world*.")
    response = client.get(f"/p/{issue.slug}.{form}")
    assert response["Content-Type"].partition(";")[0] == content_type
    assert holds in response.content.decode()
    assert response["Link"] == f'<http://testserver/p/{issue.slug}/>; rel="canonical"'


def test_no_other_form_is_given_away(client: Client) -> None:
    assert client.get(f"/p/{make_published().slug}.exe").status_code == 404


def test_the_archive_lists_the_issues_by_year_newest_first(client: Client) -> None:
    old = make_published(title="Older", at=NOON - timedelta(days=400))
    new = make_published(title="Newer")
    page = client.get("/issues/").content.decode()
    assert page.index('id="year-2025"') < page.index(new.get_absolute_url()) < page.index('id="year-2024"')
    assert page.index('id="year-2024"') < page.index(old.get_absolute_url())


def test_the_year_in_the_archive_is_that_of_the_day_that_is_shown(client: Client) -> None:
    make_published(at=datetime(2025, 12, 31, 23, 30, tzinfo=UTC))
    with timezone.override("Europe/Berlin"):
        page = client.get("/issues/").content.decode()
    assert "1 January 2026" in page
    assert 'id="year-2026"' in page


def test_the_archive_has_pages(client: Client) -> None:
    for i in range(51):
        make_published(title=f"Issue of day {i}", at=NOON + timedelta(days=i))
    assert "Issue of day 0<" not in client.get("/issues/").content.decode()
    second = client.get("/issues/?page=2").content.decode()
    assert "Issue of day 0<" in second
    assert '<link rel="canonical" href="http://testserver/issues/?page=2">' in second
    assert client.get("/issues/?page=nonsense").status_code == 200


def test_an_empty_archive_says_so(client: Client) -> None:
    assert "Nothing has been published yet." in client.get("/issues/").content.decode()


def test_a_series_lists_its_own_issues(client: Client) -> None:
    series = make_series(name="Deep Dives", slug="deep-dives")
    ours, other = make_published(title="Ours", series=series), make_published(title="Not in it")
    page = client.get("/series/deep-dives/").content.decode()
    assert ours.get_absolute_url() in page
    assert other.get_absolute_url() not in page
    assert client.get("/series/nothing/").status_code == 404


@pytest.mark.parametrize("address", ["/", "/issues/", "/series/weekly/", "/feeds/issues.atom", "/sitemap.xml"])
def test_lists_take_a_constant_number_of_queries(client: Client, address: str) -> None:
    series = make_series(slug="weekly", name="Weekly")
    for _ in range(3):
        make_published(series=series)
    few = queries_of(client, address)
    for _ in range(3):
        make_published(series=series)
    assert queries_of(client, address) == few


def test_a_feed_holds_the_whole_text_with_full_addresses(client: Client) -> None:
    issue = make_published("Hello [home](/glossary/) and [below](#there).")
    feed = etree.fromstring(client.get("/feeds/issues.atom").content)
    content = feed.findtext("{*}entry/{*}content") or ""
    assert 'href="http://testserver/glossary/"' in content
    assert f'href="http://testserver/p/{issue.slug}/#there"' in content


def test_a_correction_updates_the_entry_and_keeps_its_id(client: Client) -> None:
    issue = make_published("Wrong.")
    before = etree.fromstring(client.get("/feeds/issues.atom").content)
    Text.objects.update(text="Right.")
    publish.correct(issue)
    after = etree.fromstring(client.get("/feeds/issues.atom").content)
    assert before.findtext("{*}entry/{*}id") == after.findtext("{*}entry/{*}id")
    assert before.findtext("{*}entry/{*}published") == after.findtext("{*}entry/{*}published")
    assert "Right." in (after.findtext("{*}entry/{*}content") or "")


def test_a_series_has_a_feed_of_its_own(client: Client) -> None:
    series = make_series(slug="deep-dives")
    make_published(title="Ours", series=series)
    make_published(title="Other")
    data = json.loads(client.get("/feeds/series/deep-dives.json").content)
    assert [item["title"] for item in data["items"]] == ["Ours"]
    assert client.get("/feeds/series/nothing.atom").status_code == 404
    assert client.get("/feeds/issues.xml").status_code == 404


def test_the_old_feed_leads_to_the_rss(client: Client) -> None:
    response = client.get("/feed")
    assert (response.status_code, response["Location"]) == (301, "/feeds/issues.rss")


def test_every_block_is_shown_in_its_order() -> None:
    page = make_shown(EVERYTHING)
    marks = [">Welcome.", ">The highlights:", ">In short</h2>", ">Glossary</h2>", ">Paper 2509.03312 <", 'alt="A plot"']
    marks += [">Which form?<", ">Two at once 🎉<", ">Last week<", ">A course<", ">The secret."]
    places = [page.rindex(mark) for mark in marks]
    assert places == sorted(places)


def test_a_promised_link_is_a_plain_word() -> None:
    page = make_shown(EVERYTHING)
    assert ">paper</a>/code)" in page


def test_linked_data_cannot_end_its_element() -> None:
    page = make_shown(EVERYTHING, title="</script><script>alert(1)</script>")
    assert "<script>alert" not in page
    assert r"\u003c/script\u003e" in page


def test_a_missing_page_may_be_kept_for_a_moment_so_that_no_cache_goes_on_with_what_stood_there(client: Client) -> None:
    removed = make_published()
    publish.remove(removed)
    for address in ("/p/nothing/", removed.get_absolute_url(), f"/p/{removed.slug}.md"):
        assert client.get(address)["Cache-Control"] == "public, max-age=0, s-maxage=60"
