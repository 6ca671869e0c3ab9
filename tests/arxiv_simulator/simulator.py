"""The simulator as a whole: what each address answers, at the time its clock shows, spoiled as its plan says."""

import json
from collections.abc import Callable
from datetime import datetime
from threading import Lock
from time import monotonic
from urllib.parse import parse_qsl, urlsplit

from tests.arxiv_simulator.archive import Archive
from tests.arxiv_simulator.days import DAY, Clock, oai_day
from tests.arxiv_simulator.faults import Answer, BadPlan, Fault, Plan, read_plan, retry_after, spoil
from tests.arxiv_simulator.formats import atom, rss
from tests.arxiv_simulator.formats.oai import Repository
from tests.arxiv_simulator.manners import Manners
from tests.arxiv_simulator.year.truth import Truth, truth

API_PATH, OAI_PATH, RSS_PATH, CONTROL_PATH = "/api/query", "/oai", "/rss", "/control"


class Simulator:
    """`delay` in seconds is what arXiv asks for between two requests; `old` speaks as before 2025's changes.

    `plan` and the clock may be changed while it serves; `faults` holds what went wrong so far, by request.
    """

    def __init__(
        self,
        archive: Archive,
        clock: Clock,
        *,
        plan: Plan | None = None,
        delay: float = 0.0,
        old: bool = False,
        oai_page: int = 1_300,
        pause: float = 0.01,
        ticks: Callable[[], float] = monotonic,
    ) -> None:
        self.archive, self.clock, self.plan, self.old = archive, clock, plan or Plan(), old
        self.manners = Manners(delay, ticks, clock.now)
        self.faults: dict[int, str] = {}
        self.origin = "http://127.0.0.1"
        self._repository = Repository(archive, "", oai_page, old)
        self._pause = pause
        self._lock = Lock()

    def truth(self) -> tuple[Truth, ...]:
        """What a database should equal that has asked all three interfaces at this time."""
        return truth(self.archive, oai_day(self.clock.now()))

    def answer(self, number: int, target: str, known: str = "") -> Answer:
        """The answer to this request; `known` is its If-None-Match."""
        fault = self.plan.of(number)
        with self._lock:
            if fault.kind:
                self.faults[number] = fault.kind
            whole = self._whole(target, known, fault)
        now = self.clock.now()
        if fault.kind in {"429", "503"}:
            self.manners.told_to_wait(retry_after(fault, now)[1])
        elif fault.kind == "403":
            self.manners.told_to_stop()
        return spoil(whole, fault, self.origin + target, now, self._pause)

    def _whole(self, target: str, known: str, fault: Fault) -> Answer:
        address = urlsplit(target)
        pairs = parse_qsl(address.query, keep_blank_values=True)
        now = self.clock.now() - (DAY if fault.kind == "stale" else 0 * DAY)
        if address.path == API_PATH:
            return atom.answer(self.archive, dict(pairs), now, fault, self.old)
        if address.path == OAI_PATH:
            self._repository.base = self.origin + OAI_PATH
            return self._repository.answer(pairs, now, fault)
        if address.path.startswith(f"{RSS_PATH}/"):
            asked = address.path.removeprefix(f"{RSS_PATH}/")
            return rss.answer(self.archive, asked, self.origin + RSS_PATH, self.clock.now(), fault, known)
        return Answer.of(404, b"Not found\n", "text/plain")

    def control(self, target: str) -> Answer:
        """Moves the time (`clock?to=…`, `clock?days=…`), sets faults (`faults?plan=…`), tells what is (`state`)."""
        address = urlsplit(target)
        given = dict(parse_qsl(address.query))
        try:
            self._steer(address.path.removeprefix(f"{CONTROL_PATH}/"), given)
        except (BadPlan, ValueError, KeyError) as error:
            return Answer.of(400, f"{error}\n".encode(), "text/plain")
        return Answer.of(200, json.dumps(self._state()).encode() + b"\n", "application/json")

    def _steer(self, name: str, given: dict[str, str]) -> None:
        if name == "faults":
            self.plan = read_plan(given["plan"])
        elif name == "clock" and "to" in given:
            self.clock.set(_moment(given["to"]))
        elif name == "clock":
            self.clock.advance(float(given["days"]) * 86_400)
        elif name != "state":
            raise ValueError(f"there is no {CONTROL_PATH}/{name}")

    def _state(self) -> dict[str, object]:
        return {
            "now": self.clock.now().isoformat(),
            "requests": self.manners.requests,
            "papers": len(self.truth()),
            "faults": self.faults,
            "violations": [f"request {one.request} {one.sentence}" for one in self.manners.violations],
        }


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("the time needs its zone, as in 2025-10-14T12:00:00+00:00")
    return moment
