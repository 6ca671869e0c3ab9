"""The simulator on the command line of a developer: serves until it is interrupted, then says how it was treated."""

import json
import lzma
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event
from time import monotonic

from tests.arxiv_simulator.archive import Archive
from tests.arxiv_simulator.days import Clock, is_feed_day
from tests.arxiv_simulator.faults import BadPlan, Plan, read_plan
from tests.arxiv_simulator.server import serving
from tests.arxiv_simulator.simulator import API_PATH, CONTROL_PATH, OAI_PATH, RSS_PATH, Simulator


class CannotRun(Exception):
    """One sentence: what is unusable, and the mend."""


@dataclass(frozen=True, slots=True)
class Options:
    """`port` 0 takes a free one; without `day` half of the corpus is announced. `delay` in seconds."""

    corpus: Path
    port: int = 0
    day: date | None = None
    faults: str = ""
    delay: float = 3.0
    old: bool = False


def wait_for_ever() -> None:
    Event().wait()


def run(options: Options, say: Callable[[str], None], wait: Callable[[], None] = wait_for_ever) -> None:
    """Serves while `wait` lasts; its time runs on from noon. Raises CannotRun."""
    plan = _plan(options.faults)
    archive = _archive(options.corpus)
    clock = Clock(datetime(2000, 1, 1, tzinfo=UTC), monotonic)
    clock.set_day(options.day or _middle(archive))
    simulator = Simulator(archive, clock, plan=plan, delay=options.delay, old=options.old)
    try:
        with serving(simulator, options.port):
            _greet(simulator, say)
            wait()
    except KeyboardInterrupt:
        pass
    except OSError as error:
        raise CannotRun(f"Port {options.port} cannot be used ({error.strerror}); choose another with --port.") from None
    _part(simulator, say)


def _plan(words: str) -> Plan:
    try:
        return read_plan(words)
    except BadPlan as error:
        raise CannotRun(f"--faults: {error}.") from None


def _archive(corpus: Path) -> Archive:
    try:
        archive = Archive.read(corpus)
    except OSError as error:
        raise CannotRun(f"{corpus} cannot be read ({error.strerror or error}); name a file in --corpus.") from None
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError, ValueError, EOFError, lzma.LZMAError):
        raise CannotRun(f"{corpus} is not a corpus: JSON lines with id, title, authors, abstract, …") from None
    if not archive.papers:
        raise CannotRun(f"{corpus} holds no papers; name another file in --corpus.")
    return archive


def read_day(text: str | None) -> date | None:
    """Raises CannotRun."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise CannotRun(f"--day: a day is written like 2025-10-14, not “{text}”.") from None


def _middle(archive: Archive) -> date:
    """The feed day by which half of the papers are announced."""
    days = sorted(paper.events[0].day for paper in archive.papers.values())
    return days[len(days) // 2]


def _greet(simulator: Simulator, say: Callable[[str], None]) -> None:
    now, origin = simulator.clock.now(), simulator.origin
    mailing = "" if is_feed_day(now.date()) else ", a day without a mailing"
    say(f"A simulated arXiv of {len(simulator.archive.papers):,} papers; it is {now:%A, %d %B %Y}{mailing}.")
    say("Made up: hours and licences, and all versions, withdrawals, cross-lists and journal references that say so.")
    say(f"ARXIV_API_URL={origin}{API_PATH}")
    say(f"ARXIV_OAI_URL={origin}{OAI_PATH}")
    say(f"ARXIV_RSS_URL={origin}{RSS_PATH}")
    say(f"A day later: curl -X POST '{origin}{CONTROL_PATH}/clock?days=1'")
    say(f"Other faults: curl -X POST '{origin}{CONTROL_PATH}/faults?plan=rate=0.2'")
    say(f"How it stands: curl '{origin}{CONTROL_PATH}/state'")


def _part(simulator: Simulator, say: Callable[[str], None]) -> None:
    violations = simulator.manners.violations
    say(f"requests: {simulator.manners.requests}, faults: {len(simulator.faults)}, bad manners: {len(violations)}")
    for violation in violations:
        say(f"request {violation.request} {violation.sentence}")
