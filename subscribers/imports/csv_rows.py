"""Lines of text → rows of cells, one broken row at a time: an open quotation mark never swallows the rest. Pure."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple, TextIO

from django.utils.translation import gettext as _

MAX_LENGTH_LINE: Final = 1 << 16  # characters of a line
MOST_LINES: Final = 50  # of one row: a note may have some


class NumberedLine(NamedTuple):
    number: int
    text: str
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class CsvRow:
    """`number` is that of its first line; `fault` is a sentence where it cannot be read, and there are no cells."""

    number: int
    cells: tuple[str, ...] = ()
    fault: str = ""


def number_lines(file: TextIO) -> Iterator[NumberedLine]:
    """Lines with their numbers; of one without end only the beginning is kept."""
    number = 0
    while piece := file.readline(MAX_LENGTH_LINE):
        number += 1
        rest = piece
        while len(rest) == MAX_LENGTH_LINE and not rest.endswith(("\n", "\r")):
            rest = file.readline(MAX_LENGTH_LINE)
        yield NumberedLine(number, decode_text(piece), rest is piece)


def decode_text(text: str) -> str:
    """What was no UTF-8 is read as Windows writes it."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogateescape").decode("cp1252", "replace")
    return text


def read_rows(lines: Iterator[NumberedLine], separator: str, width: int | None = None) -> Iterator[CsvRow]:
    """Rows that are not empty; those of several lines must have `width` cells where that is given."""
    kept: deque[NumberedLine] = deque()
    while (line := kept.popleft() if kept else next(lines, None)) is not None:
        row = _alone(line, separator)
        if row is None:
            row = _together(line, lines, kept, separator, width)
        if row.fault or any(cell.strip() for cell in row.cells):
            yield row


def _alone(line: NumberedLine, separator: str) -> CsvRow | None:
    """The row of this line; None where a quotation mark is left open."""
    if not line.is_whole:
        return CsvRow(line.number, fault=_("The line is longer than %d characters.") % MAX_LENGTH_LINE)
    cells = _cells(line.text, separator)
    if cells is None and line.text.count('"') % 2 == 0:
        cells = _cells(line.text, separator, strict=False)
    return None if cells is None else CsvRow(line.number, cells)


def _together(
    line: NumberedLine, lines: Iterator[NumberedLine], kept: deque[NumberedLine], separator: str, width: int | None
) -> CsvRow:
    """With the lines up to the one that closes the mark; where that makes no row, they are read one by one."""
    block = [line]
    while len(block) < MOST_LINES and (more := kept.popleft() if kept else next(lines, None)) is not None:
        block.append(more)
        if more.text.count('"') % 2:
            cells = _cells("".join(one.text for one in block), separator)
            inside = any(_is_row(one.text, separator, width) for one in block[1:-1])
            if cells is not None and not inside and width in {None, len(cells)}:
                return CsvRow(line.number, cells)
            break
    kept.extendleft(reversed(block[1:]))
    return CsvRow(line.number, fault=_("A quotation mark is left open."))


def _is_row(text: str, separator: str, width: int | None) -> bool:
    """Whether a line inside a note looks like a person's own."""
    return width is not None and "@" in text and text.count(separator) >= width - 1 > 0


def _cells(text: str, separator: str, *, strict: bool = True) -> tuple[str, ...] | None:
    try:
        found = list(csv.reader([text], delimiter=separator, skipinitialspace=True, strict=strict))
    except csv.Error:
        return None
    return tuple(found[0]) if len(found) == 1 else None
