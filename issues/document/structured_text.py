"""Lists kept as lines of plain text inside a block ⇄ their values. Pure; what `format_…` writes, `parse_…` reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from issues.document.values import HighlightPart, TermValue, TextLine

NO_LINKS = "-"  # stands for a paper printed without links, as an empty label means all that are known
_LINE_END = re.compile(r"\r\n?")
_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")
_BULLET = re.compile(r"^[-*•]\s+")
_PART = re.compile(r" {0,3}###[ \t]+(?=\S)")
_COLON = re.compile(r"[():](?=(\s|$)?)")


class CodeFence:
    """Tells the lines of code blocks from others, so that a heading shown in one begins nothing."""

    __slots__ = ("_opened",)

    def __init__(self) -> None:
        self._opened = ""

    @property
    def is_open(self) -> bool:
        return bool(self._opened)

    def holds(self, line: str) -> bool:
        """Whether this next line is code or the fence around it."""
        if self._opened:
            bare = line.strip()
            if bare.startswith(self._opened) and not bare.strip(self._opened[0]):
                self._opened = ""
            return True
        found = _FENCE.match(line)
        self._opened = found[1] if found else ""
        return found is not None


def outside_code(text: str) -> Iterator[tuple[str, bool]]:
    """Each line, and whether it belongs to fenced code (its fences included)."""
    fence = CodeFence()
    return ((line, fence.holds(line)) for line in text.split("\n"))


def tidy_text(text: str) -> str:
    """Line ends are LF, no line ends in blanks, no empty lines around the text."""
    return "\n".join(line.rstrip() for line in _LINE_END.sub("\n", text).split("\n")).strip()


def one_line(text: str) -> str:
    """The words of the text with one space between them."""
    return " ".join(text.split())


def split_lines(text: str) -> tuple[str, ...]:
    """The lines that hold anything, without a bullet before them."""
    lines = (_BULLET.sub("", line.strip()) for line in tidy_text(text).split("\n"))
    return tuple(filter(None, lines))


def join_lines(items: Iterable[str]) -> str:
    """The text that `split_lines` reads: an item whose own first character reads as a bullet gets one before it."""
    lines = filter(None, map(one_line, items))
    return "\n".join(f"- {line}" if _BULLET.match(line) else line for line in lines)


def split_paragraphs(text: str) -> tuple[str, ...]:
    """What empty lines part; an empty line inside fenced code parts nothing."""
    paragraphs: list[list[str]] = [[]]
    for line, in_code in outside_code(tidy_text(text)):
        if line or in_code:
            paragraphs[-1].append(line)
        elif paragraphs[-1]:
            paragraphs.append([])
    return tuple("\n".join(lines) for lines in paragraphs if lines)


def split_parts(text: str) -> tuple[HighlightPart, ...]:
    """A highlight's parts: `### Label` outside code begins one; what stands before the first has no label."""
    parts: list[tuple[str, list[str]]] = [("", [])]
    for line, in_code in outside_code(tidy_text(text)):
        if not in_code and (begins := _PART.match(line)):
            parts.append((line[begins.end() :], []))
        else:
            parts[-1][1].append(line)
    found = (HighlightPart(label=label, text=tidy_text("\n".join(lines))) for label, lines in parts)
    return tuple(part for part in found if part.label or part.text)


def join_parts(parts: Iterable[HighlightPart]) -> str:
    """The text that `split_parts` reads."""
    pieces = (piece for part in parts for piece in (part.label and f"### {part.label}", tidy_text(part.text)))
    return "\n\n".join(filter(None, pieces))


def parse_term(line: str) -> TermValue:
    """`Name (qualifier): definition`; a line without a definition names a term of the glossary."""
    label, definition = _split_at_colon(line)
    name, qualifier = _split_off_brackets(label)
    return TermValue(name=name, qualifier=qualifier, definition=definition)


def format_term(term: TermValue) -> str:
    return f"{term.label}: {term.definition}" if term.definition else term.label


def parse_labelled(line: str) -> TextLine:
    """`Label: value`; without a colon all of it is the value."""
    label, colon, text = (part.strip() for part in f"{line} ".partition(": "))
    return TextLine(label=label, text=text) if colon and label else TextLine(label="", text=line.strip())


def format_labelled(line: TextLine) -> str:
    return f"{line.label}: {line.text}".strip() if line.label else line.text


def parse_printed_links(label: str) -> tuple[tuple[str, ...], ...]:
    """The kinds of link for each paper in turn: `paper/code, paper`; `-` is a paper printed without any."""
    groups = label.strip().strip(",").split(",") if label.strip().strip(",") else []
    return tuple(tuple(filter(None, map(_kind, group.split("/")))) for group in groups)


def format_printed_links(papers: Sequence[Sequence[str]]) -> str:
    return ", ".join("/".join(kinds) or NO_LINKS for kinds in papers)


def _kind(word: str) -> str:
    return word.strip().lower().strip(NO_LINKS)


def _split_at_colon(line: str) -> tuple[str, str]:
    """At the first colon before a blank that no bracket holds; brackets that never close hold nothing."""
    depth, first = 0, None
    for found in _COLON.finditer(line):
        if found[0] != ":":
            depth = max(0, depth + (1 if found[0] == "(" else -1))
        elif found[1] is not None:
            if depth == 0:
                first = found.start()
                break
            first = found.start() if first is None else first
    if first is None or not line[:first].strip():
        return line.strip(), ""
    return line[:first].strip(), line[first + 1 :].strip()


def _split_off_brackets(label: str) -> tuple[str, str]:
    depth = 0
    for position in range(len(label) - 1, 0, -1) if label.endswith(")") else ():
        depth += {")": 1, "(": -1}.get(label[position], 0)
        if depth == 0:
            name, inside = label[:position], label[position + 1 : -1].strip()
            return (name.strip(), inside) if name[-1:].isspace() and name.strip() and inside else (label, "")
    return label, ""
