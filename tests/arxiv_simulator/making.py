"""Little corpora and simulators for tests."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import httpx

from tests.arxiv_simulator.archive import Archive
from tests.arxiv_simulator.days import Clock
from tests.arxiv_simulator.faults import Fault, Plan
from tests.arxiv_simulator.history import Entry, Event, Paper, tell
from tests.arxiv_simulator.server import serving
from tests.arxiv_simulator.simulator import Simulator

# A Tuesday on which arXiv announced papers.
TUESDAY = date(2025, 10, 14)


def make_entry(number: int = 1, day: date = TUESDAY, **fields: Any) -> Entry:
    """A line of a corpus, with wrapped text, an accent, and the codes that older answers had among the categories."""
    return Entry(
        **{
            "id": f"2510.{number:05d}",
            "title": f"Paper {number} on\n  language models",
            "abstract": f"We study case {number} of many.\nIts code is at https://example.org/{number}. Less < more.",
            "authors": ("Zoé Müller", "Madonna", f"Author B. Number{number}"),
            "categories": ("cs.CL", "cs.LG"),
            "classes": ("68T50",),
            "listed_on": (day,),
            **fields,
        }
    )


def make_papers(count: int, day: date = TUESDAY) -> list[Paper]:
    """Papers to which nothing happens after they were announced."""
    return [tell(make_entry(number, day), seed=1, made=0.0) for number in range(1, count + 1)]


def make_history(*events: Event, number: int = 1) -> Paper:
    return Paper(f"2510.{number:05d}", events)


def make_simulator(papers: Sequence[Paper], day: date = TUESDAY, **options: Any) -> Simulator:
    clock = Clock(datetime(2000, 1, 1, tzinfo=UTC))
    clock.set_day(day)
    return Simulator(Archive(papers), clock, **options)


def failing(kind: str, value: str = "", at: int = 1) -> Plan:
    return Plan({at: Fault(kind, value)})


def write_corpus(path: Path, entries: Sequence[Entry]) -> Path:
    lines = (
        {
            "id": entry.id,
            "title": entry.title,
            "abstract": entry.abstract,
            "authors": entry.authors,
            "categories": [*entry.categories, *entry.classes],
            "comment": entry.comment or None,
            "listed_on": [day.isoformat() for day in entry.listed_on],
        }
        for entry in entries
    )
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    return path


@contextmanager
def asking(simulator: Simulator) -> Iterator[httpx.Client]:
    """A client with no manners of its own, on a simulator that serves."""
    with serving(simulator), httpx.Client(base_url=simulator.origin, trust_env=False, timeout=20) as http:
        yield http
