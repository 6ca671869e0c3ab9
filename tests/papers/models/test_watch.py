"""What editors want to hear of."""

import pytest
from django.db import IntegrityError

from papers.models import Watch, WatchMatch
from tests.builders import make_paper, make_watch

pytestmark = pytest.mark.django_db


def test_only_active_watches_are_followed_each_category_once() -> None:
    make_watch(categories=["cs.LG", "cs.CL"])
    make_watch(categories=["stat.ML", "cs.CL"])
    make_watch(categories=["cs.CV"], active=False)
    assert Watch.objects.active().count() == 2
    assert Watch.objects.categories() == ["cs.CL", "cs.LG", "stat.ML"]


def test_without_watches_nothing_is_followed() -> None:
    assert Watch.objects.categories() == []


@pytest.mark.parametrize("missing", [{"categories": []}, {"name": ""}])
def test_a_watch_has_a_name_and_a_category(missing: dict[str, object]) -> None:
    with pytest.raises(IntegrityError, match="watch_has_a"):
        make_watch(**missing)


def test_a_paper_is_matched_once() -> None:
    watch, paper = make_watch(), make_paper()
    WatchMatch.objects.create(watch=watch, paper=paper)
    with pytest.raises(IntegrityError, match="watchmatch_once"):
        WatchMatch.objects.create(watch=watch, paper=paper)
