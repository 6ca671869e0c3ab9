"""The task does what the command does, twice as well as once."""

import logging
from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from papers import tasks
from papers.models import Paper
from tests.papers.server import Arxiv, serving

pytestmark = pytest.mark.django_db


@pytest.fixture
def arxiv(settings: Settings) -> Iterator[Arxiv]:
    with serving() as served:
        settings.ARXIV_API_URL, settings.ARXIV_DELAY = served.url, 0.0
        yield served


def test_the_task_pulls_papers_and_may_run_twice(arxiv: Arxiv) -> None:
    for _ in range(2):
        assert tasks.pull_ids.apply(args=(["2501.00001", "2501.00002"],)).successful()
    assert Paper.objects.count() == 2


def test_what_went_wrong_is_in_the_log(arxiv: Arxiv, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        tasks.pull_ids(["abc"])
    assert caplog.messages[0].startswith("arxiv.problem id=abc what=“abc” is not an arXiv identifier")
