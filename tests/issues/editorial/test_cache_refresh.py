"""What readers get anew at once, and what they get when nothing is committed."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.conf import settings as django_settings
from django.test import Client
from pytest_django.fixtures import DjangoCaptureOnCommitCallbacks as Capture
from pytest_django.fixtures import Settings

from core.web import page_cache
from issues.editorial import publish
from issues.editorial.cache_refresh import list_addresses
from issues.models import Issue, Text
from tests.builders import NOON, make_issue, make_series

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def cache(settings: Settings) -> Iterator[None]:
    settings.PAGE_CACHE = True
    page_cache.open_shelf.cache_clear()
    yield
    with redis.Redis.from_url(django_settings.REDIS_URL) as valkey:
        for key in valkey.scan_iter(f"{page_cache.KEY_PREFIX}*"):
            valkey.delete(key)


def make_public(capture: Capture, **fields: Any) -> Issue:
    issue = make_issue(title="The first words", **fields)
    Text.objects.create(parent=issue, text="Hello.")
    with capture(execute=True):
        publish.publish(issue, now=NOON, mail=False)
    return issue


def kept(path: str) -> bool:
    return Client().get(path).has_header("Age")


@pytest.mark.parametrize("path", ["/", "/issues/", "/feeds/issues.atom", "/sitemap.xml"])
def test_pages_for_everybody_are_kept(path: str, django_capture_on_commit_callbacks: Capture) -> None:
    make_public(django_capture_on_commit_callbacks)
    assert (kept(path), kept(path)) == (False, True)


def test_page_of_an_issue_is_kept(django_capture_on_commit_callbacks: Capture) -> None:
    url = make_public(django_capture_on_commit_callbacks).get_absolute_url()
    assert (kept(url), kept(url)) == (False, True)


def test_correction_is_seen_at_once(django_capture_on_commit_callbacks: Capture) -> None:
    issue = make_public(django_capture_on_commit_callbacks)
    Client().get(issue.get_absolute_url())
    Issue.objects.filter(pk=issue.pk).update(title="Better words")
    with django_capture_on_commit_callbacks(execute=True):
        publish.correct(issue)
    assert "Better words" in Client().get(issue.get_absolute_url()).content.decode()


def test_removed_issue_is_gone_at_once(django_capture_on_commit_callbacks: Capture) -> None:
    issue = make_public(django_capture_on_commit_callbacks)
    Client().get(issue.get_absolute_url())
    with django_capture_on_commit_callbacks(execute=True):
        publish.remove(issue)
    assert Client().get(issue.get_absolute_url()).status_code == 410


def test_published_issue_is_on_the_front_page_at_once(django_capture_on_commit_callbacks: Capture) -> None:
    Client().get("/")
    make_public(django_capture_on_commit_callbacks)
    assert "The first words" in Client().get("/").content.decode()


def test_what_is_refreshed_includes_files_feeds_and_series() -> None:
    issue = make_issue(slug="one", number=7, series=make_series(slug="weekly"))
    assert {"/p/one/", "/p/one.bib", "/issues/7/", "/", "/issues/", "/feeds/issues.rss", "/series/weekly/"} <= set(
        list_addresses(issue)
    )
    assert "/feeds/series/weekly.atom" in list_addresses(issue)
