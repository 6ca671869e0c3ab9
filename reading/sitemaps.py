"""Every address that search engines may list, with the day of its last change where it is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from issues.appearances import Appearance, appearances, open_terms, open_topics
from issues.models import Issue, Series
from llmwatch.site import absolute


@dataclass(frozen=True, slots=True)
class Address:
    url: str
    changed: datetime | None = None


def addresses() -> list[Address]:
    """A constant number of queries."""
    shown = appearances()
    newest = max((one.updated for one in shown), default=None)
    overviews = [Address(reverse(name), newest) for name in ("reading:home", "issues:archive", "papers:list")]
    others = [*overviews, Address(reverse("glossary:list")), Address(reverse("reading:about"))]
    return [Address(absolute(one.url), one.changed) for one in [*others, *_issues(shown), *_papers(shown), *_rest()]]


def _issues(shown: Iterable[Appearance]) -> Iterator[Address]:
    updated = {one.issue: one.updated for one in shown}
    for issue in Issue.objects.published().filter(pk__in=updated):
        yield Address(issue.get_absolute_url(), updated[issue.pk])


def _papers(shown: Iterable[Appearance]) -> Iterator[Address]:
    changed: dict[str, datetime] = {}
    for one in shown:
        for key in one.papers:
            changed[key] = max(one.updated, changed.get(key, one.updated))
    yield from (Address(reverse("papers:paper", args=[key]), day) for key, day in sorted(changed.items()))


def _rest() -> Iterator[Address]:
    yield from (Address(series.get_absolute_url()) for series in Series.objects.published())
    yield from (Address(topic.get_absolute_url()) for topic in open_topics())
    yield from (Address(term.get_absolute_url()) for term in open_terms().alphabetical())
