"""The body of a Markdown issue cut into sections, each the text of one block (two, at the opening). Pure."""

import re
from bisect import bisect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from issues.document.structured_text import CodeFence, tidy_text
from issues.document.values import BLOCK_KINDS

RAW_KINDS = "block"  # the marker of a block that stands as JSON
_MARKER = re.compile(
    rf"<!--[ \t]*(?P<kind>{'|'.join([*BLOCK_KINDS, RAW_KINDS])})(?:[ \t]+(?P<argument>(?!-->)[^\n]*?))??"
    r"(?:[ \t]+#(?P<fence>\d{1,6}))?[ \t]*-->[ \t]*"
)
_HEADING = re.compile(r"##[ \t]+(?P<heading>\S.*?)[ \t]*")


@dataclass(frozen=True, slots=True)
class DraftSection:
    """`kind` is what a marker says, "" where the text speaks for itself; `argument` stands after it in the marker."""

    body: str
    heading: str = ""
    kind: str = ""
    argument: str = ""


def write_marker(kind: str, argument: str = "", fence: int = 0) -> str:
    """The comment that begins a block; with a fence number it reaches to `<!-- /kind #number -->`."""
    words = [kind, argument, f"#{fence}" if fence else ""]
    return f"<!-- {' '.join(word for word in words if word)} -->"


def closing_marker(kind: str, fence: int) -> str:
    return f"<!-- /{kind} #{fence} -->"


def sections_of(body: str) -> Iterator[DraftSection]:
    """A `## Heading` outside code begins a section, and so does a marker; a fenced marker takes all up to its end."""
    lines = body.split("\n")
    closers = _closers(lines)
    fence, opened, start, position = CodeFence(), None, 0, 0
    while position < len(lines):
        in_code = fence.holds(lines[position])
        found = None if in_code else _MARKER.fullmatch(lines[position])
        end = _end(closers, position, found)
        if end is not None:
            yield from _section(lines[start:position], opened)
            yield from _section(lines[position + 1 : end], found)
            # Whatever is left open inside is closed now.
            fence, opened, start, position = CodeFence(), None, end + 1, end
        elif found or (not in_code and _HEADING.fullmatch(lines[position]) and not (opened and start == position)):
            yield from _section(lines[start:position], opened)
            opened, start = found, position + 1 if found else position
        position += 1
    yield from _section(lines[start:], opened)


def _closers(lines: Sequence[str]) -> Mapping[str, list[int]]:
    """Where each closing marker stands."""
    found: dict[str, list[int]] = {}
    for position, line in enumerate(lines):
        if line.startswith("<!-- /"):
            found.setdefault(line, []).append(position)
    return found


def _end(closers: Mapping[str, list[int]], position: int, found: re.Match[str] | None) -> int | None:
    if found is None or not found["fence"]:
        return None
    places = closers.get(closing_marker(found["kind"], int(found["fence"])), [])
    following = bisect(places, position)
    return places[following] if following < len(places) else None


def _section(lines: Sequence[str], opened: re.Match[str] | None) -> Iterator[DraftSection]:
    body = tidy_text("\n".join(lines))
    kind, argument = (opened["kind"], opened["argument"] or "") if opened else ("", "")
    heading = ""
    if not argument.startswith("headless"):
        first, _, rest = body.partition("\n")
        if match := _HEADING.fullmatch(first):
            heading, body = match["heading"], tidy_text(rest)
    if heading or body or kind:
        yield DraftSection(body=body, heading=heading, kind=kind, argument=argument)
