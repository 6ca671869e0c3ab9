"""Preview, editions, stubs and the desk."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from issues import storage
from issues.coverage import stubs
from issues.coverage.missing_links import load_missing_links
from issues.editorial import publish
from issues.models import Decision, Edition, Highlight, Issue, Paywall, Poll, Text
from issues.storage.papers import link_papers
from papers.models import Paper, PaperLink
from tests.builders import NOON, make_issue, make_paper, make_series, make_topic
from tests.desk import queries_of, sign_in

pytestmark = pytest.mark.django_db
DESK = reverse("admin:index")


@pytest.fixture
def editor(client: Client) -> Client:
    return sign_in(client)


def make_written_issue(text: str = "Hello.", **fields: Any) -> Issue:
    issue = make_issue(**fields)
    Text.objects.create(parent=issue, text=text)
    return issue


def make_highlight(*papers: Paper, **fields: Any) -> Highlight:
    highlight = Highlight.objects.create(**{"parent": make_issue(), "text": "Good.", **fields})
    link_papers(highlight, papers)
    return highlight


def address(name: str, *args: Any) -> str:
    return reverse(f"admin:issues_{name}", args=args)


def read(response: Any) -> str:
    return " ".join(response.content.decode().split())


def test_the_preview_shows_the_draft_as_it_was_saved_last(editor: Client) -> None:
    issue = make_written_issue("Words that nobody has seen.")
    assert "Words that nobody has seen." in read(editor.get(address("preview_page", issue.pk)))
    assert read(editor.get(address("preview", issue.pk))).count("<iframe") == 2


def test_the_preview_may_be_framed_by_the_admin_alone(editor: Client) -> None:
    response = editor.get(address("preview_page", make_written_issue().pk))
    assert response.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "frame-ancestors 'self'" in response.headers["Content-Security-Policy"]


def test_the_preview_ends_at_the_paywall_for_everyone(editor: Client) -> None:
    issue = make_issue()
    Paywall.objects.create(parent=issue, ordering=1)
    Text.objects.create(parent=issue, text="For supporters.", ordering=2)
    assert "For supporters." in read(editor.get(address("preview_page", issue.pk)))
    assert "For supporters." not in read(editor.get(address("preview_page", issue.pk), {"as": "everyone"}))


@pytest.mark.parametrize("name", ["preview", "publish"])
def test_what_cannot_be_shown_as_it_was_written_is_told(editor: Client, name: str) -> None:
    issue = make_written_issue(r"A formula: $\nosuchcommand{x}$.")
    assert "could not be converted" in read(editor.get(address(name, issue.pk)))
    Text.objects.update(text="A formula: $x^2$.")
    assert "could not be converted" not in read(editor.get(address(name, issue.pk)))


def test_the_history_says_what_changed_and_who_did_it(editor: Client) -> None:
    issue = make_written_issue("One.")
    publish.save_edition(issue, Edition.Kind.SAVED)
    Text.objects.update(text="Two.")
    publish.save_edition(issue, Edition.Kind.SAVED)
    page = read(editor.get(address("editions", issue.pk)))
    assert "“One.” → “Two.”" in page
    assert "The first edition that is kept." in page


def test_an_edition_is_read_as_it_stood(editor: Client) -> None:
    issue = make_written_issue("One.")
    publish.save_edition(issue, Edition.Kind.SAVED)
    Text.objects.update(text="Two.")
    assert "One." in read(editor.get(address("edition", issue.pk, 1)))


def test_restoring_brings_the_words_back_and_keeps_what_stood_there(editor: Client) -> None:
    issue = make_written_issue("One.", slug="kept")
    publish.save_edition(issue, Edition.Kind.SAVED)
    Text.objects.update(text="Two.")
    Issue.objects.update(slug="moved")
    editor.post(address("restore", issue.pk, 1))
    issue.refresh_from_db()
    assert (storage.load_document(issue).blocks[0].text, issue.slug) == ("One.", "moved")  # type: ignore[union-attr]
    texts = [edition.value.blocks[0].text for edition in issue.editions.order_by("number")]  # type: ignore[union-attr]
    assert texts == ["One.", "Two.", "One."]


def test_an_edition_is_not_restored_by_a_link(editor: Client) -> None:
    issue = make_written_issue()
    publish.save_edition(issue, Edition.Kind.SAVED)
    assert editor.get(address("restore", issue.pk, 1)).status_code == 405


def test_merging_a_stub_moves_all_that_points_at_it() -> None:
    first, stub, paper = make_paper(), make_paper(slug="a-stub", stub=True), make_paper()
    highlight = make_highlight(first, stub)
    Decision.objects.create(series=make_series(), paper=stub, state="shortlisted")
    PaperLink.objects.create(paper=stub, kind="code", url="https://github.com/a/b")
    assert stubs.merge_stub(stub, paper) == 1
    assert [ref.arxiv_id for ref in storage.load_document(highlight.parent).papers()] == [
        first.arxiv_id,
        paper.arxiv_id,
    ]
    assert Decision.objects.get().paper == paper
    assert [link.url for link in paper.links.all()] == ["https://github.com/a/b"]
    assert not Paper.objects.stubs().exists()


def test_the_paper_that_a_title_names_is_the_first_candidate() -> None:
    make_paper(title="Attention, again and again")
    named = make_paper(title="Attention: Again!")
    stub = make_paper(slug="a-stub", stub=True, title="Attention, again")
    assert stubs.find_candidates(stub)[0] == named


def test_merging_into_a_paper_that_is_there_already_leaves_it_once() -> None:
    stub, paper = make_paper(slug="a-stub", stub=True), make_paper()
    for each in (stub, paper):
        PaperLink.objects.create(paper=each, kind="code", url="https://github.com/a/b")
    highlight = make_highlight(paper, stub)
    assert stubs.merge_stub(stub, paper) == 0
    assert list(highlight.papers.all()) == [paper]


def test_what_was_published_stays_as_it_was_printed_when_a_stub_is_merged() -> None:
    stub, paper = make_paper(slug="a-stub", stub=True, title="As printed"), make_paper(title="As arXiv has it")
    issue = make_highlight(stub).parent
    document = publish.publish(issue, now=NOON, mail=False).value
    stubs.merge_stub(stub, paper)
    assert issue.public_edition is not None
    assert issue.public_edition.value == document


@pytest.mark.parametrize("into_stub", [True, False])
def test_only_a_stub_is_merged_and_only_into_a_paper(into_stub: bool) -> None:
    stub, paper = make_paper(slug="a-stub", stub=True), make_paper()
    with pytest.raises(stubs.NoSuchMatch, match="is a stub itself" if into_stub else "is no stub"):
        stubs.merge_stub(stub, make_paper(slug="other", stub=True)) if into_stub else stubs.merge_stub(paper, stub)


def test_a_stub_s_page_offers_papers_like_it_and_the_button_matches(editor: Client) -> None:
    paper = make_paper("2509.00007", title="On the Theoretical Limitations of Embedding-Based Retrieval")
    stub = make_paper(slug="a-stub", stub=True, title="Theoretical Limitations of Embedding Based Retrieval")
    highlight = make_highlight(stub)
    assert "2509.00007" in read(editor.get(address("stub", stub.pk)))
    page = read(editor.post(address("merge", stub.pk), {"paper": "arxiv.org/abs/2509.00007v1"}, follow=True))
    assert "moved: 1 highlight." in page
    assert list(highlight.papers.all()) == [paper]


def test_stubs_whose_title_names_one_paper_are_matched_at_once(editor: Client) -> None:
    paper = make_paper(title="Attention, again")
    sure = make_paper(slug="sure", stub=True, title="Attention again")
    unsure = make_paper(slug="unsure", stub=True, title="Something that nobody has heard of")
    highlight = make_highlight(sure, unsure)
    assert "1 stub is matched." in read(editor.post(address("merge_named"), follow=True))
    assert list(highlight.papers.order_by("title")) == [paper, unsure]


def test_a_paper_that_is_not_here_is_named(editor: Client) -> None:
    stub = make_paper(slug="a-stub", stub=True)
    page = read(editor.post(address("merge", stub.pk), {"paper": "2509.99999"}, follow=True))
    assert "“2509.99999” is no paper that is known here" in page


def test_a_paper_that_no_database_can_hold_is_not_known_either(editor: Client) -> None:
    stub = make_paper(slug="a-stub", stub=True)
    assert "is no paper that is known here" in read(
        editor.post(address("merge", stub.pk), {"paper": "a\0b"}, follow=True)
    )


def test_a_promise_is_a_link_that_is_printed_and_not_known() -> None:
    kept, waiting = make_paper(), make_paper()
    PaperLink.objects.create(paper=kept, kind="code", url="https://github.com/a/b")
    highlight = make_highlight(kept, waiting, printed_links="paper/code, paper/code")
    assert [(promise.paper, promise.kind) for promise in load_missing_links([highlight.parent])] == [(waiting, "code")]


def fill_desk() -> None:
    """One of everything that waits."""
    make_written_issue(series=make_series())
    make_written_issue(state="scheduled", publish_at=NOON)
    publish.publish(make_written_issue(), now=NOON, mail=False)
    make_highlight(make_paper(), printed_links="paper/code")
    make_highlight(make_paper(stub=True))


def test_the_desk_takes_as_many_queries_for_twice_as_much(editor: Client) -> None:
    fill_desk()
    few = queries_of(lambda: editor.get(DESK))
    fill_desk()
    assert queries_of(lambda: editor.get(DESK)) == few


def test_the_desk_names_what_waits(editor: Client) -> None:
    draft = make_written_issue(title="Half written")
    stub, paper = make_paper(title="Known by name", stub=True), make_paper(title="No code yet")
    make_highlight(paper, printed_links="paper/code", parent=draft)
    page = read(editor.get(DESK))
    for link in (address("publish", draft.pk), address("stub", stub.pk), "Half written", "No code yet"):
        assert link in page


def test_the_next_issue_of_a_series_begins_with_its_number(editor: Client) -> None:
    series = make_series(name="Weekly", default_access="supporters")
    make_issue(number=41)
    assert f"?series={series.pk}&amp;access=supporters&amp;number=42" in read(editor.get(DESK))


def test_staff_without_the_permission_see_no_desk(client: Client, django_user_model: Any) -> None:
    client.force_login(django_user_model.objects.create_user("helper", is_staff=True))
    assert "New issue" not in read(client.get(DESK))


@pytest.mark.parametrize("model", ["series", "poll", "topic"])
def test_a_list_takes_as_many_queries_for_twice_as_many_rows(editor: Client, model: str) -> None:
    def make(number: int) -> None:
        make_issue(series=make_series())
        Poll.objects.create(slug=f"poll-{number}", question="What next?")
        make_topic("agents", f"tag {number}")

    make(1)
    few = queries_of(lambda: editor.get(address(f"{model}_changelist")))
    make(2)
    assert queries_of(lambda: editor.get(address(f"{model}_changelist"))) == few
