"""What the doctor says of one thing: how it is, in one sentence, and the mend."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FindingLevel(StrEnum):
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """`name` is of the thing looked at and never changes; `mend` is empty only where all is well."""

    level: FindingLevel
    name: str
    sentence: str
    mend: str = ""

    def line(self) -> str:
        """Tabs between its parts and nowhere else: what others wrote may stand in it."""
        return "\t".join(filter(None, (self.level, *map(on_one_line, (self.name, self.sentence, self.mend)))))


def on_one_line(text: str, most: int = 1_000) -> str:
    """Without anything that moves a terminal's cursor."""
    return " ".join("".join(char if char.isprintable() else " " for char in text[:most]).split())


def ok(name: str, sentence: str) -> Finding:
    return Finding(FindingLevel.OK, name, sentence)


def warning(name: str, sentence: str, mend: str) -> Finding:
    return Finding(FindingLevel.WARNING, name, sentence, mend)


def error(name: str, sentence: str, mend: str) -> Finding:
    return Finding(FindingLevel.ERROR, name, sentence, mend)
