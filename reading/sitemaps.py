"""Every address that search engines may list, with the day of its last change where it is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.urls import reverse

from core.site import absolute_url
from issues.coverage.appearances import PaperAppearance, load_appearances, open_terms, open_topics
from issues.models import Issue, Series
from papers.models import Paper
from reading.views.authors import author_url

MAX_ADDRESSES: Final = 50_000  # addresses that the protocol allows in one file


@dataclass(frozen=True, slots=True)
class _Address:
    url: str
    changed: datetime | None = None


def list_parts(found: Sequence[_Address]) -> list[_Address]:
    """The files of a sitemap that is too long for one, each with its last change; none where one is enough."""
    if len(found) <= MAX_ADDRESSES:
        return []
    return [
        _Address(
            absolute_url(reverse("reading:sitemap_part", args=[number + 1])),
            max((one.changed for one in load_part(found, number + 1) if one.changed), default=None),
        )
        for number in range(-(-len(found) // MAX_ADDRESSES))
    ]


def load_part(found: Sequence[_Address], number: int) -> Sequence[_Address]:
    """The addresses of one of these files, counted from 1; empty where there is no such file."""
    return found[(number - 1) * MAX_ADDRESSES : number * MAX_ADDRESSES] if number > 0 else ()


def list_addresses() -> list[_Address]:
    """A constant number of queries."""
    shown = load_appearances()
    newest = max((one.updated for one in shown), default=None)
    overviews = [_Address(reverse(name), newest) for name in ("reading:home", "issues:archive", "papers:list")]
    others = [*overviews, _Address(reverse("glossary:list")), _Address(reverse("reading:about"))]
    changed = _changed(shown)
    found = [*others, *_issues(shown), *_papers(changed), *_authors(changed), *_rest()]
    return [_Address(absolute_url(one.url), one.changed) for one in found]


def _issues(shown: Iterable[PaperAppearance]) -> Iterator[_Address]:
    updated = {one.issue: one.updated for one in shown}
    for issue in Issue.objects.published().filter(pk__in=updated):
        yield _Address(issue.get_absolute_url(), updated[issue.pk])


def _papers(changed: Mapping[str, datetime]) -> Iterator[_Address]:
    yield from (_Address(reverse("papers:paper", args=[key]), day) for key, day in sorted(changed.items()))


def _authors(changed: Mapping[str, datetime]) -> Iterator[_Address]:
    """Those of covered papers, each with the day of the last issue that changed its page."""
    days: dict[str, datetime] = {}
    for paper in Paper.objects.at_any(changed).only("arxiv_id", "slug", "author_keys"):
        day = changed[paper.key]
        days |= {author: max(day, days.get(author, day)) for author in paper.author_keys}
    yield from (_Address(author_url(author), day) for author, day in sorted(days.items()))


def _changed(shown: Iterable[PaperAppearance]) -> dict[str, datetime]:
    """The covered papers by their keys, each with the day when an issue that shows it changed last."""
    changed: dict[str, datetime] = {}
    for one in shown:
        for key in one.papers:
            changed[key] = max(one.updated, changed.get(key, one.updated))
    return changed


def _rest() -> Iterator[_Address]:
    yield from (_Address(series.get_absolute_url()) for series in Series.objects.published())
    yield from (_Address(topic.get_absolute_url()) for topic in open_topics())
    yield from (_Address(term.get_absolute_url()) for term in open_terms().alphabetical())
