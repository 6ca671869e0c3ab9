"""Topics as readers see them: what issues covered of the papers with its tags, and nothing else."""

import pytest
from django.test import Client
from django.urls import reverse
from lxml import etree
from taggit.models import Tag

from issues.coverage.appearances import open_topics
from issues.editorial import publish
from issues.models import Highlight, Issue, Topic
from papers.models import Paper
from reading.views.papers import A_PAGE
from tests.builders import NOON, make_issue, make_paper, make_series, make_topic
from tests.desk import posted, sign_in
from tests.pages import queries_of

pytestmark = pytest.mark.django_db


def make_tagged(*tags: str, **fields: object) -> Paper:
    paper = make_paper(**fields)  # type: ignore[arg-type]
    paper.tags.add(*tags)
    return paper


def make_covered(*papers: Paper, **fields: object) -> Issue:
    issue = make_issue(**fields)
    for paper in papers:
        Highlight.objects.create(parent=issue, text="Good.", ordering=1).papers.add(paper)
    publish.publish(issue, now=NOON, mail=False)
    return issue


def read(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_a_topic_shows_its_covered_papers_and_the_issues_that_covered_them(client: Client) -> None:
    paper, other = make_tagged("agents", title="On agents"), make_tagged("maths", title="On numbers")
    make_covered(paper, title="The week of agents")
    make_covered(other, title="The week of numbers")
    page = read(client, make_topic("agents", description="What *acts*.").get_absolute_url())
    for words in ("On agents", "The week of agents", "What <em>acts</em>."):
        assert words in page
    assert "numbers" not in page


def test_a_paper_with_any_of_the_tags_belongs_to_the_topic_once(client: Client) -> None:
    first, second = make_tagged("agents", "tools", title="First"), make_tagged("tools", title="Second")
    make_covered(first, second)
    page = read(client, make_topic("agents", "tools").get_absolute_url())
    assert (page.count(">First</a>"), page.count(">Second</a>")) == (1, 1)


def test_something_else_with_the_tag_and_the_number_of_a_paper_is_no_paper(client: Client) -> None:
    paper = make_paper(title="Not tagged")
    make_covered(paper)
    topic = make_topic("agents")
    series = make_series(pk=paper.pk)
    Tag.objects.get().taggit_taggeditem_items.create(content_object=series)
    assert list(topic.papers) == []
    assert "Not tagged" not in read(client, topic.get_absolute_url())


def test_a_topic_without_a_covered_paper_says_so_and_is_listed_nowhere(client: Client) -> None:
    topic, paper = make_topic("agents"), make_tagged("agents", title="In a draft")
    Highlight.objects.create(parent=make_issue(), text="Good.").papers.add(paper)
    page = read(client, topic.get_absolute_url())
    assert "No paper of this topic has been covered yet." in page
    assert "noindex" in page
    assert "In a draft" not in page
    assert topic.get_absolute_url() not in read(client, "/papers/") + read(client, "/sitemap.xml")
    assert list(open_topics()) == []


def test_what_a_removed_issue_covered_is_no_longer_shown(client: Client) -> None:
    topic, paper = make_topic("agents"), make_tagged("agents", title="Taken back")
    publish.remove(make_covered(paper))
    assert "Taken back" not in read(client, topic.get_absolute_url())


def test_a_topic_without_tags_has_no_papers(client: Client) -> None:
    make_covered(make_tagged("agents", title="On agents"))
    assert "On agents" not in read(client, make_topic().get_absolute_url())


def test_many_papers_stand_on_several_pages(client: Client) -> None:
    make_covered(*(make_tagged("agents") for _ in range(A_PAGE + 1)))
    address = make_topic("agents").get_absolute_url()
    assert 'href="?page=2"' in read(client, address)
    second = read(client, f"{address}?page=2")
    assert second.count('href="/papers/') == 2  # one paper, and the masthead
    assert f'rel="canonical" href="http://testserver{address}?page=2"' in second


def test_the_page_of_a_paper_and_the_list_of_papers_lead_to_its_topics(client: Client) -> None:
    topic, other, paper = make_topic("agents"), make_topic("maths"), make_tagged("agents", "tools")
    make_covered(paper)
    for address in (paper.get_absolute_url(), "/papers/", "/sitemap.xml"):
        page = read(client, address)
        assert topic.get_absolute_url() in page
        assert other.get_absolute_url() not in page


def test_the_feed_of_a_topic_has_the_issues_that_covered_its_papers(client: Client) -> None:
    make_covered(make_tagged("agents"), title="The week of agents")
    make_covered(make_tagged("maths"), title="The week of numbers")
    topic = make_topic("agents", name="Agents", description="What *acts*.")
    response = client.get(reverse("issues:topic_feed", args=[topic.slug, "atom"]))
    feed = etree.fromstring(response.content)
    assert [one.text for one in feed.iterfind("{*}entry/{*}title")] == ["The week of agents"]
    assert feed.findtext("{*}title") == "LLM Watch: Agents"
    assert feed.findtext("{*}subtitle") == "What acts."
    assert topic.get_absolute_url() in str([link.get("href") for link in feed.iterfind("{*}link")])


@pytest.mark.parametrize("address", ["/topics/none/", "/feeds/topics/none.atom", "/feeds/topics/topic.exe"])
def test_what_is_no_topic_is_not_found(client: Client, address: str) -> None:
    make_topic(slug="topic")
    assert client.get(address).status_code == 404


def test_a_topic_and_its_feed_take_a_constant_number_of_queries(client: Client) -> None:
    topic = make_topic("agents")
    first = make_tagged("agents")
    make_covered(first)
    addresses = [topic.get_absolute_url(), f"/feeds/topics/{topic.slug}.atom", first.get_absolute_url(), "/papers/"]
    for address in addresses:
        client.get(address)  # editions are read once
    few = [queries_of(client, address) for address in addresses]
    for _ in range(3):
        make_topic("agents")
        make_covered(first, make_tagged("agents"))
    for address in addresses[:1]:
        client.get(address)
    assert [queries_of(client, address) for address in addresses] == few


def test_an_editor_chooses_the_tags_of_a_topic(client: Client) -> None:
    editor, tag = sign_in(client), Tag.objects.create(name="agents")
    add = reverse("admin:issues_topic_add")
    data = posted(editor.get(add)) | {"name": "Agents", "slug": "agents", "tags": [tag.pk]}
    assert editor.post(add, data).status_code == 302
    assert [each.name for each in Topic.objects.get().tags.all()] == ["agents"]
    assert "agents" in read(editor, reverse("admin:issues_topic_changelist"))
