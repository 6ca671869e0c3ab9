"""Spoils real bodies by the ten thousand and has them read: `python -m tests.papers.spoiling ROAD CASES SEED`.

Prints how many were read, how many gave an error with a name, and the largest memory in MB; what gives any other
error ends it.
"""

import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, Final

from django.conf import settings

from papers.arxiv.feed_parser import FeedError, parse_announcements
from papers.arxiv.oai_parser import OaiError, parse_page
from papers.arxiv.query_api_parser import ArxivError, parse_feed
from papers.arxiv.strict_xml import NotArxivFeed
from tests.data import data_path
from tests.papers.arxiv.mutations import mutated

LARGE: Final = 50_000  # bytes
SHARE_OF_LARGE: Final = 0.02


@dataclass(frozen=True, slots=True)
class Road:
    """The folder of its real bodies, and what reads them. `named` are the errors that reading may give."""

    folder: str
    parse: Callable[[bytes], Any]
    named: tuple[type[Exception], ...]


ROADS: Final = {
    "atom": Road("arxiv/atom", parse_feed, (NotArxivFeed, ArxivError)),
    "oai": Road("arxiv/oai_pmh", parse_page, (NotArxivFeed, OaiError)),
    "rss": Road("arxiv/rss", parse_announcements, (NotArxivFeed, FeedError)),
}


def bodies(road: Road) -> list[bytes]:
    return [path.read_bytes() for path in sorted(Path(data_path(road.folder)).glob("*/*.xml"))]


def survive(road: Road, cases: int, seed: int) -> int:
    """How many of the spoilt bodies could still be read. Large ones are spoilt more seldom: they take their time."""
    rng = Random(seed)
    real = bodies(road)
    small = [body for body in real if len(body) < LARGE]
    read = 0
    for _ in range(cases):
        body = rng.choice(real if rng.random() < SHARE_OF_LARGE else small)
        try:
            road.parse(mutated(body, rng))
            read += 1
        except road.named:
            continue
    return read


def main(name: str, cases: int, seed: int) -> None:
    settings.configure(USE_I18N=False)
    read = survive(ROADS[name], cases, seed)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1_000
    sys.stdout.write(f"{read} {cases - read} {peak}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
