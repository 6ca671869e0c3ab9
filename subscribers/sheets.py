"""Lists of people as CSV: any usual separator and encoding, with or without a head, read line by line. Pure."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

EMAIL: Final = frozenset("email emailaddress mail mailaddress emailadresse subscriberemail useremail adresse".split())
NAME: Final = frozenset("name fullname displayname subscribername".split())
FIRST_NAME: Final = frozenset("firstname first givenname vorname prenom".split())
LAST_NAME: Final = frozenset("lastname last familyname surname nachname nom".split())
TOPICS: Final = frozenset("topics topic tags tag series lists list segments groups interests sections".split())
SEPARATORS: Final = ",;\t|"
PIECE: Final = 1 << 20  # bytes
_EXCEL = re.compile(r"\s*sep=(.)\s*", re.IGNORECASE)


class Unreadable(ValueError):
    """The file is no such list; the message is a sentence that says what is missing."""


@dataclass(frozen=True, slots=True)
class Line:
    """One person as written; `number` is that of the line in the file."""

    number: int
    email: str
    name: str = ""
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Columns:
    email: int
    name: tuple[int, ...] = ()
    topics: tuple[int, ...] = ()
    headed: bool = True

    def line(self, number: int, row: list[str]) -> Line:
        topics = re.split(r"[,;|\n]", ";".join(_cells(row, self.topics)))
        return Line(
            number,
            next(_cells(row, (self.email,)), ""),
            " ".join(_cells(row, self.name)),
            tuple(topic.strip() for topic in topics if topic.strip()),
        )


def read(path: Path) -> Iterator[Line]:
    """The people of the file in order, in constant memory; empty lines are left out. Raises Unreadable, OSError."""
    with path.open(encoding=encoding_of(path), errors="replace", newline="") as file:
        separator = _separator(file)
        rows = _rows(file, separator)
        head = [row for _, row in zip(range(2), rows, strict=False)]
        if not head:
            raise Unreadable(f"{path.name} is empty.")
        columns = columns_of(head[0][1], head[1][1] if len(head) > 1 else [])
        yield from (columns.line(*row) for row in head[columns.headed :])
        yield from (columns.line(*row) for row in rows)


def encoding_of(path: Path) -> str:
    """UTF-16 and UTF-8 by what they are; everything else is read as Windows writes it."""
    with path.open("rb") as file:
        if file.read(2) in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
            return "utf-16"
        file.seek(0)
        decoder = codecs.getincrementaldecoder("utf-8")()
        try:
            while piece := file.read(PIECE):
                decoder.decode(piece)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "cp1252"
    return "utf-8-sig"


def columns_of(first: list[str], second: list[str]) -> Columns:
    """By the names in the head; without one, the address and then name and topics. Raises Unreadable."""
    addresses = [position for position, cell in enumerate(first) if "@" in cell]
    if addresses:
        others = [position for position in range(len(first)) if position != addresses[0]]
        return Columns(addresses[0], tuple(others[:1]), tuple(others[1:2]), headed=False)
    names = [re.sub(r"[\W_]", "", cell).casefold() for cell in first]
    emails = _positions(names, EMAIL) or tuple(position for position, cell in enumerate(second) if "@" in cell)
    if not emails:
        shown = ", ".join(f"“{cell.strip()}”" for cell in first[:10])
        raise Unreadable(f"No column holds mail addresses; name one of them “email”. The first line reads {shown}.")
    whole = _positions(names, NAME)[:1]
    parts = _positions(names, FIRST_NAME)[:1] + _positions(names, LAST_NAME)[:1]
    return Columns(emails[0], whole or parts, _positions(names, TOPICS))


def _positions(names: list[str], wanted: frozenset[str]) -> tuple[int, ...]:
    return tuple(position for position, name in enumerate(names) if name in wanted)


def _cells(row: list[str], positions: Iterable[int]) -> Iterator[str]:
    """The filled cells at these places; a line may be shorter than the head."""
    cells = (row[position].strip() for position in positions if position < len(row))
    return (cell for cell in cells if cell)


def _separator(file: TextIO) -> str:
    """The most frequent one of the first line, or the one that Excel names in it; stands at the first row then."""
    first = file.readline(1 << 16)
    if named := _EXCEL.fullmatch(first):
        return named[1]
    file.seek(0)
    return max(SEPARATORS, key=re.sub(r'"[^"]*"', "", first).count)


def _rows(file: Iterable[str], separator: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the number of their first line; of a row that cannot be read there is nothing but the number."""
    reader = csv.reader((line.replace("\0", "") for line in file), delimiter=separator, skipinitialspace=True)
    while True:
        number = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            row = ["unreadable: is a quotation mark left open?"]
        if any(cell.strip() for cell in row):
            yield number, row
