"""A new issue begins as its series says: with its blocks, its access, the next number."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from issues import storage
from issues.editorial.new_issue import begin_issue
from issues.editorial.preflight.structure import find_unwritten
from issues.models import Issue, Series, Text
from tests.builders import make_issue, make_paper, make_series
from tests.desk import posted, sign_in
from tests.issues.admin.test_issue_page import new_block

pytestmark = pytest.mark.django_db
ADD = reverse("admin:issues_issue_add")
PLAN = "text: Welcome\nteasers\nglossary: Quick Glossary\nhighlight\ntext: Wrap-Up"
KINDS = ["text", "teasers", "glossary", "highlight", "text"]


@pytest.fixture
def editor(client: Client) -> Client:
    return sign_in(client)


def added(editor: Client, series: Series | None, **fields: Any) -> Issue:
    """The issue that the admin's form made."""
    data = posted(editor.get(ADD)) | {"title": "New", "slug": "new", "series": series.pk if series else "", **fields}
    response = editor.post(ADD, data)
    assert response.status_code == 302, response.context["errors"]
    return Issue.objects.get(slug="new")


def kinds(issue: Issue) -> list[str]:
    return [block.kind for block in storage.load_document(issue).blocks]


def test_a_new_issue_begins_with_the_blocks_of_its_series(editor: Client) -> None:
    issue = added(editor, make_series(blocks=PLAN))
    assert kinds(issue) == KINDS
    assert [getattr(block, "heading", None) for block in storage.load_document(issue).blocks][::2] == [
        "Welcome",
        "Quick Glossary",
        "Wrap-Up",
    ]


def test_blocks_that_the_editor_wrote_are_all_that_a_new_issue_has(editor: Client) -> None:
    series = make_series(blocks=PLAN)
    data = new_block(posted(editor.get(ADD)), "text", text="Hello.") | {"title": "New", "slug": "new"}
    editor.post(ADD, data | {"series": series.pk})
    assert kinds(Issue.objects.get()) == ["text"]


def test_an_issue_begins_once(editor: Client) -> None:
    issue = added(editor, make_series(blocks=PLAN))
    Text.objects.filter(parent=issue).delete()
    change = reverse("admin:issues_issue_change", args=[issue.pk])
    assert editor.post(change, posted(editor.get(change))).status_code == 302
    assert kinds(issue) == ["teasers", "glossary", "highlight"]
    assert not begin_issue(issue)


def test_the_series_of_an_issue_that_is_there_adds_nothing(editor: Client) -> None:
    issue, series = make_issue(), make_series(blocks=PLAN)
    change = reverse("admin:issues_issue_change", args=[issue.pk])
    editor.post(change, posted(editor.get(change)) | {"series": series.pk})
    assert kinds(issue) == []


def test_pasted_papers_stand_where_the_series_plans_its_highlights(editor: Client) -> None:
    papers = [make_paper(), make_paper()]
    ids = " ".join(str(paper.arxiv_id) for paper in papers)
    issue = added(editor, make_series(blocks=PLAN, part_labels="Why?"), add_papers=ids)
    assert kinds(issue) == ["text", "teasers", "glossary", "highlight", "highlight", "text"]
    assert [paper.arxiv_id for paper in storage.load_document(issue).papers()] == [paper.arxiv_id for paper in papers]


def test_blocks_still_to_be_written_are_saved_with_the_rest(editor: Client) -> None:
    issue = added(editor, make_series(blocks=f"{PLAN}\nthemes\nsponsor: A word\npaywall"))
    change = reverse("admin:issues_issue_change", args=[issue.pk])
    assert editor.post(change, posted(editor.get(change))).status_code == 302
    assert kinds(issue) == [*KINDS, "themes", "sponsor", "paywall"]


def test_what_is_still_to_be_written_is_named() -> None:
    issue = make_issue(series=make_series(blocks=PLAN))
    begin_issue(issue)
    Text.objects.filter(heading="Wrap-Up").update(text="Bye.")
    assert [sentence.partition(" is still")[0] for sentence in find_unwritten(storage.load_document(issue))] == [
        "Block 1 (Welcome)",
        "Block 2 (teasers)",
        "Block 3 (Quick Glossary)",
        "Block 4 (highlight)",
    ]


@pytest.mark.parametrize(("given", "access"), [("", "supporters"), ("everyone", "everyone")])
def test_access_is_that_of_the_series_unless_the_editor_says_otherwise(editor: Client, given: str, access: str) -> None:
    assert added(editor, make_series(default_access="supporters"), access=given).access == access


def test_an_issue_without_a_series_is_for_everyone(editor: Client) -> None:
    issue = added(editor, None)
    assert (issue.access, issue.number, kinds(issue)) == ("everyone", None, [])


@pytest.mark.parametrize(("numbered", "given", "number"), [(True, "", 42), (True, "50", 50), (False, "", None)])
def test_an_issue_of_a_numbered_series_gets_the_next_number(
    editor: Client, numbered: bool, given: str, number: int | None
) -> None:
    make_issue(number=41)
    assert added(editor, make_series(numbered=numbered), number=given).number == number


def test_a_plan_that_names_no_block_is_refused(editor: Client) -> None:
    add = reverse("admin:issues_series_add")
    data = posted(editor.get(add)) | {"name": "Weekly", "slug": "weekly", "blocks": "text: Welcome\nintro"}
    assert "“intro” is no kind of block" in str(editor.post(add, data).context["errors"])
    assert editor.post(add, data | {"blocks": PLAN}).status_code == 302
    assert Series.objects.get().blocks == PLAN
