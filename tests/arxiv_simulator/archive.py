"""All papers by identifier and by day, read from a file in the corpus shape (JSON lines, .gz and .xz too)."""

import gzip
import json
import lzma
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, Self, TextIO

from tests.arxiv_simulator.days import DAY
from tests.arxiv_simulator.history import Entry, Event, Paper, tell

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.(?:[A-Z]{2}|[a-z]+(?:-[a-z]+)?))?")


class Announced(NamedTuple):
    paper: Paper
    event: Event


class Archive:
    """What arXiv holds, past and future; what it shows depends on the day that is asked about."""

    def __init__(self, papers: Iterable[Paper]) -> None:
        self.papers = {paper.id: paper for paper in papers}
        self._by_day: dict[date, list[Announced]] = defaultdict(list)
        for paper in self.papers.values():
            for event in paper.events:
                self._by_day[event.day].append(Announced(paper, event))

    @classmethod
    def read(cls, path: Path, seed: int = 1, made: float = 0.2, most: int | None = None) -> Self:
        """`made` is the share of papers to which something is made to happen; `most` reads the first lines only."""
        with _open(path) as lines:
            return cls(tell(_entry(json.loads(line)), seed, made) for line in islice(lines, most) if line.strip())

    def days(self) -> tuple[date, ...]:
        """The days on which anything is announced, in order."""
        return tuple(sorted(self._by_day))

    def announced(self, day: date) -> list[Announced]:
        return sorted(self._by_day.get(day, ()), key=lambda item: item.paper.id)

    def changed(self, first: date, last: date, today: date) -> list[Announced]:
        """Papers whose latest change, as known today, fell on these days: by datestamp, then by identifier."""
        found: list[Announced] = []
        for number in range((min(last, today) - first).days + 1):
            day = first + timedelta(days=number)
            found += [item for item in self.announced(day) if item.paper.last(today) is item.event]
        return found

    def standing(self, today: date) -> Iterator[Announced]:
        """Every paper that is announced today, with its latest event."""
        for paper in self.papers.values():
            event = paper.last(today)
            if event is not None:
                yield Announced(paper, event)

    def first_day(self) -> date:
        return min(self._by_day, default=date(2025, 3, 18)) - DAY


def _open(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8")
    if path.suffix == ".xz":
        return lzma.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def _entry(line: dict[str, Any]) -> Entry:
    words = [str(word) for word in line["categories"]]
    return Entry(
        id=line["id"],
        title=_xml(line["title"]),
        abstract=_xml(line["abstract"]),
        authors=tuple(map(_xml, line["authors"])),
        categories=tuple(word for word in words if _CATEGORY.fullmatch(word)),
        classes=tuple(_xml(word) for word in words if not _CATEGORY.fullmatch(word)),
        comment=_xml(line.get("comment") or ""),
        listed_on=tuple(map(date.fromisoformat, line.get("listed_on", ()))),
    )


def _xml(text: str) -> str:
    return _NOT_XML.sub("", text)
