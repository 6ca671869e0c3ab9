"""What a database that has heard everything should hold."""

from dataclasses import dataclass
from datetime import date, datetime

from tests.arxiv_simulator.archive import Announced, Archive
from tests.arxiv_simulator.history import State


@dataclass(frozen=True, slots=True)
class Truth:
    """A paper as arXiv has it: text as it is sent, times aware UTC. `versions` are (number, time), oldest first.

    `announced` is the first feed day; `changed` the day of the last change, which OAI-PMH gives as datestamp.
    """

    id: str
    state: State
    submitted: datetime
    versions: tuple[tuple[int, datetime], ...]
    announced: date
    changed: date


def truth(archive: Archive, today: date) -> tuple[Truth, ...]:
    """All papers announced up to this day, by identifier."""
    return tuple(sorted((_truth(item, today) for item in archive.standing(today)), key=lambda one: one.id))


def _truth(item: Announced, today: date) -> Truth:
    versions = ((number, state.submitted) for number, state in sorted(item.paper.versions(today).items()))
    return Truth(
        id=item.paper.id,
        state=item.event.state,
        submitted=item.paper.submitted,
        versions=tuple(versions),
        announced=item.paper.events[0].day,
        changed=item.event.day,
    )
