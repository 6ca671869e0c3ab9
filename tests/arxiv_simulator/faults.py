"""What goes wrong, and when: by the number of the request, or at random by a seed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from email.utils import format_datetime
from random import Random
from typing import Final, TypeVar

T = TypeVar("T")

STATUSES: Final = ("429", "503", "403")
CONTENTS: Final = ("empty", "short", "missing", "duplicates", "stale")
BODIES: Final = ("truncated", "html", "wrong-root", "entities", "huge", "slow", "dropped", "redirect")
KINDS: Final = STATUSES + CONTENTS + BODIES
# What anybody recovers from by asking again: no refusal, and nothing that looks like a good answer.
PASSING: Final = ("429", "503", "empty", "short", "duplicates", *BODIES)

HTML: Final = b"<!DOCTYPE html>\n<html><head><title>arXiv</title></head><body><p>Please wait a moment.</body></html>\n"
WRONG_ROOT: Final = b'<?xml version="1.0"?>\n<status xmlns="http://example.org/">all is well</status>\n'
ENTITIES: Final = (
    b'<?xml version="1.0"?>\n<!DOCTYPE feed [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b']>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>&j;</title></feed>\n'
)
HUGE: Final = 100_000_000
_PIECE: Final = 1_000_000
_SLOW_PIECES: Final = 20


class BadPlan(ValueError):
    """The words of a plan of faults cannot be read; the message says which and what would do."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`kind` is one of KINDS, or empty where nothing goes wrong; `value` is the Retry-After of 429 and 503."""

    kind: str = ""
    value: str = ""

    def hide(self, found: Sequence[T]) -> list[T]:
        """What arXiv finds: with `missing` a record is gone, and not counted either."""
        return [*found[: len(found) // 2], *found[len(found) // 2 + 1 :]] if self.kind == "missing" else list(found)

    def distort(self, page: Sequence[T]) -> list[T]:
        """What a page holds of what was found and counted."""
        if self.kind == "empty":
            return []
        if self.kind == "short":
            return list(page[: len(page) // 2])
        return [*page, *page[:1]] if self.kind == "duplicates" else list(page)


NONE: Final = Fault()


@dataclass(frozen=True, slots=True)
class Plan:
    """`script` by the number of the request, from 1; of the others a share of `rate` fails as `kinds` say."""

    script: Mapping[int, Fault] = field(default_factory=dict)
    rate: float = 0.0
    seed: int = 1
    kinds: tuple[str, ...] = PASSING

    def of(self, number: int) -> Fault:
        if number in self.script:
            return self.script[number]
        rng = Random(f"{self.seed}:{number}")
        return Fault(rng.choice(self.kinds), rng.choice(("", "7", "date"))) if rng.random() < self.rate else NONE


def read_plan(words: str) -> Plan:
    """`3=429,5=503:120,6=503:date,rate=0.1,seed=7,kinds=empty|short`. Raises BadPlan."""
    plan, script = Plan(), dict[int, Fault]()
    for word in filter(None, words.replace(" ", "").split(",")):
        name, _, value = word.partition("=")
        if name.isdigit():
            script[int(name)] = _fault(value)
        else:
            plan = _with_setting(plan, name, value)
    return replace(plan, script=script)


def _with_setting(plan: Plan, name: str, value: str) -> Plan:
    try:
        if name == "rate" and 0 <= float(value) <= 1:
            return replace(plan, rate=float(value))
        if name == "seed":
            return replace(plan, seed=int(value))
    except ValueError:
        raise BadPlan(f"{name} must be a number, not “{value}”") from None
    if name == "kinds":
        return replace(plan, kinds=tuple(map(_known, value.split("|"))))
    raise BadPlan(f"“{name}={value}” is none of NUMBER=FAULT, rate=0…1, seed=NUMBER and kinds=FAULT|FAULT")


def _fault(words: str) -> Fault:
    kind, _, after = words.partition(":")
    if after not in {"", "date"} and not (after.isascii() and after.isdigit()):
        raise BadPlan(f"Retry-After is a number of seconds or the word date, not “{after}”")
    return Fault(_known(kind), after)


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise BadPlan(f"“{kind}” is no fault; there are {', '.join(KINDS)}")
    return kind


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer over HTTP. `length` is the promised Content-Length; `pieces` may hold more or less than that."""

    status: int
    pieces: Sequence[bytes] | Iterator[bytes]
    length: int
    kind: str = "application/xml"
    headers: Mapping[str, str] = field(default_factory=dict)
    pause: float = 0.0

    @classmethod
    def of(cls, status: int, body: bytes, kind: str = "application/xml", **headers: str) -> "Answer":
        return cls(status, (body,), len(body), kind, {name.replace("_", "-"): text for name, text in headers.items()})

    @property
    def body(self) -> bytes:
        return b"".join(self.pieces)


def retry_after(fault: Fault, now: datetime) -> tuple[str, float]:
    """The header that 429 and 503 carry, and the seconds it means."""
    if fault.value == "date":
        return format_datetime(now + timedelta(seconds=60), usegmt=True), 60.0
    return fault.value, float(fault.value or 0)


def spoil(answer: Answer, fault: Fault, address: str, now: datetime, pause: float) -> Answer:
    """The answer as the fault leaves it; faults of content are in it already."""
    body = answer.body
    made = {
        "html": lambda: Answer.of(200, HTML, "text/html"),
        "wrong-root": lambda: Answer.of(200, WRONG_ROOT),
        "entities": lambda: Answer.of(200, ENTITIES),
        "403": lambda: Answer.of(403, b"Access denied\n", "text/plain"),
        "429": lambda: _wait(429, b"Rate exceeded.", fault, now),
        "503": lambda: _wait(503, b"first byte timeout", fault, now),
        "truncated": lambda: replace(Answer.of(200, body[: len(body) * 2 // 3]), kind=answer.kind),
        "huge": lambda: Answer(200, (b" " * _PIECE for _ in range(HUGE // _PIECE)), HUGE, answer.kind),
        "slow": lambda: replace(answer, pieces=_slices(body), pause=pause),
        "dropped": lambda: replace(answer, pieces=(body[: len(body) // 2],), length=max(len(body), 1)),
        "redirect": lambda: Answer.of(301, b"", Location=address),
    }.get(fault.kind)
    return made() if made else replace(answer, pieces=(body,))


def _wait(status: int, body: bytes, fault: Fault, now: datetime) -> Answer:
    header, _ = retry_after(fault, now)
    return Answer.of(status, body, "text/plain", **({"Retry_After": header} if header else {}))


def _slices(body: bytes) -> tuple[bytes, ...]:
    size = len(body) // _SLOW_PIECES + 1
    return tuple(body[start : start + size] for start in range(0, len(body), size))
