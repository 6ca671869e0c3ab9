"""A time lived through in which everything goes wrong: the database ends as the simulated arXiv's truth."""

import logging
import os
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import pytest
from django.db import connection

from tests.arxiv_simulator.archive import Archive
from tests.arxiv_simulator.history import Paper, tell
from tests.arxiv_simulator.making import make_entry
from tests.arxiv_simulator.year.comparing import differences, follow_all
from tests.arxiv_simulator.year.year import FOLLOWED, MIXTURE, Course, Lived, live, trimmed
from tests.data import data_path, needs_data

log = logging.getLogger(__name__)

pytestmark = pytest.mark.django_db(transaction=True)
# A refusal closes the road for a day, and of that day no feed is had.
PASSING = tuple(kind for kind in MIXTURE if kind != "403")
# Thanksgiving and the weekend after it.
FIRST, LAST = date(2025, 11, 25), date(2025, 12, 2)


@pytest.fixture
def folder() -> Iterator[Path]:
    """Near the root: the path of a socket must be short."""
    with TemporaryDirectory(prefix="year-") as name:
        yield Path(name)


def database() -> str:
    address = urlsplit(os.environ["DATABASE_URL"])
    return address._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


def made_up(count: int, seed: int) -> Iterator[Paper]:
    days = [date(2025, 11, day) for day in (25, 26, 27)] + [date(2025, 12, day) for day in (1, 2)]
    kinds = (("cs.CL", "cs.LG"), ("cs.LG",), ("cs.RO", "cs.CV"), ("cs.AI", "math.IT"), ("cs.IR", "cs.AI", "cs.CL"))
    for number in range(1, count + 1):
        listed = days[number % 5 : number % 5 + 1 + number % 4 // 3]
        entry = make_entry(number, id=f"2511.{number:05d}", categories=kinds[number // 5 % 5], listed_on=tuple(listed))
        yield tell(entry, seed, made=0.5)


def assert_true(lived: Lived, followed: Sequence[str], first: date) -> None:
    assert (lived.violations, lived.blanked) == ([], ()), lived.words
    assert "\n".join(differences(lived.simulator, followed, first)) == ""


def test_days_lived_through_end_as_the_truth(folder: Path) -> None:
    follow_all(FOLLOWED[:2])
    course = Course(FIRST, LAST, seed=1, rate=0.25, deaths=0.08, quiet=2, kinds=PASSING)
    lived = live(trimmed(made_up(300, seed=1), LAST), course, database(), folder, log.info)
    assert_true(lived, FOLLOWED[:2], FIRST)
    assert min(lived.kills, len(lived.faults)) > 3


@needs_data
@pytest.mark.soak
@pytest.mark.parametrize("seed", [1, 2])
def test_a_year_lived_through_ends_as_the_truth(seed: int, folder: Path) -> None:
    archive = Archive.read(data_path("arxiv/corpus/recent_ai_2025-03_2026-02.jsonl.gz"), seed)
    follow_all(FOLLOWED)
    course = Course(date(2025, 3, 17), date(2026, 3, 17), seed)
    lived = live(trimmed(archive.papers.values(), course.last), course, database(), folder, log.info)
    log.info(lived.summary)
    assert_true(lived, FOLLOWED, course.first)
