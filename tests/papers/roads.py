"""A road to arXiv without a database: what happens on it is written down."""

from collections.abc import Iterator
from contextlib import contextmanager

from papers.arxiv.retries import Answer


class OpenRoad:
    """Nobody waits on it, and nobody else is told of faults. `kept` has the source, the body and the fault of each."""

    def __init__(self, known: Answer | None = None) -> None:
        self.turns = 0
        self.arrivals = 0
        self.kept: list[tuple[str, bytes, str]] = []
        self.standing = known

    @contextmanager
    def turn(self) -> Iterator[None]:
        self.turns += 1
        yield

    def arrived(self) -> None:
        self.arrivals += 1

    def known(self, address: str) -> Answer | None:
        return self.standing

    def keep(self, source: str, address: str, answer: Answer, fault: str) -> None:
        self.kept.append((source, answer.body, fault))
