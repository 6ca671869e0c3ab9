"""TeX formulas for mail, where MathML is dropped: `<em>`, `<sub>`, `<sup>` and Unicode, or not at all. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from html import escape
from typing import Final

from core.text.mathml import BadFormula
from issues.rendering.mail.symbols import (
    ACCENT_MARKS,
    BOLD_COMMANDS,
    FUNCTION_NAMES,
    MATH_ALPHABETS,
    SPACE_COMMANDS,
    SYMBOL_COMMANDS,
    UPRIGHT_COMMANDS,
    SymbolKind,
)

MAX_LENGTH: Final = 300
MAX_DEPTH: Final = 2  # scripts on scripts; what lies deeper cannot be read in a line
_TOKEN = re.compile(r"\\(?:[A-Za-z]+\*?|.)|\d{1,3}(?:,\d{3})+(?!\d)|\s+|.", re.DOTALL)
_SIGNS: Final[dict[str, tuple[str, SymbolKind]]] = {
    "+": ("+", "binary"),
    "-": ("−", "binary"),
    "*": ("∗", "binary"),
    "=": ("=", "relation"),
    "<": ("<", "relation"),
    ">": (">", "relation"),
    ":": (":", "relation"),
    ",": (",", "comma"),
    ";": (";", "comma"),
    "(": ("(", "open"),
    "[": ("[", "open"),
    ")": (")", "close"),
    "]": ("]", "close"),
    "/": ("/", "slash"),
    "'": ("′", "word"),
    "~": ("\u00a0", "space"),
}
# Commands that only say how large or where.
_SIZES = re.compile(r"\\(?:left|right|middle|[bB]igg?[lrm]?|(?:display|text|script)style|(?:no)?limits)")
_CLOSED: Final = {"word", "close", "fraction", "root"}  # what a factor may end with


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a formula as HTML, and how it behaves beside its neighbours."""

    html: str
    kind: SymbolKind = "word"


def to_html(tex: str) -> str:
    """The formula in one line. Raises BadFormula where a line cannot say what it says."""
    if len(tex) > MAX_LENGTH:
        raise BadFormula(tex)
    reader = _Reader(tex)
    pieces = reader.pieces()
    if reader.tokens or not pieces:
        raise BadFormula(tex)
    return _join(pieces)


class _Reader:
    """Reads tokens from the front; `depth` counts the scripts around what is being read."""

    def __init__(self, tex: str) -> None:
        self.tex = tex
        self.depth = 0
        self.tokens: list[str] = [word for word in _TOKEN.findall(tex.strip()) if not _SIZES.fullmatch(word)]
        self.tokens.reverse()

    def pieces(self) -> list[_Piece]:
        """Up to the end or to the brace that closes the group."""
        found: list[_Piece] = []
        while self.tokens and self.tokens[-1] != "}":
            word = self.tokens.pop()
            if word in "^_":
                found.append(self._scripted(found.pop() if found else _Piece(""), word))
            elif not word.isspace():
                found.append(self._piece(word))
        return found

    def _piece(self, word: str) -> _Piece:
        if word == "{":
            return self._rest_of_group()
        if word.startswith("\\"):
            return self._command(word[1:])
        if word in _SIGNS:
            text, kind = _SIGNS[word]
            return _Piece(escape(text), kind)
        if word.isascii() and word.isalpha():
            return _Piece(f"<em>{word}</em>")
        if word in "&%#$\\^_{}":
            raise BadFormula(self.tex)
        return _Piece(escape(word))

    def _rest_of_group(self) -> _Piece:
        inner = self.pieces()
        if not self.tokens:
            raise BadFormula(self.tex)
        self.tokens.pop()
        # A sign in braces, as in 1{,}000, is a letter like any other.
        return _Piece(
            _join(inner, tight=self.depth > 0),
            inner[0].kind if len(inner) == 1 and inner[0].kind in _CLOSED else "word",
        )

    def _argument(self) -> list[_Piece]:
        """A group, or the one token that follows."""
        self._skip_blanks()
        word = self._next()
        if word != "{":
            return [self._piece(word)]
        inner = self.pieces()
        self._next()
        return inner

    def _raw(self) -> str:
        """A group as it is written, or one letter; raises BadFormula where it holds anything but words."""
        self._skip_blanks()
        words = ""
        if (word := self._next()).isalpha():
            return word
        if word != "{":
            raise BadFormula(self.tex)
        while (word := self._next()) != "}":
            words += {"\\_": "_", "\\%": "%", "\\&": "&", "\\#": "#", "\\ ": " ", "~": " "}.get(word, word)
        if re.search(r"[\\{$^]", words):
            raise BadFormula(self.tex)
        return words

    def _next(self) -> str:
        if not self.tokens:
            raise BadFormula(self.tex)
        return self.tokens.pop()

    def _skip_blanks(self) -> None:
        while self.tokens and self.tokens[-1].isspace():
            self.tokens.pop()

    def _scripted(self, base: _Piece, mark: str) -> _Piece:
        tag = "sup" if mark == "^" else "sub"
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise BadFormula(self.tex)
        script = _join(self._argument(), tight=True)
        self.depth -= 1
        if base.kind in {"fraction", "root"}:
            base = _Piece(f"({base.html})")
        return _Piece(f"{base.html}{script}" if script == "′" else f"{base.html}<{tag}>{script}</{tag}>", base.kind)

    def _command(self, name: str) -> _Piece:
        if name in SYMBOL_COMMANDS:
            text, kind = SYMBOL_COMMANDS[name]
            return _Piece(escape(text), kind)
        if name in FUNCTION_NAMES:
            return _Piece(FUNCTION_NAMES[name], "function")
        if name in SPACE_COMMANDS:
            return _Piece(SPACE_COMMANDS[name], "space")
        return self._command_with_argument(name)

    def _command_with_argument(self, name: str) -> _Piece:
        if name in {"frac", "dfrac", "tfrac"}:
            return self._fraction()
        if name == "sqrt":
            return self._root()
        if name in BOLD_COMMANDS:
            return _Piece(f"<strong>{_join(self._argument(), tight=True)}</strong>")
        if name in UPRIGHT_COMMANDS:
            return _Piece(
                UPRIGHT_COMMANDS[name].format(escape(self._raw())), "function" if "operator" in name else "word"
            )
        if name in MATH_ALPHABETS:
            return _Piece("".join(self._letter(letter, MATH_ALPHABETS[name]) for letter in self._raw()))
        if name in ACCENT_MARKS:
            return self._accented(ACCENT_MARKS[name])
        raise BadFormula(self.tex)

    def _fraction(self) -> _Piece:
        numerator, denominator = self._argument(), self._argument()
        over, under = _factor(numerator, {"word", "function"}), _factor(denominator, set())
        if not numerator or not denominator:
            raise BadFormula(self.tex)
        return _Piece(f"{over}/{under}", "fraction")

    def _root(self) -> _Piece:
        self._skip_blanks()
        if self.tokens and self.tokens[-1] == "[":
            raise BadFormula(self.tex)
        under = _factor(self._argument(), set())
        return _Piece(f"√({under})" if "<sup>" in under and under[0] != "(" else f"√{under}", "root")

    def _letter(self, letter: str, style: str) -> str:
        """The letter of that alphabet, which Unicode has in one of two places."""
        case = "CAPITAL" if letter.isupper() else "SMALL"
        for name in (f"MATHEMATICAL {style} {case} {letter}", f"{style} {case} {letter}"):
            try:
                return unicodedata.lookup(name.upper())
            except KeyError:
                continue
        raise BadFormula(self.tex)

    def _accented(self, mark: str) -> _Piece:
        html = _join(self._argument(), tight=True)
        letter = re.fullmatch(r"(<em>)?([^\W\d_])(</em>)?", html)
        if letter is None:
            raise BadFormula(self.tex)
        return _Piece(f"{letter[1] or ''}{unicodedata.normalize('NFC', letter[2] + mark)}{letter[3] or ''}")


def _factor(pieces: list[_Piece], may_stand_bare: set[str]) -> str:
    """The pieces as one factor: in brackets unless they are one word, or of the kinds that need none."""
    html = _join(pieces)
    single = len(pieces) == 1 and pieces[0].kind != "fraction"
    bare = single or all(piece.kind in may_stand_bare for piece in pieces)
    return html if bare and " " not in html else f"({html})"


def _join(pieces: list[_Piece], *, tight: bool = False) -> str:
    """The pieces in a row, with the blanks that a reader expects around signs; none around those in scripts."""
    html = ""
    for position, piece in enumerate(pieces):
        before = pieces[position - 1].kind if position else "open"
        after = pieces[position + 1].kind if position + 1 < len(pieces) else "close"
        html += _placed(piece, before, after, "" if tight else " ")
    return re.sub(r" {2,}", " ", html.replace("</em><em>", "")).strip(" ")


def _placed(piece: _Piece, before: SymbolKind, after: SymbolKind, blank: str) -> str:
    match piece.kind:
        case "relation":
            return f"{blank}{piece.html}{blank}"
        case "binary":  # after a sign it is a sign itself, as in x = -1
            return piece.html if before not in _CLOSED else f"{blank}{piece.html}{blank}"
        case "comma":
            return f"{piece.html}{blank}"
        case "function" | "root":
            return f"{' ' * (before in _CLOSED)}{piece.html}{' ' * (after in {'word', 'function', 'fraction', 'root'})}"
        case "fraction":
            alone = before not in {*_CLOSED, "function", "slash"} and after in {
                "close",
                "binary",
                "relation",
                "comma",
                "space",
            }
            return piece.html if alone else f"({piece.html})"
    return piece.html
