"""Links are checked about once a week; dead is what failed twice, a week apart."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from core.clock import Clock
from core.command_reports import Report
from papers.enrichment.check_links import HOST_DELAY, check_links
from papers.models import PaperLink
from tests.builders import NOON, make_paper
from tests.servers.websites import Websites, serving

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
WEEK = 7 * DAY


@pytest.fixture
def sites() -> Iterator[Websites]:
    with serving() as server:
        yield server


def make_link(url: str) -> PaperLink:
    return make_paper().links.create(kind="code", url=url)


def run(sites: Websites, *links: PaperLink, at: timedelta = timedelta()) -> Report:
    clock = Clock(now=lambda: NOON + at, sleep=lambda seconds: None)
    return check_links([link.pk for link in links], clock=clock, doors=sites.doors)


def state_after(sites: Websites, link: PaperLink, *answers: tuple[int, int]) -> str:
    """The link's state after answers of these statuses, each after so many days."""
    for status, days in answers:
        sites.answers["/"] = (status, {})
        run(sites, link, at=days * DAY)
    link.refresh_from_db()
    return link.state


def test_a_link_that_answers_is_alive_and_asked_again_in_a_week(sites: Websites) -> None:
    link = make_link(sites.url())
    assert run(sites, link).counts == {"alive": 1, "failing": 0, "dead": 0, "untold": 0}
    assert not any(run(sites, link, at=WEEK - DAY).counts.values())
    assert run(sites, link, at=WEEK).counts["alive"] == 1


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ([(404, 0)], "failing"),
        ([(404, 0), (404, 7)], "gone"),
        ([(500, 0), (410, 7)], "gone"),
        ([(404, 0), (500, 7)], "silent"),
        ([(404, 0), (200, 7), (404, 14)], "failing"),
        ([(404, 0), (404, 7), (200, 14)], "alive"),
        ([(403, 0), (403, 7), (403, 14)], "untold"),
        ([(404, 0), (429, 7), (404, 14)], "gone"),
        ([(404, 0), (404, 7), (429, 14)], "gone"),
        ([(200, 0), (403, 7)], "untold"),
    ],
)
def test_a_link_is_dead_after_two_failures_a_week_apart(
    answers: list[tuple[int, int]], state: str, sites: Websites
) -> None:
    assert state_after(sites, make_link(sites.url()), *answers) == state


def test_two_failures_within_a_week_are_not_enough(sites: Websites) -> None:
    link = make_link(sites.url())
    link.failed(NOON, "HTTP 404", gone=True)
    link.failed(NOON + 6 * DAY, "HTTP 404", gone=True)
    assert link.state == PaperLink.State.FAILING


def test_a_dead_link_says_since_when_and_why(sites: Websites) -> None:
    link = make_link(sites.url())
    state_after(sites, link, (404, 0), (404, 8))
    assert (link.failing_since, link.fault, link.failures) == (NOON, "HTTP 404", 2)
    assert PaperLink.objects.dead().get() == link


def test_one_host_is_asked_slowly_and_two_at_once(sites: Websites) -> None:
    waits: list[float] = []
    clock = Clock(now=lambda: NOON, sleep=waits.append)
    hosts = ["a.example", "b.example", "a.example"]
    links = [make_link(sites.url(f"/{number}", host)) for number, host in enumerate(hosts)]
    check_links([link.pk for link in links], clock=clock, doors=sites.doors)
    assert waits == [HOST_DELAY]
    assert sites.asked == ["HEAD /0", "HEAD /1", "HEAD /2"]


def test_a_link_that_was_claimed_is_left_alone_for_an_hour(sites: Websites) -> None:
    link = make_link(sites.url())
    assert PaperLink.objects.claim(link, NOON)
    assert not any(run(sites, link).counts.values())
    assert run(sites, link, at=timedelta(hours=1)).counts["alive"] == 1


def test_where_no_host_answers_nothing_is_said_of_the_links(sites: Websites) -> None:
    links = [make_link(sites.url(host=f"{number}.example")) for number in range(5)]
    sites.unknown |= {f"{number}.example" for number in range(5)}
    assert [problem.where for problem in run(sites, *links).problems] == ["links"]
    assert not PaperLink.objects.exclude(state="").exists()


def test_four_hosts_may_all_be_gone(sites: Websites) -> None:
    links = [make_link(sites.url(host=f"{number}.example")) for number in range(4)]
    sites.unknown |= {f"{number}.example" for number in range(4)}
    assert run(sites, *links).counts["failing"] == 4


def test_links_never_checked_are_due_first() -> None:
    late, never, waiting, early = (make_link(f"https://a.example/{number}") for number in range(4))
    PaperLink.objects.filter(pk=late.pk).update(check_after=NOON)
    PaperLink.objects.filter(pk=early.pk).update(check_after=NOON - DAY)
    PaperLink.objects.filter(pk=waiting.pk).update(check_after=NOON + DAY)
    assert list(PaperLink.objects.due(NOON)) == [never, early, late]
