"""What happened to papers after an issue covered them: on their pages, and offered once for the next issue."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from issues.coverage.follow_ups import NotADraft, add_to_draft, dismiss_events, sentence_of, to_be_told
from issues.models import FollowUp, Text
from papers.models import Paper, PaperEvent
from tests.builders import NOON, make_issue, make_paper
from tests.desk import queries_of, sign_in
from tests.pages import make_covered

pytestmark = pytest.mark.django_db


def make_news(paper: Paper, kind: str = "version", detail: str = "v2", days: int = 3) -> PaperEvent:
    return PaperEvent.objects.create(paper=paper, kind=kind, detail=detail, happened=NOON + timedelta(days=days))


def offered() -> list[PaperEvent]:
    return [news.event for news in to_be_told()]


def test_only_what_happened_after_the_issue_that_covered_it_is_offered() -> None:
    covered, other = make_paper(), make_paper()
    make_covered(covered)
    after = make_news(covered)
    make_news(covered, "publication", "Nature 1", days=-3)
    make_news(other)
    assert offered() == [after]


def test_withdrawals_come_first_then_the_newest() -> None:
    paper = make_paper()
    make_covered(paper)
    old, new = make_news(paper, days=2), make_news(paper, "publication", "Nature 1", days=5)
    withdrawn = make_news(paper, "withdrawal", "This paper has been withdrawn.", days=1)
    assert offered() == [withdrawn, new, old]


def test_what_is_told_stands_as_one_line_with_links_and_is_not_offered_again() -> None:
    paper = make_paper(title="On [brackets and *stars*")
    covering, draft = make_covered(paper, title="The first issue"), make_issue()
    assert add_to_draft([make_news(paper, "code", "https://github.com/a/b")], draft, None) == 1
    (block,) = Text.objects.filter(parent=draft)
    assert block.heading == "Since we covered them"
    assert paper.get_absolute_url() in block.text
    assert "[The first issue](" in block.text
    assert covering.get_absolute_url() in block.text
    assert block.text.startswith(r"- [On \[brackets and \*stars\*](")
    assert block.text.endswith("code was released: <https://github.com/a/b>")
    assert offered() == []


def test_the_next_one_is_added_to_the_same_block_and_twice_is_once() -> None:
    paper = make_paper()
    make_covered(paper)
    draft, news = make_issue(), make_news(paper)
    assert [add_to_draft([news], draft, None), add_to_draft([news], draft, None)] == [1, 0]
    add_to_draft([make_news(paper, "publication", "Nature 1")], draft, None)
    (block,) = Text.objects.filter(parent=draft)
    assert len(block.text.splitlines()) == 2


def test_what_is_dismissed_does_not_come_back_and_what_stood_in_a_deleted_draft_does() -> None:
    paper = make_paper()
    make_covered(paper)
    draft, put_away, told = make_issue(), make_news(paper), make_news(paper, "publication", "Nature 1")
    dismiss_events([put_away], None)
    add_to_draft([told], draft, None)
    draft.delete()
    assert offered() == [told]


def test_a_published_issue_takes_no_news() -> None:
    paper = make_paper()
    issue = make_covered(paper)
    with pytest.raises(NotADraft, match="is no draft any more"):
        add_to_draft([make_news(paper)], issue, None)
    assert not FollowUp.objects.exists()


@pytest.mark.parametrize(
    ("kind", "detail", "sentence"),
    [
        ("version", "v2", "A new version, v2"),
        ("withdrawal", "An error in Lemma 3.", "Withdrawn: “An error in Lemma 3.”"),
        ("publication", "Nature 1", "Published: Nature 1"),
        ("code", "https://github.com/a/b", "Code was released: https://github.com/a/b"),
    ],
)
def test_news_are_told_in_plain_words(kind: str, detail: str, sentence: str) -> None:
    assert sentence_of(PaperEvent(kind=kind, detail=detail)) == sentence


def test_one_press_on_the_desk_puts_it_into_the_draft_and_another_puts_it_away(client: Client) -> None:
    sign_in(client)
    paper = make_paper(title="A paper that was covered")
    make_covered(paper)
    draft, news, other = make_issue(), make_news(paper), make_news(paper, "publication", "Nature 1")
    assert "Since we covered them" in client.get(reverse("admin:index")).content.decode()
    client.post(reverse("admin:issues_since"), {"event": news.pk, "issue": draft.pk})
    client.post(reverse("admin:issues_since"), {"dismiss": other.pk, "issue": draft.pk})
    assert set(FollowUp.objects.values_list("event", "issue")) == {(news.pk, draft.pk), (other.pk, None)}
    assert "Since we covered them" not in client.get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize("sent", [{}, {"event": "x", "issue": "1"}, {"event": "1", "issue": "9" * 40}])
def test_a_form_that_names_nothing_changes_nothing(client: Client, sent: dict[str, str]) -> None:
    sign_in(client)
    assert client.post(reverse("admin:issues_since"), sent).status_code == 404
    assert client.get(reverse("admin:issues_since")).status_code == 405


def test_the_desk_takes_as_many_queries_for_twice_as_many_news(client: Client) -> None:
    sign_in(client)
    for kind, detail in (("version", "v2"), ("version", "v3")):
        make_news(covered := make_paper(), kind, detail)
        make_covered(covered)
    few = queries_of(lambda: client.get(reverse("admin:index")))
    for detail in ("v4", "v5"):
        make_news(covered := make_paper(), "version", detail)
        make_covered(covered)
    assert queries_of(lambda: client.get(reverse("admin:index"))) == few


def test_a_papers_page_says_what_happened_since_it_was_covered(client: Client) -> None:
    paper = make_paper()
    make_covered(paper)
    make_news(paper, "withdrawal", "An error in Lemma 3.")
    make_news(paper, "publication", "Nature 1", days=-3)
    page = client.get(paper.get_absolute_url()).content.decode()
    since = page[page.index("Since we covered it") :]
    assert "Withdrawn: “An error in Lemma 3.”" in since
    assert "Nature 1" not in since
    assert "Nature 1" in page


def test_the_page_of_a_paper_that_nobody_covered_says_nothing_of_the_kind(client: Client) -> None:
    paper = make_paper()
    make_news(paper)
    assert "Since we covered it" not in client.get(paper.get_absolute_url()).content.decode()
