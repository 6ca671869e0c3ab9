"""The paragraphs of a plain text: a line each, or hard-wrapped lines between empty ones."""

from __future__ import annotations

import itertools
import re

_WRAPS = range(40, 101)  # characters a line where a program wrapped them
_BULLET = re.compile(r"[-•*–]\s+(?=\S)")
_LISTED = re.compile(r"(?:[-•*–]|\d{1,3}[.)])\s")


def split_text(text: str) -> tuple[str, ...]:
    """A line is a paragraph, unless every line break of the file can only come from wrapping."""
    groups = [group.strip("\n").split("\n") for group in re.split(r"\n\s*\n", text.strip("\n"))]
    width = max(len(line) for group in groups for line in group)
    if len(groups) < 2 or width not in _WRAPS or not _is_wrapped(groups, width):
        return tuple(line.strip() for group in groups for line in group if line.strip())
    return tuple(paragraph for group in groups for paragraph in _unwrapped(group))


def without_bullet(line: str) -> str | None:
    """The words of a list item; None for a line that is none."""
    bullet = _BULLET.match(line)
    return line[bullet.end() :] if bullet else None


def _is_wrapped(groups: list[list[str]], width: int) -> bool:
    """Whether no line within a group had room for the first word of the next one."""
    pairs = [
        (line, following)
        for group in groups
        for line, following in itertools.pairwise(group)
        if not _LISTED.match(following.lstrip())
    ]
    return bool(pairs) and all(len(line) + 1 + len(following.split(maxsplit=1)[0]) > width for line, following in pairs)


def _unwrapped(group: list[str]) -> list[str]:
    """A bullet begins an item only in a list: else the line was wrapped before a dash or a number."""
    lines = [line.strip() for line in group]
    paragraphs = [[lines[0]]]
    in_list = bool(_LISTED.match(lines[0]))
    for before, line in itertools.pairwise(lines):
        if _LISTED.match(line) and (in_list or before.endswith(":")):
            paragraphs.append([])
            in_list = True
        paragraphs[-1].append(line)
    return [" ".join(words) for words in paragraphs]
