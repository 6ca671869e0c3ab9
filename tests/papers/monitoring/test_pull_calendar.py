"""The pull calendar: what an editor sees of each category's day, and the list of pulls below it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import lxml.html
import pytest
import time_machine
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from papers.ingest.request_day import ask_again
from papers.models import Pull, Watch
from papers.monitoring.pull_calendar import CalendarCell, load_calendar
from tests.desk import queries_of, sign_in
from tests.papers.monitoring.test_feed_alarms import make_feed, make_harvest

TUESDAY, SATURDAY, THANKSGIVING = date(2026, 11, 24), date(2026, 11, 21), date(2026, 11, 27)
EVENING = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)
DAY = timedelta(days=1)
PAGE = "/admin/papers/pull/"
pytestmark = pytest.mark.django_db


def make_watch(*categories: str) -> Watch:
    created = datetime(2026, 1, 1, tzinfo=UTC)
    return Watch.objects.create(name="Agents", slug="agents", categories=list(categories or ["cs.CL"]), created=created)


def cell(day: date = TUESDAY, *, now: datetime = EVENING) -> CalendarCell:
    return next(row.cells[0] for row in load_calendar(now).rows if row.day == day)


def shown(found: CalendarCell) -> tuple[str, str]:
    return (str(found.state), f"{found.symbol} {found.count}".strip())


@pytest.mark.parametrize(
    ("state", "sign", "pulls"),
    [
        ("complete", "✓ 104", [make_feed(records=104)]),
        ("complete", "✓ 104", [make_feed(records=104), make_harvest()]),
        ("complete", "✓ 130", [make_harvest()]),
        ("complete", "✓", [make_harvest(set_spec="cs")]),
        ("pending", "…", [make_feed(outcome="pending", records=0, reason="HTTP 503")]),
        ("refused", "✕", [make_feed(outcome="refused", records=0, reason="HTTP 403")]),
        ("none", "·", []),
    ],
)
def test_a_day_is_what_its_feed_or_oai_brought(state: str, sign: str, pulls: list[Pull]) -> None:
    make_watch()
    for pull in pulls:
        Pull(
            **{field.name: getattr(pull, field.name) for field in Pull._meta.concrete_fields if field.name != "id"}
        ).save()
    assert shown(cell(now=EVENING - timedelta(hours=8))) == (state, sign)


def test_what_is_suspicious_says_why() -> None:
    make_watch()
    Pull.objects.bulk_create(make_feed(day=TUESDAY - number * DAY, records=100) for number in (1, 4, 5, 6, 7, 8))
    make_feed(records=3).save()
    found = cell()
    assert shown(found) == ("suspicious", "! 3")
    assert found.label == "cs.CL, Tuesday 24 November: suspicious, 3 papers, 3 papers, 100 to 100 lately"


def test_a_suspicious_day_that_was_asked_for_again_says_so() -> None:
    make_watch()
    make_feed(records=0).save()
    ask_again(TUESDAY, ["cs.CL"], EVENING)
    found = cell()
    assert shown(found) == ("suspicious", "!… 0")
    assert found.label == "cs.CL, Tuesday 24 November: suspicious, 0 papers, asked for again"


@pytest.mark.parametrize("day", [SATURDAY, TUESDAY - 3 * DAY])
def test_a_weekend_is_empty_as_expected(day: date) -> None:
    make_watch()
    assert cell(day).state == "empty"


def test_the_calendar_turns_by_five_weeks() -> None:
    make_watch()
    newest = load_calendar(EVENING)
    older = load_calendar(EVENING, newest.older)
    assert (newest.rows[0].day, len(newest.rows), newest.newer) == (TUESDAY, 35, None)
    assert (older.rows[0].day, older.newer) == (TUESDAY - 35 * DAY, TUESDAY)


def test_a_category_that_was_followed_once_stands_there_while_it_has_pulls() -> None:
    make_feed("cs.AI").save()
    make_watch("cs.CL")
    assert load_calendar(EVENING).categories == ("cs.AI", "cs.CL")


@pytest.fixture
def editor(client: Client) -> Any:
    with time_machine.travel(EVENING, tick=False):
        yield sign_in(client)


def test_a_click_leads_to_the_pulls_of_that_day_and_category(editor: Client) -> None:
    make_watch()
    make_feed().save()
    make_harvest().save()
    make_feed("cs.AI").save()
    page = lxml.html.fromstring(editor.get(PAGE).content.decode())
    (link,) = page.xpath("//a[starts-with(@aria-label, 'cs.CL, Tuesday 24 November')]")
    listed = editor.get(PAGE, parse_qs(urlsplit(link.get("href")).query)).context["cl"].result_list
    assert {pull.set_spec for pull in listed} == {"cs.CL", "cs:cs:CL"}


def test_each_day_has_its_sign_and_its_words(editor: Client) -> None:
    make_watch()
    make_feed().save()
    page = lxml.html.fromstring(editor.get(PAGE).content.decode())
    (link,) = page.xpath("//a[@aria-label='cs.CL, Tuesday 24 November: complete, 100 papers']")
    assert link.text_content().split() == ["✓", "100"]


def test_a_page_of_the_calendar_is_asked_for_by_its_last_day(editor: Client) -> None:
    make_watch()
    answer = editor.get(PAGE, {"until": "2026-10-20"})
    assert (answer.status_code, answer.context["calendar"].rows[0].day) == (200, date(2026, 10, 20))


@pytest.mark.parametrize("until", ["", "soon", "2026-13-40", "9999-12-31", "0001-01-01"])
def test_what_is_no_day_shows_a_page_all_the_same(editor: Client, until: str) -> None:
    assert editor.get(PAGE, {"until": until}).status_code == 200


def test_without_a_watch_the_page_says_so(editor: Client) -> None:
    assert "No category is followed yet" in editor.get(PAGE).content.decode()


def test_the_list_is_searched_and_filtered_and_changed_by_nobody(editor: Client) -> None:
    pull = make_feed(outcome="pending", records=0, reason="HTTP 503")
    pull.save()
    make_feed("cs.AI").save()
    listed = editor.get(PAGE, {"q": "503", "source__exact": "rss"}).context["cl"].result_list
    assert list(listed) == [pull]
    page = editor.get(reverse("admin:papers_pull_change", args=[pull.pk])).content.decode()
    assert "HTTP 503" in page
    assert 'name="reason"' not in page


def test_twice_the_pulls_take_no_more_queries(editor: Client) -> None:
    make_watch("cs.CL", "cs.AI")
    days = [TUESDAY - number * DAY for number in range(20)]
    Pull.objects.bulk_create(make_feed(day=day) for day in days[:10])
    first = queries_of(lambda: editor.get(PAGE))
    Pull.objects.bulk_create(make_feed("cs.AI", day) for day in days)
    Pull.objects.bulk_create(make_feed(day=day) for day in days[10:])
    assert queries_of(lambda: editor.get(PAGE)) == first


def waiting() -> list[tuple[str, str, date]]:
    return list(Pull.objects.unfinished().order_by("set_spec").values_list("source", "set_spec", "day"))


def test_asking_again_leaves_a_window_for_each_category_once() -> None:
    assert ask_again(TUESDAY, ["cs.CL", "hep-th"], EVENING) == 2
    assert ask_again(TUESDAY, ["cs.CL"], EVENING) == 0
    assert waiting() == [("oai", "cs:cs:CL", TUESDAY), ("oai", "physics:hep-th", TUESDAY)]


def test_an_editor_asks_again_for_a_day(editor: Client) -> None:
    make_watch()
    answer = editor.post(f"{PAGE}ask-again/", {"day": "2026-11-23"}, follow=True)
    assert "1 category of 2026-11-23 is asked for again." in answer.content.decode()
    assert waiting() == [("oai", "cs:cs:CL", date(2026, 11, 23))]


@pytest.mark.parametrize("day", ["", "2026-11-25", "2026-99-99"])
def test_a_day_that_has_not_come_is_not_asked_for(editor: Client, day: str) -> None:
    make_watch()
    assert "Name a day that has come" in editor.post(f"{PAGE}ask-again/", {"day": day}, follow=True).content.decode()
    assert waiting() == []


def test_asking_again_is_posted_by_whoever_may(client: Client) -> None:
    user = User.objects.create_user("helper", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_pull"))
    client.force_login(user)
    assert client.get(f"{PAGE}ask-again/").status_code == 405
    assert client.post(f"{PAGE}ask-again/", {"day": "2026-11-23"}).status_code == 403
    assert "ask again" not in client.get(PAGE).content.decode()


def test_the_list_says_of_each_pull_what_was_asked_and_what_came(client: Client) -> None:
    sign_in(client)
    make_feed(outcome="pending", records=1_104, new=1_003, failed=2, reason="arXiv answers 503").save()
    make_feed(records=7).save()
    page = lxml.html.fromstring(client.get(PAGE).content)
    rows = [[" ".join(cell.text_content().split()) for cell in row[1:]] for row in page.xpath("//tbody/tr[th/a]")]
    assert ["cs.CLannouncement feed", "to be gone on witharXiv answers 503", "1,1041,003 new2 unreadable"] in rows
    assert " ".join(page.xpath("//p[@class='paginator']")[0].text_content().split()) == "2 pulls"
    assert page.xpath("//div[@class='breadcrumbs']")[0].text_content().split()[-2:] == ["Pull", "calendar"]
