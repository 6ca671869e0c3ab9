"""The links that issues rely on, and what editors are told of those that died."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings

from issues import tasks
from issues.coverage import link_health
from issues.models import Highlight, Issue
from llmwatch import tick
from papers.models import Paper, PaperLink
from tests.builders import NOON, make_decision, make_issue, make_paper
from tests.desk import queries_of, sign_in

pytestmark = pytest.mark.django_db

WEEK = timedelta(days=7)


def make_issue_with(*papers: Paper, published: bool = True) -> Issue:
    issue = make_issue(state="published", published_at=NOON) if published else make_issue()
    for place, paper in enumerate(papers):
        Highlight.objects.create(parent=issue, ordering=place, text="Why.").papers.add(paper)
    return issue


def make_link(paper: Paper, url: str = "https://github.com/a/b", *, dead: bool = False) -> PaperLink:
    link = paper.links.create(kind="code", url=url)
    if dead:
        link.failed(NOON - 2 * WEEK, "HTTP 404", gone=True)
        link.failed(NOON - WEEK, "HTTP 404", gone=True)
    return link


def read(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def test_links_of_papers_in_issues_are_worth_a_check_and_others_are_not() -> None:
    covered, drafted, other = make_paper(), make_paper(), make_paper()
    links = [make_link(paper) for paper in (covered, drafted, other)]
    make_issue_with(covered)
    make_issue_with(drafted, published=False)
    assert list(link_health.links_worth_checking().order_by("pk")) == links[:2]


def test_links_of_removed_issues_are_not_worth_a_check() -> None:
    issue = make_issue_with(paper := make_paper())
    make_link(paper)
    Issue.objects.filter(pk=issue.pk).update(state=Issue.State.REMOVED)
    assert not link_health.links_worth_checking().exists()


def test_papers_of_drafts_of_new_issues_and_of_the_shortlist_are_of_interest() -> None:
    drafted, covered, shortlisted, dismissed, old = (make_paper() for _ in range(5))
    make_issue_with(drafted, published=False)
    make_issue_with(covered)
    make_decision(paper=shortlisted, at=NOON)
    make_decision(paper=dismissed, at=NOON, state="dismissed")
    Issue.objects.filter(pk=make_issue_with(old).pk).update(published_at=NOON - 7 * WEEK)
    assert link_health.papers_of_interest(NOON) == {drafted.pk, covered.pk, shortlisted.pk}


def test_a_dead_link_is_told_with_the_newest_issue_of_its_paper() -> None:
    link = make_link(paper := make_paper(), dead=True)
    newest = make_issue_with(paper)
    Issue.objects.filter(pk=make_issue_with(paper).pk).update(published_at=NOON - WEEK)
    make_issue_with(paper, published=False)
    assert link_health.dead_links() == [link_health.DeadLink(link, newest)]


def test_a_dead_link_of_a_paper_in_no_published_issue_is_not_told() -> None:
    make_link(paper := make_paper(), dead=True)
    make_issue_with(paper, published=False)
    assert link_health.dead_links() == []


def add_dead_links(issue: Issue, many: int) -> None:
    for paper in (make_paper() for _ in range(many)):
        make_link(paper, dead=True)
        Highlight.objects.create(parent=issue, text="Why.").papers.add(paper)


def test_the_desk_names_dead_links_in_a_constant_number_of_queries(client: Client) -> None:
    sign_in(client)
    add_dead_links(issue := make_issue_with(), 1)
    few = queries_of(lambda: client.get(reverse("admin:index")))
    add_dead_links(issue, 2)
    assert queries_of(lambda: client.get(reverse("admin:index"))) == few
    page = read(client, reverse("admin:index"))
    assert "3 dead links of papers in published issues" in page
    assert "HTTP 404 · since 2025-08-24" in page


def test_the_publish_page_names_printed_links_that_are_dead_or_failed_lately(client: Client) -> None:
    sign_in(client)
    dead, failing, fine = (make_paper(title=title) for title in ("Dead", "Failing", "Fine"))
    make_link(dead, dead=True)
    make_link(failing, "https://github.com/c/d").failed(NOON, "HTTP 500", gone=False)
    make_link(fine, "https://github.com/e/f").answered(NOON)
    page = read(
        client, reverse("admin:issues_publish", args=[make_issue_with(dead, failing, fine, published=False).pk])
    )
    assert "The code link of “Dead” is dead (HTTP 404 since 2025-08-24): https://github.com/a/b." in page
    assert "The code link of “Failing” failed when it was checked (HTTP 500): https://github.com/c/d." in page
    assert "“Fine”" not in page


def test_a_tick_hands_out_the_links_and_papers_that_are_due(queue: Any) -> None:
    make_link(paper := make_paper())
    make_issue_with(paper)
    assert tick.tick(NOON).problems == ()
    assert queue.llen("celery") == 2


def test_nobody_is_asked_where_hugging_face_is_switched_off(queue: Any, settings: Settings) -> None:
    settings.HF_API_URL = ""
    make_issue_with(make_paper())
    assert tasks.dispatch_due(NOON) == ()
    assert queue.llen("celery") == 0


def test_the_tasks_may_run_for_nothing() -> None:
    assert tasks.check_links.apply(args=([7],)).successful()
    assert tasks.ask_hugging_face.apply(args=([7],)).successful()
