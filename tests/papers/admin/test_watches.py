"""Watches are written, tried on the last week and listed in the admin."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from papers.models import Paper, Watch, WatchMatch
from tests.builders import make_paper, make_watch
from tests.desk import posted, queries_of, sign_in

pytestmark = pytest.mark.django_db
LIST = reverse("admin:papers_watch_changelist")
ADD = reverse("admin:papers_watch_add")
PREVIEW = reverse("admin:papers_watch_preview")
ASKED = {"usual": ["cs.CL"], "others": "", "words": "agents", "authors": ""}
NAMED = {"name": "Agents", "slug": "agents", "active": "on"}


@pytest.fixture
def editor(client: Client) -> Client:
    return sign_in(client)


def make_news(title: str, **fields: Any) -> Paper:
    return make_paper(title=title, announced=date(2025, 9, 8), **fields)


def change(watch: Watch) -> str:
    return reverse("admin:papers_watch_change", args=[watch.pk])


def said(editor: Client, **asked: Any) -> str:
    return " ".join(editor.post(PREVIEW, {**ASKED, **asked}).content.decode().split())


def test_a_watch_is_saved_and_matched_at_once(editor: Client) -> None:
    make_news("On agents")
    page = editor.post(ADD, {**NAMED, **ASKED, "others": "STAT.ml, math.ST"}, follow=True).content.decode()
    watch = Watch.objects.get()
    assert (watch.categories, watch.words, watch.authors) == (["cs.CL", "stat.ML", "math.ST"], "agents", [])
    assert watch.matches.count() == 1
    assert "It matches 1 paper of the last 30 days" in page


def test_a_watch_that_is_saved_unchanged_stays_as_it_is(editor: Client) -> None:
    watch = make_watch(categories=["cs.CL", "math.ST"], words='"a b" -c1', authors=["Kaiming He", "Orion Weller"])
    before = Watch.objects.values().get()
    editor.post(change(watch), posted(editor.get(change(watch))))
    assert Watch.objects.values().get() == before


def test_a_changed_watch_is_matched_again(editor: Client) -> None:
    watch = make_watch(slug="agents")
    WatchMatch.objects.create(watch=watch, paper=make_news("On birds"))
    editor.post(change(watch), {**NAMED, **ASKED})
    assert not watch.matches.exists()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"usual": []}, "Choose a category: a watch looks at its papers."),
        ({"others": "cs.xx!"}, "“cs.xx!” is no category of arXiv; write it like cs.CL."),
        ({"others": "cs"}, "“cs” is no category of arXiv; write it like cs.CL."),
        ({"words": "agents (plan"}, "A bracket opened at character 8 is not closed."),
        ({"words": "the"}, "These words are in nearly every paper and are not looked for; add others."),
        ({"authors": "A B\n" * 101}, "Name no more than 100 authors."),
    ],
)
def test_what_is_wrong_is_said_where_it_stands_and_in_the_preview(
    editor: Client, given: dict[str, Any], sentence: str
) -> None:
    assert sentence in said(editor, **given)
    assert sentence in editor.post(ADD, {**NAMED, **ASKED, **given}).content.decode()
    assert not Watch.objects.exists()


def test_two_watches_do_not_share_a_slug(editor: Client) -> None:
    make_watch(slug="agents")
    assert "Another watch has this slug" in editor.post(ADD, {**NAMED, **ASKED}).content.decode()


def test_the_preview_counts_and_names_what_would_have_matched(editor: Client) -> None:
    make_news("On agents")
    make_news("<b>Agents</b> & plans", authors=["Kaiming He"])
    make_news("On birds", authors=["Kaiming He"])
    text = said(editor, authors="Kaiming He\nNobody Atall")
    assert "Would have matched <strong>3</strong> of last week's 3 papers" in text
    assert "(8 Sep 2025)" in text
    assert "&lt;b&gt;Agents&lt;/b&gt; &amp; plans" in text
    assert "2 by their words, 2 by an author." in text
    assert "No paper here is by “Nobody Atall”" in text


def test_the_preview_shows_ten_and_counts_the_others(editor: Client) -> None:
    for number in range(12):
        make_news(f"Agents {number}")
    text = said(editor)
    assert (text.count("<li><a"), "and 2 others" in text) == (10, True)


def test_without_announcements_the_preview_says_why_it_is_empty(editor: Client) -> None:
    assert "No paper here has a day of announcement yet" in said(editor)


def test_a_preview_needs_no_name_and_saves_nothing(editor: Client) -> None:
    make_news("On agents")
    page = editor.post(ADD, {**NAMED, **ASKED, "_preview": ""}).content.decode()
    assert "Would have matched <strong>1</strong>" in page
    assert "Please correct" not in page
    assert not Watch.objects.exists()


def test_an_old_watch_opens_with_its_preview(editor: Client) -> None:
    make_news("On agents")
    assert "Would have matched <strong>1</strong>" in editor.get(change(make_watch())).content.decode()
    assert "here stands what they would have matched" in editor.get(ADD).content.decode()


def test_a_watch_whose_words_cannot_be_read_can_be_mended(editor: Client) -> None:
    assert "A bracket opened at character 1" in editor.get(change(make_watch(words="(a"))).content.decode()


def test_the_list_counts_the_matches_of_the_last_week_and_leads_to_them(editor: Client) -> None:
    watch = make_watch(slug="agents")
    for paper in (make_news("On agents"), make_news("Agents"), make_paper(announced=date(2025, 8, 1))):
        WatchMatch.objects.create(watch=watch, paper=paper)
    make_news("Birds")
    for day in range(2, 8):
        make_paper(announced=date(2025, 9, day))
    address = reverse("admin:papers_paper_changelist") + "?watch=agents"
    assert f'<a href="{address}">2</a>' in editor.get(LIST).content.decode()
    page = editor.get(address).content.decode()
    assert "On agents" in page
    assert "Birds" not in page


def test_the_list_takes_as_many_queries_for_twice_as_many_watches(editor: Client) -> None:
    make_watch()
    few = queries_of(lambda: editor.get(LIST))
    make_watch()
    make_watch()
    assert queries_of(lambda: editor.get(LIST)) == few


def test_to_delete_a_watch_counts_its_matches(editor: Client) -> None:
    watch = make_watch()
    for _ in range(3):
        WatchMatch.objects.create(watch=watch, paper=make_paper())
    page = editor.get(reverse("admin:papers_watch_delete", args=[watch.pk])).content.decode()
    assert "Matches: 3" in page
    editor.post(reverse("admin:papers_watch_delete", args=[watch.pk]), {"post": "yes"})
    assert not WatchMatch.objects.exists()


def test_whoever_may_not_see_watches_tries_none(client: Client) -> None:
    client.force_login(User.objects.create_user("visitor", is_staff=True))
    assert client.post(PREVIEW, ASKED).status_code == 403
    assert client.get(PREVIEW).status_code == 405


def test_whoever_may_only_look_sees_a_watch(client: Client) -> None:
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_watch"))
    client.force_login(reader)
    page = client.get(change(make_watch(words="agents", authors=["Kaiming He"]))).content.decode()
    assert "agents" in page
    assert client.post(ADD, {**NAMED, **ASKED}).status_code == 403
