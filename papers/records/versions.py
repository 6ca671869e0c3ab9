"""What hangs on a paper: its versions, its links, its events. Rows are added and filled in, never taken away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import itemgetter
from typing import Final

from django.utils import timezone

from papers.arxiv.records import PaperRecord
from papers.enrichment.extract_links import FoundLink, merge_links
from papers.models import FormerTitle, PaperEvent, PaperLink, PaperVersion
from papers.records.merge import LONGEST_DETAIL, PaperState, find_events


@dataclass(frozen=True, slots=True)
class PaperChange:
    """A record and the state it tells, with its paper's primary key, and the paper as it was (None: new) and is now."""

    paper: int
    record: PaperRecord
    said: PaperState
    before: PaperState | None
    after: PaperState

    @property
    def is_written(self) -> bool:
        """Whether the paper's text became this record's."""
        is_its_own = self.after.content_hash == self.said.content_hash
        return is_its_own and (self.before is None or self.before.content_hash != self.said.content_hash)


@dataclass(frozen=True, slots=True)
class _Version:
    """What is known of one version."""

    submitted: datetime | None = None
    content_hash: str = ""
    licence: str = ""
    withdrawn: bool = False

    def filled_from(self, other: _Version) -> _Version:
        return _Version(
            self.submitted or other.submitted,
            self.content_hash or other.content_hash,
            self.licence or other.licence,
            self.withdrawn or other.withdrawn,
        )


VERSION_KIND: Final = tuple(field.name for field in fields(_Version))


def save_versions(changes: Sequence[PaperChange]) -> set[int]:
    """Writes what is new of versions, links and events; the papers (primary keys) that got a version or a link."""
    links: list[PaperLink] = []
    news: list[PaperEvent] = []
    known = _known_links(changes)
    for change in changes:
        have = known[change.paper]
        found = _new_links(change, have)
        news += _events(change, "" if _code(have) else _code(found))
        links += [PaperLink(paper_id=change.paper, kind=f.kind, url=f.url, where=f.where) for f in found]
        have += found
    FormerTitle.objects.bulk_create(_former_titles(changes), ignore_conflicts=True)
    PaperLink.objects.bulk_create(links, ignore_conflicts=True)
    PaperEvent.objects.bulk_create(news, ignore_conflicts=True)
    return {link.paper_id for link in links} | _write_versions(changes)


def add_links(paper: int, found: Iterable[FoundLink], happened: datetime, *, is_news: bool) -> int:
    """Links that somebody else than arXiv gives, where the paper has none like them; how many are new.

    A first code link is an event, unless nobody can say that it was not there before (`is_news`).
    """
    rows = PaperLink.objects.filter(paper=paper).values_list("kind", "url", "where")
    have = [FoundLink(*values) for values in rows]
    new = [link for link in merge_links(have, found) if link not in have]
    PaperLink.objects.bulk_create(
        [PaperLink(paper_id=paper, kind=link.kind, url=link.url, where=link.where) for link in new],
        ignore_conflicts=True,
    )
    code = "" if _code(have) or not is_news else _code(new)
    if code:
        event = PaperEvent(paper_id=paper, kind=PaperEvent.Kind.CODE, detail=code[:LONGEST_DETAIL], happened=happened)
        PaperEvent.objects.bulk_create([event], ignore_conflicts=True)
    return len(new)


def _former_titles(changes: Iterable[PaperChange]) -> list[FormerTitle]:
    """The titles that were replaced: who knows a paper by one of them finds it still."""
    return [
        FormerTitle(paper_id=change.paper, title=change.before.title)
        for change in changes
        if change.before and change.before.title != change.after.title and change.before.source
    ]


def _candidates(change: PaperChange) -> tuple[FoundLink, ...]:
    """What a text links to is added with that text: an editor may have taken it away since."""
    return tuple(link for link in change.record.links if change.is_written or link.where == "given")


def _known_links(changes: Sequence[PaperChange]) -> defaultdict[int, list[FoundLink]]:
    papers = {change.paper for change in changes if change.before and _candidates(change)}
    known: defaultdict[int, list[FoundLink]] = defaultdict(list)
    rows = PaperLink.objects.filter(paper__in=papers).order_by("pk").values_list("paper_id", "kind", "url", "where")
    for paper, *values in rows:
        known[paper].append(FoundLink(*values))
    return known


def _new_links(change: PaperChange, have: Sequence[FoundLink]) -> list[FoundLink]:
    merged = merge_links(have, _candidates(change))
    return [link for link in merged if link not in have]


def _code(links: Iterable[FoundLink]) -> str:
    return next((link.url for link in links if link.kind == PaperLink.Kind.CODE), "")


def _events(change: PaperChange, code: str) -> Iterator[PaperEvent]:
    if change.before is None:
        return
    for event in find_events(change.before, change.after, code=code):
        happened = event.happened or timezone.now()
        yield PaperEvent(paper_id=change.paper, kind=event.kind, detail=event.detail, happened=happened)


def _write_versions(changes: Iterable[PaperChange]) -> set[int]:
    said: dict[tuple[int, int], _Version] = {}
    for change in changes:
        for number, version in _versions(change.record, change.said):
            key = (change.paper, number)
            said[key] = said[key].filled_from(version) if key in said else version
    known = _known_versions({paper for paper, _ in said})
    full = {key: known.get(key, _Version()).filled_from(version) for key, version in said.items()}
    rows = [
        PaperVersion(paper_id=paper, version=number, **{name: getattr(version, name) for name in VERSION_KIND})
        for (paper, number), version in sorted(full.items(), key=itemgetter(0))
        if version != known.get((paper, number))
    ]
    PaperVersion.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["paper", "version"], update_fields=VERSION_KIND
    )
    return {row.paper_id for row in rows}


def _known_versions(papers: set[int]) -> dict[tuple[int, int], _Version]:
    rows = PaperVersion.objects.filter(paper__in=papers).values_list("paper_id", "version", *VERSION_KIND)
    return {(paper, number): _Version(*values) for paper, number, *values in rows}


def _versions(record: PaperRecord, said: PaperState) -> Iterator[tuple[int, _Version]]:
    """The versions a record knows of, by number. One that does not tell its own has none."""
    if record.version is None:
        return
    yield record.version, _Version(record.updated, said.content_hash, record.licence, said.withdrawn)
    if record.version > 1 and record.submitted:
        yield 1, _Version(record.submitted)
    for version in record.versions:
        yield version.version, _Version(version.submitted)
