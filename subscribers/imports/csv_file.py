"""Lists of people as CSV: any usual separator and encoding, with or without a head, read line by line. Pure."""

from __future__ import annotations

import codecs
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final, TextIO

from django.utils.translation import gettext as _

from subscribers.imports.columns import PersonStanding, Role, read_standing, roles_of, says_no, service_of
from subscribers.imports.csv_rows import CsvRow, decode_text, number_lines, read_rows

_SEPARATORS: Final = ",;\t|"
LOOKED_AT: Final = 1 << 16  # bytes
_EXCEL = re.compile(r"\s*sep=(.)\s*", re.IGNORECASE)
_NAMED = re.compile(r'"?([^<>"]*?)"?\s*<([^<>]*)>')
# Our own exports put an apostrophe before what a spreadsheet would take for a formula; here it goes again.
_GUARDED = re.compile(r"'(?='*[=+\-@\t\r])")


class UnreadableFile(ValueError):
    """The file is no such list; the message is a sentence that says what is missing."""


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One person as written; `number` is that of the line in the file, `fault` a sentence where it cannot be read."""

    number: int
    email: str = ""
    name: str = ""
    topics: tuple[str, ...] = ()
    standing: PersonStanding = PersonStanding.OPEN
    said: str = ""
    since: str = ""
    depth: str = ""
    paid_until: str = ""
    fault: str = ""
    is_head: bool = False

    @property
    def standing_label(self) -> str:
        """For a person who looks at the list."""
        labels = {
            PersonStanding.OPEN: _("gets mail"),
            PersonStanding.WAITING: _("waits for confirmation"),
            PersonStanding.GONE: _("left"),
        }
        return labels.get(self.standing) or _("“%s” is not known") % self.said


@dataclass(frozen=True, slots=True)
class CsvSheet:
    """How a file is read. `head` is its first row where that names the columns, else there is none."""

    encoding: str
    separator: str
    roles: tuple[Role, ...]
    head: tuple[str, ...] = ()
    service: str = ""

    @property
    def encoding_label(self) -> str:
        return "UTF-8" if self.encoding == "utf-8-sig" else self.encoding.upper()

    @property
    def separator_label(self) -> str:
        names = {",": _("commas"), ";": _("semicolons"), "\t": _("tabs"), "|": _("bars")}
        return names.get(self.separator, f"“{self.separator}”")

    def taking(self, roles: Sequence[Role]) -> CsvSheet:
        """The same file with columns as a person says. Raises Unreadable."""
        if len(roles) != len(self.roles) or Role.EMAIL not in roles:
            raise UnreadableFile(_("One column must be the e-mail address."))
        return replace(self, roles=tuple(roles))

    def line(self, row: CsvRow) -> PersonLine:
        if row.fault:
            return PersonLine(row.number, fault=row.fault)
        if any(cell.strip() for cell in row.cells[len(self.roles) :]):
            counts = {"many": len(row.cells), "few": len(self.roles)}
            return PersonLine(
                row.number, fault=_("The line has %(many)d columns where the first has %(few)d.") % counts
            )
        if self.head and row.cells == self.head:
            return PersonLine(row.number, is_head=True, fault=_("It repeats the names of the columns."))
        return self._person(row)

    def _person(self, row: CsvRow) -> PersonLine:
        cells = _cells(row, self.roles)
        stands, said = read_standing(cells[Role.STATUS], cells[Role.WANTS], cells[Role.LEFT])
        name, email = _address(_first(cells[Role.EMAIL]))
        parts = (*cells[Role.NAME][:1], *cells[Role.FIRST_NAME][:1], *cells[Role.LAST_NAME][:1])
        topics = re.split(r"[,;|\n]", ";".join(cells[Role.TOPICS])) if cells[Role.TOPICS] else []
        return PersonLine(
            row.number,
            email,
            " ".join(parts) or name,
            tuple(topic.strip() for topic in topics if topic.strip()),
            stands,
            said,
            since=_first(cells[Role.SINCE]),
            depth=_first(cells[Role.DEPTH]),
            paid_until="" if says_no(cells[Role.PAYS]) else _first(cells[Role.PAID_UNTIL]),
        )


def _cells(row: CsvRow, roles: Iterable[Role]) -> defaultdict[Role, list[str]]:
    """The filled cells of each role; a line may be shorter than the head."""
    found: defaultdict[Role, list[str]] = defaultdict(list)
    for written, role in zip(row.cells, roles, strict=False):
        if role is not Role.UNUSED and (cell := _GUARDED.sub("", written.strip(), count=1)):
            found[role].append(cell)
    return found


def _first(cells: list[str]) -> str:
    return cells[0] if cells else ""


def inspect_file(path: Path) -> CsvSheet:
    """How the file is to be read, from its beginning. Raises Unreadable, OSError."""
    encoding = encoding_of(path)
    with _opened(path, encoding) as file:
        separator = _separator(file)
        head = [row for _number, row in zip(range(2), read_rows(number_lines(file), separator), strict=False)]
    if not head:
        raise UnreadableFile(_("%s is empty.") % path.name)
    return _sheet(encoding, separator, head)


def read_people(path: Path, sheet: CsvSheet | None = None, *, after: int = 0) -> Iterator[PersonLine]:
    """The people of the file in order, in constant memory; empty lines are left out. Raises Unreadable, OSError.

    `after` so many of them.
    """
    sheet = sheet or inspect_file(path)
    with _opened(path, sheet.encoding) as file:
        _separator(file)
        found = read_rows(number_lines(file), sheet.separator, len(sheet.roles))
        if sheet.head:
            next(found, None)
        yield from (sheet.line(row) for row in islice(found, after, None))


def encoding_of(path: Path) -> str:
    """UTF-16 by its mark or its first zeros; all else is read as UTF-8, and line by line as Windows writes it."""
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    zeros = [place for place, byte in enumerate(start) if not byte]
    if zeros == [1, 3]:
        return "utf-16-le"
    return "utf-16-be" if zeros == [0, 2] else "utf-8-sig"


def _opened(path: Path, encoding: str) -> TextIO:
    errors = "surrogateescape" if encoding == "utf-8-sig" else "replace"
    return path.open(encoding=encoding, errors=errors, newline="")


def _sheet(encoding: str, separator: str, rows: list[CsvRow]) -> CsvSheet:
    """By the names in the head; without one, the address and then name and topics. Raises Unreadable."""
    first = rows[0].cells
    addresses = [position for position, cell in enumerate(first) if "@" in cell]
    if addresses:
        others = iter((Role.NAME, Role.TOPICS))
        guessed = [Role.EMAIL if place == addresses[0] else next(others, Role.UNUSED) for place in range(len(first))]
        return CsvSheet(encoding, separator, tuple(guessed))
    roles = _named(first, rows[1].cells if len(rows) > 1 else ())
    service = service_of(first)
    return CsvSheet(encoding, separator, roles, first, service.name if service else "")


def _named(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[Role, ...]:
    roles = roles_of(first)
    if Role.EMAIL in roles:
        return roles
    for position, cell in enumerate(second[: len(roles)]):
        if "@" in cell:
            return (*roles[:position], Role.EMAIL, *roles[position + 1 :])
    shown = ", ".join(f"“{cell.strip()}”" for cell in first[:10])[:500]
    raise UnreadableFile(
        _("No column holds mail addresses; name one of them “email”. The first line reads %s.") % shown
    )


def _address(text: str) -> tuple[str, str]:
    """Name and address of `Name <address>`, `mailto:address` or a bare one."""
    written = text.strip("\ufeff\u200b ")
    if named := _NAMED.fullmatch(written):
        return named[1].strip(), named[2].strip()
    return "", written[7:] if written[:7].casefold() == "mailto:" else written


def _separator(file: TextIO) -> str:
    """The most frequent one of the first line, or the one that Excel names in it; stands at the first row then."""
    first = decode_text(file.readline(LOOKED_AT))
    if named := _EXCEL.fullmatch(first):
        return named[1]
    file.seek(0)
    return max(_SEPARATORS, key=re.sub(r'"[^"]*"', "", first).count)
