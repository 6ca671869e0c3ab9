"""The road to arXiv, closed for everybody after a refusal."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from pytest_django.fixtures import Settings

from llmwatch.lib.models import Lane
from papers import road
from papers.arxiv.retries import ArxivRefused, ArxivUnavailable
from papers.pulling import pull_ids
from tests.papers.server import Arxiv, serving

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.fixture
def noon(settings: Settings) -> Iterator[time_machine.Traveller]:
    settings.ARXIV_DELAY = 0.0
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def refusing(settings: Settings) -> Iterator[Arxiv]:
    with serving() as served:
        settings.ARXIV_API_URL = served.url
        served.answer = lambda ids: (403, b"")
        yield served


def refuse() -> None:
    with pytest.raises(ArxivRefused), road.turn():
        raise ArxivRefused("arXiv refuses our requests (HTTP 403)")


def test_a_refusal_closes_the_road_for_a_day_and_says_until_when(noon: time_machine.Traveller) -> None:
    refuse()
    noon.shift(timedelta(hours=23, minutes=59))
    with (
        pytest.raises(ArxivRefused, match=r"\(HTTP 403\); nothing is sent to arXiv before 25 November 2026, 12:00 UTC"),
        road.turn(),
    ):
        pass


def test_asking_in_vain_does_not_lengthen_the_day(noon: time_machine.Traveller) -> None:
    refuse()
    noon.shift(timedelta(hours=23))
    with pytest.raises(ArxivRefused), road.turn():
        pass
    assert Lane.objects.get().closed_until == NOON + timedelta(hours=24)


def test_the_road_is_open_again_after_a_day(noon: time_machine.Traveller) -> None:
    refuse()
    noon.shift(timedelta(hours=24))
    with road.turn():
        pass


def test_other_faults_leave_the_road_open(noon: time_machine.Traveller) -> None:
    with pytest.raises(ArxivUnavailable), road.turn():
        raise ArxivUnavailable("HTTP 404")
    assert Lane.objects.get().closed_until is None


def test_after_a_refusal_nothing_at_all_is_sent(noon: time_machine.Traveller, refusing: Arxiv) -> None:
    for _ in range(2):
        (problem,) = pull_ids(["2501.00001"]).problems
    assert "before 25 November 2026, 12:00 UTC" in problem.what
    assert len(refusing.asked) == 1
