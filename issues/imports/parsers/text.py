"""Plain text, as a newsletter looks when it is copied from a mail or a page → a draft. Pure."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from core.text.markdown import escape_markdown
from issues.document.structured_text import parse_term
from issues.document.values import (
    BlockKind,
    Document,
    GlossaryBlock,
    HighlightBlock,
    HighlightPart,
    PaperLinkValue,
    PaperRef,
    TeasersBlock,
    TermValue,
    TextBlock,
    ThemesBlock,
)
from issues.imports.parsers.draft import Draft, check_block_count, check_text
from issues.imports.parsers.labels import parse_title, parse_watching
from issues.imports.parsers.paragraphs import split_text, without_bullet

_GLOSSARY = re.compile(r"[^.:]{0,60}\bglossary\b[^.:]{0,60}", re.IGNORECASE)
_SUMMARY = re.compile(r"(?:executive summary|tl;?dr)\W{0,2}", re.IGNORECASE)
_SECTION = re.compile(
    r"(?:wrap[- ]?up|conclusions?|(?:closing|final) (?:thoughts|remarks|words)|outlook|the bottom line)\W{0,2}",
    re.IGNORECASE,
)
# A short label with a colon: somebody speaks to the readers, not about the paper above.
_NOTE = re.compile(
    r"(?:quick (?:explanation|note|update)|(?:editor|author)['’]?s?['’]? note|a (?:quick )?note|note|update|correction"
    r"|p\.?\s?s\.?)\s*:\s+\S.*",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:what|how|why|who|when|where|which)\b[^.!?]{3,80}\?|(?:core innovation|why it matters|problems? addressed"
    r"|future implications|key (?:findings|factors|takeaways))\s*:?",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"(?<=[.!?])\s+(?=[A-Z“\"'(\d])")
_LONGEST_ITEM = 200
_MOST_ITEMS = 50
_LONGEST_HEADING = 300


def parse_text(text: str) -> Draft:
    """Raises BadIssue. Every paragraph of the text stands in the document, in its order and word for word."""
    reader = _Reader(split_text(check_text(text)))
    reader.read()
    return Draft(Document(title="", slug="", blocks=check_block_count(reader.blocks)))


@dataclass(slots=True)
class _Reader:
    """Goes down the paragraphs; each `_read_…` takes those of one section and adds its blocks."""

    lines: Sequence[str]
    position: int = 0
    blocks: list[BlockKind] = field(default_factory=list)

    def read(self) -> None:
        self._read_opening()
        while self.position < len(self.lines):
            line = self._next()
            if self._begins_highlight(line):
                self._read_highlight(line)
            elif _GLOSSARY.fullmatch(line):
                self._read_glossary(line)
            elif _SUMMARY.fullmatch(line):
                self._read_themes(line)
            elif _SECTION.fullmatch(line):
                self._add_text(line, self._take_section())
            else:
                self._add_text("", [line, *self._take_section()])

    def _next(self) -> str:
        self.position += 1
        return self.lines[self.position - 1]

    def _peek(self) -> str:
        return self.lines[self.position] if self.position < len(self.lines) else ""

    def _begins_highlight(self, line: str) -> bool:
        if len(line) > _LONGEST_HEADING or parse_watching(line):
            return False
        return parse_title(line) is not None or parse_watching(self._peek()) is not None

    def _begins_section(self) -> bool:
        line = self._peek()
        if not line or _GLOSSARY.fullmatch(line) or _SUMMARY.fullmatch(line) or _SECTION.fullmatch(line):
            return True
        self.position += 1
        begins = self._begins_highlight(line)
        self.position -= 1
        return begins

    def _take_section(self, until: Callable[[str], object] = lambda line: False) -> list[str]:
        """The paragraphs up to the next section, or to the first for which `until` holds."""
        taken: list[str] = []
        while not self._begins_section() and not until(self._peek()):
            taken.append(self._next())
        return taken

    def _add_text(self, heading: str, paragraphs: Iterable[str]) -> None:
        text = _prose(paragraphs)
        if heading or text:
            self.blocks.append(TextBlock(uuid="", heading=escape_markdown(heading), text=text))

    def _read_opening(self) -> None:
        opening = self._take_section()
        lead = next((i for i, line in enumerate(opening) if line.endswith(":") and _items(opening, i + 1)), None)
        if lead is None:
            self._add_text("", opening)
            return
        *before, lead_in = _SENTENCES.split(opening[lead])
        items = _items(opening, lead + 1)
        after = opening[lead + 1 + len(items) :]
        self._add_text("", [*opening[:lead], " ".join(before)])
        self.blocks.append(
            TeasersBlock(
                uuid="",
                lead_in=escape_markdown(lead_in),
                items=tuple(escape_markdown(without_bullet(item) or item) for item in items),
                closing=_prose(after[:1]),
            )
        )
        self._add_text("", after[1:])

    def _read_glossary(self, heading: str) -> None:
        terms: list[TermValue] = []
        while not self._begins_section() and (term := _term(self._peek())):
            terms.append(term)
            self.position += 1
        if terms:
            self.blocks.append(GlossaryBlock(uuid="", heading=escape_markdown(heading), terms=tuple(terms)))
        else:
            self._add_text(heading, self._take_section())

    def _read_themes(self, heading: str) -> None:
        items = tuple(map(escape_markdown, self._take_section()))
        if items:
            self.blocks.append(ThemesBlock(uuid="", heading=escape_markdown(heading), items=items))
        else:
            self._add_text(heading, ())

    def _read_highlight(self, heading: str) -> None:
        titled = parse_title(heading)
        papers = [_paper(*titled)] if titled else list(self._watched())
        name = titled[0] if titled else escape_markdown(heading)
        parts = tuple(_parts(self._take_section(until=_NOTE.fullmatch)))
        self.blocks.append(HighlightBlock(uuid="", heading=name, papers=tuple(papers), parts=parts))
        if self._peek() and _NOTE.fullmatch(self._peek()):
            self._add_text("", self._take_section())

    def _watched(self) -> Iterator[PaperRef]:
        while watched := parse_watching(self._peek()):
            self.position += 1
            yield _paper(*watched)


def _paper(title: str, links: tuple[PaperLinkValue, ...]) -> PaperRef:
    return PaperRef(title=title, links=links)


def _prose(paragraphs: Iterable[str]) -> str:
    """Markdown of these paragraphs; lines with a bullet stay a list."""
    pieces: list[str] = []
    for line in filter(None, paragraphs):
        item = without_bullet(line)
        piece = f"- {escape_markdown(item)}" if item else escape_markdown(line)
        if item and pieces and pieces[-1].rpartition("\n")[2].startswith("- "):
            pieces[-1] += f"\n{piece}"
        else:
            pieces.append(piece)
    return "\n\n".join(pieces)


def _items(paragraphs: list[str], start: int) -> list[str]:
    """The list that begins there: lines with a bullet, or else two or more short ones that end no sentence."""
    lines = paragraphs[start : start + _MOST_ITEMS]
    bulleted = _leading(lines, lambda line: without_bullet(line) is not None)
    if bulleted:
        return bulleted
    short = _leading(lines, lambda line: len(line) <= _LONGEST_ITEM and line[-1] not in ".!?:")
    return short if len(short) > 1 else []


def _leading(lines: list[str], accepts: Callable[[str], bool]) -> list[str]:
    count = next((i for i, line in enumerate(lines) if not accepts(line)), len(lines))
    return lines[:count]


def _term(line: str) -> TermValue | None:
    term = parse_term(without_bullet(line) or line)
    if not term.definition or len(term.label) > 120:
        return None
    return TermValue(name=term.name, qualifier=term.qualifier, definition=escape_markdown(term.definition))


def _parts(lines: list[str]) -> Iterator[HighlightPart]:
    label, text = "", list[str]()
    for line in lines:
        if _LABEL.fullmatch(line):
            if label or text:
                yield HighlightPart(label=label, text=_prose(text))
            label, text = line, []
        else:
            text.append(line)
    if label or text:
        yield HighlightPart(label=label, text=_prose(text))
