"""Hugging Face is asked politely about the papers that matter, and what it says is kept."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from core.clock import Clock
from core.models import Alarm, RateLimit
from papers.enrichment import huggingface
from papers.models import HuggingFacePage, Paper, PaperEvent, PaperLink, PaperSignal, Watch, WatchMatch
from tests.builders import NOON, make_paper
from tests.papers.hugging_face import HuggingFace, make_page, serving

pytestmark = pytest.mark.django_db

ID = "2509.02208"
DAY = timedelta(days=1)


@pytest.fixture
def there(settings: Settings) -> Iterator[HuggingFace]:
    with serving() as server:
        settings.HF_API_URL = server.url
        yield server


def ask(*papers: Paper, at: timedelta = timedelta()) -> dict[str, int]:
    clock = Clock(now=lambda: NOON + at, sleep=lambda seconds: None)
    return dict(huggingface.ask_hugging_face([paper.pk for paper in papers], clock=clock).counts)


def test_links_and_figures_are_kept(there: HuggingFace) -> None:
    paper = make_paper(ID)
    there.gives(make_page(ID, githubRepo="https://github.com/a/b"))
    assert ask(paper) == {"known": 1, "unknown": 0, "links": 1, "failed": 0}
    assert paper.links.get().where == PaperLink.Where.HUGGINGFACE
    assert paper.signals.values_list("name", "value", "seen").get() == ("upvotes", 12, NOON)
    assert [agent.startswith("llmwatch/") for agent in there.agents] == [True]


def test_a_paper_without_a_page_is_unknown_and_no_failure(there: HuggingFace) -> None:
    paper = make_paper()
    assert ask(paper)["unknown"] == 1
    assert not HuggingFacePage.objects.get(paper=paper).known


def test_a_paper_is_asked_about_again_after_a_day_a_week_and_a_month_and_then_no_more(there: HuggingFace) -> None:
    paper = make_paper()
    days = [day for day in range(100) if sum(ask(paper, at=day * DAY).values())]
    assert days == [0, 1, 8, 38]


def test_upvotes_are_kept_as_they_grow(there: HuggingFace) -> None:
    paper = make_paper(ID)
    there.gives(make_page(ID, upvotes=1))
    ask(paper)
    there.gives(make_page(ID, upvotes=9))
    ask(paper, at=DAY)
    assert list(PaperSignal.objects.order_by("seen").values_list("value", flat=True)) == [1, 9]


def test_a_code_link_that_arrives_later_is_news_and_one_found_at_once_is_not(there: HuggingFace) -> None:
    late, early = make_paper("2509.00001"), make_paper("2509.00002")
    code = make_page(early.key, githubRepo="https://github.com/a/early")
    there.answer = lambda key: (200, code if key == early.key else make_page(key), {})
    ask(late, early)
    there.gives(make_page(late.key, githubRepo="https://github.com/a/late"))
    ask(late, at=DAY)
    assert PaperEvent.objects.values_list("paper", "kind", "detail").get() == (
        late.pk,
        "code",
        "https://github.com/a/late",
    )


def test_a_link_that_the_paper_has_in_another_spelling_is_not_added(there: HuggingFace) -> None:
    paper = make_paper(ID)
    paper.links.create(kind="code", url="https://github.com/Owner/Repo", where="abstract")
    there.gives(make_page(ID, githubRepo="https://github.com/owner/repo"))
    assert ask(paper)["links"] == 0


def test_a_refusal_closes_the_lane_for_a_day_and_raises_an_alarm(there: HuggingFace) -> None:
    there.gives(b"", 403)
    assert ask(make_paper(), make_paper())["failed"] == 1
    assert ask(make_paper())["failed"] == 1
    assert len(there.asked) == 1
    assert Alarm.objects.open().get().key == "huggingface.refused"


def test_the_alarm_ends_where_hugging_face_is_switched_off(there: HuggingFace, settings: Settings) -> None:
    there.gives(b"", 403)
    ask(make_paper())
    huggingface.lower_if_unasked()
    assert Alarm.objects.open().count() == 1
    settings.HF_API_URL = ""
    huggingface.lower_if_unasked()
    assert Alarm.objects.open().count() == 0


def test_too_many_requests_rest_as_long_as_the_answer_says(there: HuggingFace) -> None:
    there.gives(b"", 429, Retry_After="1800")
    ask(make_paper(), make_paper())
    lane = RateLimit.objects.get(name=huggingface.RATE_LIMIT_NAME)
    assert lane.closed_until == NOON + timedelta(minutes=30)
    assert len(there.asked) == 1


@pytest.mark.parametrize("body", [b"<html>", b"x" * 1_000_001])
def test_an_answer_that_is_no_page_leaves_the_paper_for_later(there: HuggingFace, body: bytes) -> None:
    paper = make_paper()
    there.gives(body)
    assert ask(paper)["failed"] == 1
    assert ask(paper)["failed"] == 0
    there.gives(make_page(paper.key))
    assert ask(paper, at=timedelta(hours=1))["known"] == 1


def test_a_redirect_is_not_followed(there: HuggingFace) -> None:
    there.gives(b"", 302, Location="http://127.0.0.1:9/")
    assert ask(make_paper())["failed"] == 1


def test_papers_that_a_watch_matched_lately_are_due_the_newest_first() -> None:
    watch = Watch.objects.create(name="Agents", slug="agents", categories=["cs.CL"])
    old, new, elsewhere, stale = make_paper(), make_paper(), make_paper(slug="a-post"), make_paper()
    for paper, days in ((old, 3), (new, 1), (elsewhere, 1), (stale, 50)):
        WatchMatch.objects.create(watch=watch, paper=paper, matched_at=NOON - days * DAY)
    given = make_paper(announced=(NOON - DAY).date())
    make_paper()
    assert list(huggingface.due_papers([given.pk], NOON)) == [given, new, old]


def test_papers_that_were_asked_about_are_not_due_until_their_time(there: HuggingFace) -> None:
    paper = make_paper()
    ask(paper)
    assert not huggingface.due_papers([paper.pk], NOON).exists()
    assert huggingface.due_papers([paper.pk], NOON + DAY).exists()


def test_two_that_ask_at_once_ask_about_a_paper_once() -> None:
    paper = make_paper()
    assert HuggingFacePage.objects.claim(paper.pk, NOON)
    assert not HuggingFacePage.objects.claim(paper.pk, NOON)
