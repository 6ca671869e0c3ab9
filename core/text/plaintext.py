"""Markdown to plain text, words kept exactly; and plain text to Markdown, escaped as little as possible."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from markdown_it.token import Token

from core.text.commonmark import parse_inline, parse_markdown, remove_invisible

_PLAIN_TOKENS: Final = frozenset({"text", "softbreak", "math_inline", "math_inline_double", "text_special"})
_WORDLESS: Final = {"softbreak": " ", "hardbreak": " ", "footnote_ref": ""}
_FORMULA = re.compile(r"(?<![\\$\d])\$(?![\s$])(?:[^$\\\n]|\\.)*[^\s$\\]\$(?![\d$])|(?<![\\$\d])\$[^\s$\\]\$(?![\d$])")
_SPECIAL = re.compile(r"([\\`*_\[\]<>&~|$!^])")
_LINE_START = re.compile(r"^([#>+\-=:])|^(\d{1,9})([.)])(?=\s|$)", re.MULTILINE)


def to_text(text: str, *, footnote_start: int = 1) -> str:
    """Plain text of a Markdown text: paragraphs parted by an empty line, formulas as source, links as "label (url)".

    Footnotes stand at the end; `footnote_start` is the number of the first.
    """
    tokens, _ = parse_markdown(text)
    return _Writer(footnote_start=footnote_start).write(tokens)


def inline_to_text(text: str) -> str:
    """The same of the inline content of one paragraph, such as a heading: no mark at its start begins a list."""
    tokens, _ = parse_inline(text)
    return _Writer().write(tokens)


def escape_markdown(text: str) -> str:
    """Markdown that reads as exactly these words; what is safe already is left as it is. Dollar maths stays maths."""
    lines = "\n".join(line.strip() for line in remove_invisible(text).split("\n")).strip()
    return "\n\n".join(_escape_paragraph(paragraph) for paragraph in re.split(r"\n{2,}", lines)) if lines else ""


def _escape_paragraph(text: str) -> str:
    if _reads_as_itself(text):
        return text
    pieces: list[str] = []
    position = 0
    for match in _FORMULA.finditer(text):
        pieces += [_escaped(text[position : match.start()]), match[0]]
        position = match.end()
    careful = _LINE_START.sub(_escape_start, "".join([*pieces, _escaped(text[position:])]))
    return careful if _reads_as_itself(careful, text) else _LINE_START.sub(_escape_start, _escaped(text))


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _escape_start(match: re.Match[str]) -> str:
    return f"\\{match[1]}" if match[1] else f"{match[2]}\\{match[3]}"


def _reads_as_itself(markdown: str, text: str | None = None) -> bool:
    """One paragraph of nothing but text and formulas, with the same words."""
    tokens, _ = parse_markdown(markdown)
    if [token.type for token in tokens] != ["paragraph_open", "inline", "paragraph_close"]:
        return False
    children = tokens[1].children or []
    same = _Writer().write(tokens) == (markdown if text is None else text)
    return same and all(child.type in _PLAIN_TOKENS for child in children)


@dataclass(slots=True)
class _Writer:
    """Walks the tokens once; `margins` are the marks that the open lists and quotes put before a line."""

    lines: list[str] = field(default_factory=list)
    margins: list[str] = field(default_factory=list)
    counters: list[int | None] = field(default_factory=list)
    bullet: str = ""
    footnote_start: int = 1
    cells: list[str] = field(default_factory=list)

    def write(self, tokens: Sequence[Token]) -> str:
        for token in tokens:
            getattr(self, f"_{token.type}", self._other)(token)
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self.lines)).strip()

    def _other(self, token: Token) -> None:
        pass

    def _paragraph(self, text: str) -> None:
        for line in text.split("\n"):
            self.lines.append(f"{''.join(self.margins[: -1 if self.bullet else None])}{self.bullet}{line}".rstrip())
            self.bullet = ""

    def _inline(self, token: Token) -> None:
        text = inline_text(token.children or (), self.footnote_start)
        if self.cells and self.cells[-1] == "":
            self.cells[-1] = text or " "
        else:
            self._paragraph(text)

    def _paragraph_close(self, token: Token) -> None:
        if not token.hidden:
            self._gap()

    def _gap(self) -> None:
        self.lines.append("".join(self.margins).rstrip())

    def _heading_close(self, token: Token) -> None:
        self._gap()

    def _code(self, token: Token) -> None:
        self._paragraph(token.content.rstrip("\n"))
        self._gap()

    _fence = _code_block = _code

    def _math_block(self, token: Token) -> None:
        self._paragraph(f"$${token.content.strip()}$$")
        self._gap()

    def _hr(self, token: Token) -> None:
        self._paragraph("* * *")
        self._gap()

    def _blockquote_open(self, token: Token) -> None:
        self.margins.append("> ")

    def _blockquote_close(self, token: Token) -> None:
        if self.lines[-1:] == ["".join(self.margins).rstrip()]:
            self.lines.pop()
        self.margins.pop()
        self._gap()

    def _bullet_list_open(self, token: Token) -> None:
        self.counters.append(None)

    def _ordered_list_open(self, token: Token) -> None:
        self.counters.append(int(token.attrs.get("start", 1)))

    def _list_item_open(self, token: Token) -> None:
        number = self.counters[-1]
        self.bullet = "- " if number is None else f"{number}. "
        self.margins.append(" " * len(self.bullet))
        if number is not None:
            self.counters[-1] = number + 1

    def _list_item_close(self, token: Token) -> None:
        if self.bullet:
            self._paragraph("")
        self.margins.pop()

    def _list_close(self, token: Token) -> None:
        self.counters.pop()
        self._gap()

    _bullet_list_close = _ordered_list_close = _list_close

    def _tr_open(self, token: Token) -> None:
        self.cells = []

    def _th_open(self, token: Token) -> None:
        self.cells.append("")

    _td_open = _th_open

    def _tr_close(self, token: Token) -> None:
        cells, self.cells = [cell.strip() for cell in self.cells], []
        self._paragraph(" | ".join(cells))

    def _table_close(self, token: Token) -> None:
        self._gap()

    def _footnote_open(self, token: Token) -> None:
        self.bullet = f"[{token.meta['id'] + self.footnote_start}] "
        self.margins.append("    ")

    def _footnote_close(self, token: Token) -> None:
        self.margins.pop()


def inline_text(children: Iterable[Token], footnote_start: int = 1) -> str:
    """The words of inline tokens."""
    pieces: list[str] = []
    links: list[tuple[str, int]] = []
    for child in children:
        if child.type == "link_open":
            links.append((str(child.attrs.get("href", "")), len(pieces)))
        elif child.type == "link_close":
            pieces.append(_address(*links.pop(), pieces))
        else:
            pieces.append(_inline_piece(child, footnote_start))
    return "".join(pieces)


def _address(url: str, since: int, pieces: list[str]) -> str:
    label = "".join(pieces[since:])
    bare = url.removeprefix("mailto:")
    return "" if url.startswith("#") or bare == label or not url else f" ({url})"


def _inline_piece(token: Token, footnote_start: int) -> str:
    match token.type:
        case "softbreak" | "hardbreak":
            return "\n"
        case "math_inline":
            return f"${token.content}$"
        case "math_inline_double":
            return f"$${token.content}$$"
        case "image":
            return inline_text(token.children or (), footnote_start)
        case "footnote_ref":
            return f"[{token.meta['id'] + footnote_start}]"
        case "footnote_anchor":
            return ""
    return token.content


def to_words(text: str) -> str:
    """The words of a Markdown text alone, on one line: without marks and addresses, formulas as their source."""
    tokens, _ = parse_markdown(text)
    return " ".join(" ".join(map(_words, tokens)).split())


def _words(token: Token) -> str:
    children = token.children or ()
    return "".join(map(_words, children)) if token.type == "inline" else _WORDLESS.get(token.type, token.content)
