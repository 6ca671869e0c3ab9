"""What a sponsor is told: each run of the block with its audience and its own clicks."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from mailings.models import Mailing
from mailings.stats.sponsor_report import load_report, load_reports, slug_of
from tests.builders import NOON, make_issue
from tests.mailings.stats.counted import make_link, make_mailing, make_sponsor

pytestmark = pytest.mark.django_db
WEEK = timedelta(weeks=1)


def run(weeks_later: int = 0, clicks: int | None = None, **fields: Any) -> Mailing:
    """A mailed issue with a sponsor's block, whose link was followed so often."""
    mailing = make_mailing(at=NOON + weeks_later * WEEK, sent=3, failed=1)
    block = make_sponsor(mailing, **fields)
    if clicks is not None:
        make_link(mailing, clicks, block=str(block.uuid), kind="sponsor", url=block.url or "https://x.example/")
        make_link(mailing, 100, url="https://elsewhere.example/")
    return mailing


def test_the_runs_of_a_sponsor_stand_together_the_newest_first() -> None:
    first, second = run(), run(1, heading="A better course", url="https://courses.example/other")
    (found,) = load_reports()
    assert [one.issue for one in found.runs] == [second.issue, first.issue]
    assert (found.slug, found.name, found.times) == ("courses.example", "A better course", 2)


def test_only_clicks_on_the_links_of_the_block_are_the_sponsor_s() -> None:
    run(clicks=4)
    run(1, clicks=3)
    found = load_report("courses.example")
    assert found is not None
    assert ([one.clicks for one in found.runs], found.clicks, found.delivered) == ([3, 4], 7, 6)


def test_two_blocks_in_an_issue_are_two_runs_of_one_time() -> None:
    mailing = run()
    make_sponsor(mailing, ordering=2)
    (found,) = load_reports()
    assert (len(found.runs), found.times, found.delivered) == (2, 1, 3)


def test_without_counting_and_without_mail_nothing_is_made_up() -> None:
    run()
    unmailed = make_issue(state="published", published_at=NOON + WEEK)
    make_sponsor(Mailing(issue=unmailed))
    found = load_report("courses.example")
    assert found is not None
    assert [(one.numbers is None, one.clicks) for one in found.runs] == [(True, None), (False, None)]
    assert (found.delivered, found.clicks) == (3, None)


def test_a_draft_is_no_run() -> None:
    make_sponsor(Mailing(issue=make_issue()))
    assert load_reports() == []
    assert load_report("courses.example") is None


@pytest.mark.parametrize(
    ("fields", "slug"),
    [
        ({}, "courses.example"),
        ({"url": "https://courses.example:8443/x"}, "courses.example"),
        ({"url": ""}, "a-course"),
        ({"url": "https://[broken"}, "a-course"),
        ({"url": "", "heading": "Ärzte & Co."}, "ärzte-co"),
    ],
)
def test_a_sponsor_is_known_by_its_site_else_by_its_heading(fields: dict[str, str], slug: str) -> None:
    assert slug_of(make_sponsor(make_mailing(), **fields)) == slug


def test_what_has_neither_site_nor_letters_is_known_by_its_block() -> None:
    block = make_sponsor(make_mailing(), url="", heading="!!!")
    assert slug_of(block) == str(block.uuid)


@pytest.mark.parametrize("count", [2, 4])
def test_any_number_of_runs_costs_the_same_queries(count: int, django_assert_num_queries: Callable[..., Any]) -> None:
    for number in range(count):
        run(number, clicks=1, url=f"https://sponsor-{number}.example/")
    with django_assert_num_queries(8):
        found = load_reports()
        assert [one.issue.title for sponsor in found for one in sponsor.runs]
    assert len(found) == count
