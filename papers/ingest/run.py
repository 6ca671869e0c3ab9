"""A round: one run over arXiv's roads, with its clock, what it has done so far, and how long it may go on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from core.clock import REAL_CLOCK, Clock
from core.command_reports import Problem, Report
from papers.ingest.arxiv_calendar import is_announcement_time

_COUNTS: Final = ("new", "updated", "unchanged", "missing", "failed")


class RoadEnds(Exception):
    """Nothing more is to be asked for in this round; the message says why."""


@dataclass(frozen=True, slots=True)
class RunStep:
    """A page that was kept: of which window, the how-manieth of it, and how many papers were on it."""

    window: str
    pages: int
    records: int


TellStep = Callable[[RunStep], None]


@dataclass(slots=True)
class IngestRun:
    """`until` (aware UTC) ends a round that goes by itself, as announcement time does; without it a person waits."""

    clock: Clock = REAL_CLOCK
    tell: TellStep = lambda _: None
    until: datetime | None = None
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys((*_COUNTS, "pages"), 0))
    problems: list[Problem] = field(default_factory=list)

    @property
    def may_go_on(self) -> bool:
        now = self.clock.now()
        return self.until is None or (now < self.until and not is_announcement_time(now))

    def add(self, **counts: int) -> None:
        for name, count in counts.items():
            self.counts[name] += count

    def fail(self, where: object, what: str) -> None:
        self.problems.append(Problem(str(where), what))

    def report(self, *more: str) -> Report:
        """The counts that every road has, and `more` of them."""
        return Report({name: self.counts[name] for name in (*_COUNTS, *more)}, tuple(self.problems))
