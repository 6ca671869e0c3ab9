"""The body of a Markdown issue cut into sections, each the text of one block (two, at the opening). Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from issues.document import KINDS
from issues.lines import outside_code, tidy

RAW = "block"  # the marker of a block that stands as JSON
_MARKER = re.compile(
    rf"<!--[ \t]*(?P<kind>{'|'.join([*KINDS, RAW])})(?:[ \t]+(?P<argument>(?!-->)[^\n]*?))??"
    r"(?:[ \t]+#(?P<fence>\d+))?[ \t]*-->[ \t]*"
)
_HEADING = re.compile(r"##[ \t]+(?P<heading>\S.*?)[ \t]*")


@dataclass(frozen=True, slots=True)
class Section:
    """`kind` is what a marker says, "" where the text speaks for itself; `argument` stands after it in the marker."""

    body: str
    heading: str = ""
    kind: str = ""
    argument: str = ""


def marker(kind: str, argument: str = "", fence: int = 0) -> str:
    """The comment that begins a block; with a fence number it reaches to `<!-- /kind #number -->`."""
    words = [kind, argument, f"#{fence}" if fence else ""]
    return f"<!-- {' '.join(word for word in words if word)} -->"


def closing_marker(kind: str, fence: int) -> str:
    return f"<!-- /{kind} #{fence} -->"


def sections_of(body: str) -> Iterator[Section]:
    """A `## Heading` outside code begins a section, and so does a marker; a fenced marker takes all up to its end."""
    lines = list(outside_code(body))
    position, start = 0, 0
    opened: re.Match[str] | None = None
    while position < len(lines):
        line, in_code = lines[position]
        found = None if in_code else _MARKER.fullmatch(line)
        if found and found["fence"] and (end := _end(lines, position, found)) is not None:
            yield from _section(_text(lines, start, position), opened)
            yield from _section(_text(lines, position + 1, end), found)
            # The code state begins anew after a fenced block, whatever is left open inside.
            lines[end + 1 :] = outside_code("\n".join(line for line, _ in lines[end + 1 :]))
            opened, position = None, end + 1
            start = position
            continue
        if found or (not in_code and _HEADING.fullmatch(line) and not _is_head(lines, start, position, opened)):
            yield from _section(_text(lines, start, position), opened)
            opened, start = found, position + 1 if found else position
        position += 1
    yield from _section(_text(lines, start, len(lines)), opened)


def _is_head(lines: list[tuple[str, bool]], start: int, position: int, opened: re.Match[str] | None) -> bool:
    """Whether this heading is the first line of the section that a marker just began."""
    return opened is not None and not any(line.strip() for line, _ in lines[start:position])


def _end(lines: list[tuple[str, bool]], position: int, found: re.Match[str]) -> int | None:
    closing = closing_marker(found["kind"], int(found["fence"]))
    return next((i for i in range(position + 1, len(lines)) if lines[i][0].strip() == closing), None)


def _text(lines: list[tuple[str, bool]], start: int, end: int) -> str:
    return "\n".join(line for line, _ in lines[start:end])


def _section(text: str, opened: re.Match[str] | None) -> Iterator[Section]:
    body = tidy(text)
    kind, argument = (opened["kind"], opened["argument"] or "") if opened else ("", "")
    heading = ""
    if not argument.startswith("headless"):
        first, _, rest = body.partition("\n")
        if match := _HEADING.fullmatch(first):
            heading, body = match["heading"], tidy(rest)
    if heading or body or kind:
        yield Section(body=body, heading=heading, kind=kind, argument=argument)
