"""The numbers as an editor sees them: on one page, by issue, for a sponsor, and as files."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from mailings.models import Mailing
from tests.builders import NOON, make_issue, make_subscriber
from tests.mailings.stats.counted import deliver, make_link, make_mailing, make_sponsor, tell

pytestmark = pytest.mark.django_db
PAGE = "/admin/numbers/"


def make_full_mailing(**fields: Any) -> Mailing:
    """With a sponsor's link that was followed, and a bounce."""
    mailing = make_mailing(make_issue(state="published", published_at=NOON, **fields), sent=5, failed=1)
    block = make_sponsor(mailing)
    make_link(mailing, 3, robots=2, block=str(block.uuid), kind="sponsor", place=block.heading, label="Enrol")
    tell(mailing.deliveries.filter(state="sent")[0], "hard")
    return mailing


def html(response: Any) -> str:
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def rows(response: Any) -> list[dict[str, str]]:
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(response.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_the_page_says_of_each_mailing_what_became_of_it(editor: Client) -> None:
    make_full_mailing(title="Nine papers", slug="nine")
    page = html(editor.get(PAGE))
    assert 'href="/admin/numbers/issues/nine/">Nine papers</a>' in page
    assert '<td>4 <span class="soft">66.7 %</span></td>' in page
    assert '<td>1 <span class="soft">1 failed</span></td>' in page
    assert "Enrol" in page
    assert 'href="/admin/numbers/sponsors/courses.example/"' in page


def test_the_page_has_a_word_for_everything_that_is_not_there_yet(editor: Client) -> None:
    page = html(editor.get(PAGE))
    for sentence in ("No issue was mailed yet.", "Clicks are not counted", "No published issue has", "Nobody has"):
        assert sentence in page
    assert "<strong>0</strong> active subscribers" in page


def test_the_page_says_when_clicks_are_counted_and_none_came(editor: Client, settings: Settings) -> None:
    settings.COUNT_CLICKS = True
    assert "No click was counted yet." in html(editor.get(PAGE))


def test_no_address_is_on_any_page_or_in_any_file(editor: Client) -> None:
    mailing = make_full_mailing(slug="nine")
    deliver(mailing, make_subscriber("reader7@example.org", name="Reader 7"))
    for path in ("", "issues/nine/", "sponsors/courses.example/"):
        page = editor.get(PAGE + path).content.decode()
        assert "reader7" not in page.lower()
        assert "Reader 7" not in page
    for name in ("issues.csv", "growth.csv", "links.csv", "sponsors/courses.example.csv"):
        assert b"@" not in b"".join(editor.get(PAGE + name).streaming_content)  # type: ignore[attr-defined]


@pytest.mark.parametrize("count", [1, 3])
def test_any_number_of_mailings_costs_the_same_queries(
    editor: Client, count: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    for number in range(count):
        make_full_mailing(slug=f"issue-{number}")
    with django_assert_num_queries(21):
        editor.get(PAGE)


def test_the_page_of_an_issue_has_all_its_links(editor: Client) -> None:
    mailing = make_full_mailing(title="Nine papers", slug="nine")
    make_link(mailing, label="Never followed")
    make_link(mailing, 9, is_trap=True, url="https://news.example.org/p/nine/", label="The trap")
    page = html(editor.get("/admin/numbers/issues/nine/"))
    assert "Never followed" in page
    assert "The trap" not in page
    assert f'href="/admin/mailings/mailing/{mailing.pk}/change/"' in page


def test_the_page_of_an_issue_that_was_not_mailed_says_so(editor: Client) -> None:
    make_issue(slug="draft")
    page = html(editor.get("/admin/numbers/issues/draft/"))
    assert "No issue was mailed yet." in page
    assert editor.get("/admin/numbers/issues/nonesuch/").status_code == 404


def test_the_report_for_a_sponsor_says_where_it_ran_and_what_was_followed(editor: Client) -> None:
    make_full_mailing(title="Nine papers")
    page = html(editor.get("/admin/numbers/sponsors/courses.example/"))
    assert "Ran in 1 issue of LLM Watch" in page
    assert "Mailed to 6 subscribers, delivered to 4 (66.7 %)." in page
    assert "<td>3</td>" in page
    assert editor.get("/admin/numbers/sponsors/nobody.example/").status_code == 404


def test_the_file_of_issues_adds_up(editor: Client) -> None:
    make_full_mailing(slug="nine")
    (row,) = rows(editor.get(PAGE + "issues.csv"))
    parts = "delivered bounced waiting failed suppressed cancelled uncertain".split()
    assert int(row["audience"]) == sum(int(row[part]) for part in parts) == 6
    assert (row["issue"], row["clicks"], row["robots_left_out"]) == ("nine", "3", "2")


def test_what_is_not_counted_is_empty_in_the_file(editor: Client) -> None:
    make_mailing(sent=1)
    (row,) = rows(editor.get(PAGE + "issues.csv"))
    assert row["clicks"] == ""


def test_the_file_of_growth_has_each_week_and_source(editor: Client) -> None:
    make_subscriber(confirmed_at=NOON)
    make_subscriber(confirmed_at=NOON, state="bounced", left_at=NOON + timedelta(weeks=1))
    found = rows(editor.get(PAGE + "growth.csv"))
    assert [(row["week"], row["joined"], row["unreachable"], row["net"], row["active"]) for row in found] == [
        ("2025-09-01", "2", "0", "2", "2"),
        ("2025-09-08", "0", "1", "-1", "1"),
    ]
    assert {row["source"] for row in found} == {"The site's sign-up page"}


def test_the_file_of_links_has_each_with_its_place(editor: Client) -> None:
    make_full_mailing(slug="nine")
    (row,) = rows(editor.get(PAGE + "links.csv"))
    assert (row["issue"], row["block"], row["place"], row["words"], row["clicks"]) == (
        "nine",
        "sponsor",
        "A course",
        "Enrol",
        "3",
    )


def test_the_file_for_a_sponsor_has_each_link_of_each_run(editor: Client, settings: Settings) -> None:
    make_full_mailing(slug="nine")
    response = editor.get(PAGE + "sponsors/courses.example.csv")
    (row,) = rows(response)
    assert (row["issue"], row["delivered"], row["clicks"]) == (f"{settings.SITE_URL}/p/nine/", "4", "3")
    assert 'filename="sponsor-courses-example.csv"' in response["Content-Disposition"]


def test_no_cell_is_a_formula(editor: Client) -> None:
    mailing = make_full_mailing(title="=1+1")
    make_link(mailing, 1, label="@SUM(A1)", place="-2+3")
    (row,) = rows(editor.get(PAGE + "issues.csv"))
    assert row["title"] == "'=1+1"
    link = rows(editor.get(PAGE + "links.csv"))[-1]
    assert (link["words"], link["place"]) == ("'@SUM(A1)", "'-2+3")


def test_an_unknown_file_is_not_found(editor: Client) -> None:
    assert editor.get(PAGE + "people.csv").status_code == 404


ADDRESSES = ("", "issues.csv", "issues/nine/", "sponsors/courses.example/", "sponsors/courses.example.csv")


@pytest.mark.parametrize("path", ADDRESSES)
def test_only_staff_who_may_view_mailings_see_them(path: str) -> None:
    make_full_mailing(slug="nine")
    staff, client = User.objects.create_user("somebody", is_staff=True), Client()
    assert client.get(PAGE + path).status_code == 302
    client.force_login(staff)
    assert client.get(PAGE + path).status_code == 403
    staff.user_permissions.add(Permission.objects.get(codename="view_mailing"))
    assert client.get(PAGE + path).status_code == 200
    assert client.post(PAGE + path).status_code == 405


def test_the_desk_the_mailing_and_the_issue_lead_to_them(editor: Client) -> None:
    mailing = make_full_mailing(slug="nine")
    assert 'href="/admin/numbers/"' in html(editor.get("/admin/"))
    for address in (
        reverse("admin:mailings_mailing_change", args=[mailing.pk]),
        reverse("admin:issues_publish", args=[mailing.issue.pk]),
    ):
        assert 'href="/admin/numbers/issues/nine/"' in html(editor.get(address))
