"""Lists of people with faults, each by its name and with what it must lead to: for tests and for the benchmark."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

HEAD = "email,name,status,created\n"
LONG = f"{'a' * 60}."


@dataclass(frozen=True, slots=True)
class Way:
    """`makes` gives the line for the person of this number; `counts_as` is the count that grows, "" for none."""

    name: str
    counts_as: str
    makes: Callable[[int], str | bytes]


def address(number: int) -> str:
    return f"reader-{number}@list-{number % 500}.example.org"


def good(number: int, email: str = "") -> str:
    return f"{email or address(number)},Reader {number},active,2025-03-0{number % 9 + 1}\n"


# What stands in the file before or is suppressed must be known: these numbers are taken by lines of their own.
DOUBLED, SUPPRESSED = 0, "gone@suppressed.example.org"

WAYS = (
    Way("no @", "invalid", lambda n: good(n, f"reader-{n}.example.org")),
    Way("two @", "invalid", lambda n: good(n, f"reader-{n}@@example.org")),
    Way("a control character", "invalid", lambda n: good(n, f"reader-{n}\x07@example.org")),
    Way("a NUL", "invalid", lambda n: good(n, f"reader\0{n}@example.org")),
    Way("too long an address", "invalid", lambda n: good(n, f"reader-{n}@{LONG * 4}org")),
    Way("too many columns", "invalid", lambda n: f"{address(n)},Reader,{n},active,2025-03-01\n"),
    Way("too few columns", "invalid", lambda n: f"Reader {n}\n"),
    Way("an open quotation mark", "invalid", lambda n: f'{address(n)},"Reader {n},active,2025-03-01\n'),
    Way("a closed one that is followed by more", "created", lambda n: f'{address(n)},"Reader" {n},active,\n'),
    Way("another encoding", "created", lambda n: f"{address(n)},Jörg {n},active,2025-03-01\n".encode("cp1252")),
    Way("the same line twice", "duplicates", lambda n: good(DOUBLED)),
    Way("the same address in capitals", "duplicates", lambda n: good(DOUBLED, address(DOUBLED).upper())),
    Way("spaces around", "created", lambda n: f"  {address(n)} \t, Reader {n} , active ,\n"),
    Way("a display name", "created", lambda n: good(n, f"Reader {n} <{address(n)}>")),
    Way("an international domain", "created", lambda n: good(n, f"reader-{n}@bücher.example.org")),
    Way("unsubscribed there", "left_elsewhere", lambda n: f"{address(n)},Reader {n},unsubscribed,\n"),
    Way("bounced there", "left_elsewhere", lambda n: f"{address(n)},Reader {n},Hard Bounced,\n"),
    Way("a status nobody knows", "invalid", lambda n: f"{address(n)},Reader {n},violet,\n"),
    Way("suppressed here", "suppressed", lambda n: good(n, f"{n}-{SUPPRESSED}")),
    Way("an empty line", "", lambda n: "\n"),
    Way("separators alone", "", lambda n: ",,,\n"),
    Way("a formula", "invalid", lambda n: good(n, f"=cmd|' /C calc'!A{n}")),
    Way("a formula for a name", "created", lambda n: f"{address(n)},=1+{n},active,\n"),
    Way("mailto:", "created", lambda n: good(n, f"mailto:{address(n)}")),
    Way("a dot at the end", "invalid", lambda n: good(n, f"{address(n)}.")),
    Way("the head once more", "", lambda n: HEAD),
    Way("a line without end", "invalid", lambda n: good(n, "a" * 70_000 + "@example.org")),
)


def suppressed(count: int, every: int) -> Iterator[str]:
    """The addresses of such a file that must be suppressed beforehand."""
    ways = _numbered(count, every)
    return (f"{number}-{SUPPRESSED}" for number, way in ways if way and way.counts_as == "suppressed")


def lines(count: int, every: int) -> Iterator[bytes]:
    """A head and so many lines; each so-manyth has one of the faults, in turn."""
    yield HEAD.encode()
    for number, way in _numbered(count, every):
        line = way.makes(number) if way else good(number)
        yield line if isinstance(line, bytes) else line.encode()


def expected(count: int, every: int) -> Counter[str]:
    return Counter(way.counts_as if way else "created" for _number, way in _numbered(count, every))


def _numbered(count: int, every: int) -> Iterator[tuple[int, Way | None]]:
    for number in range(count):
        yield number, WAYS[number // every % len(WAYS)] if number % every == every - 1 else None
