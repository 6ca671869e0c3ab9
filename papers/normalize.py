"""One clean form of the text that sources send: white space, invisible characters, TeX accents, names."""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

from pylatexenc.latex2text import LatexNodes2Text

# Controls that are no white space, soft hyphen, direction marks and overrides, zero-width space, word joiner,
# byte order mark, lone surrogates, non-characters, tags. The joiners that emoji and Persian need stay.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
_LINE_END = re.compile(r"\r\n?")
_PARAGRAPH = re.compile(r"\n\s+")

_LETTER = r"(?:\\?[ij](?![a-z])|\\?[IJ](?![A-Za-z])|[^\W\d_])"
_MARK = rf"\\(?:[\"'`^=.]|(?<!/\\)~)\s*(?:\{{\s*{_LETTER}\s*\}}|{_LETTER})"
_NAMED_MARK = rf"\\[uvHcdbkr](?:\s*\{{\s*{_LETTER}\s*\}}|\s+{_LETTER})"
_SYMBOL = r"(?:ss|ae|AE|oe|OE|aa|AA|o|O|l|L|i|j)"
_IN_WORD = rf"\\(?<=[^\W\d_]\\){_SYMBOL}(?![A-Za-z])(?:\{{\}}|\s)?"
_BEFORE_WORD = rf"\\{_SYMBOL}(?:\{{\}}|\s+(?=[a-z])|(?=\{{[a-z]\}}))"
# Bounded, as hostile text may open maths ten thousand times and never close it.
_MATHS = r"\\\$|\$\$.{0,3000}?\$\$|\$[^$]{0,3000}\$|\\\(.{0,500}?\\\)|\\\[.{0,500}?\\\]"
# Every branch begins with one of three characters, so the engine skips to them: twice as fast.
_TEX = re.compile(
    rf"{_MATHS}|\{{{_MARK}\}}|\{{{_NAMED_MARK}\}}|\{{\\{_SYMBOL}\}}|{_MARK}|{_NAMED_MARK}|{_IN_WORD}|{_BEFORE_WORD}",
    re.DOTALL,
)

_GLUED_MARK = re.compile(r"\{\\([uvHcdbkr])([A-Za-z])\}")
_GLUED_STROKE = re.compile(r"(?<=[a-z])\\([lLoO])(?=[A-Z])")
_LEFT_OVER_TEX = re.compile(r"[\\{}]+")
_JOINING_WORD = re.compile(r"^(?:\\?and\b|&)\s*|\s*(?:\band|&)$")
_NAME_EDGE = " \t,;:*&"
_LABEL = re.compile(r"(?:authors?|editors?|by)", re.IGNORECASE)
_COLLECTIVE = re.compile(
    r"(?:Team|Collaborations?|\bGroups?|Consorti(?:um|a)|\bCommittee|\bInitiative)\b"
    r"|\b(?:team|collaboration|consortium)\b"
)
_DEEPEST_PARENTHESES = 4
_PARENTHESES = re.compile(r"\s*\([^()]*\)")
_BETWEEN_NAMES = re.compile(r"[,;]|\s+\\and\s+")
_AND = re.compile(r"\s+(?:and|&)\s+")
_LIKE_A_PERSON = re.compile(r"\S+\s+\S+|\w\.")
_GENERATION = re.compile(r"(?:[JS]r\.?|I{2,3}|IV)", re.IGNORECASE)

_LONGEST_DOI = 255
# Commas and semicolons may stand inside a DOI, so they part two only where another begins.
_BETWEEN_DOIS = re.compile(r"\s+|[,;]+\s*(?=10\.[0-9]{4,9}/)")

_tex_to_text: Callable[[str], str] = LatexNodes2Text().latex_to_text


def clean_line(text: str) -> str:
    """One line: white space collapsed, TeX accents outside $…$ made letters, maths and other TeX kept."""
    if text.isascii() and text.isprintable() and "\\" not in text and "  " not in text:
        return text.strip(" ")
    return _collapsed(_visible(text))


def clean_abstract(text: str) -> str:
    """Paragraphs parted by an empty line; only a line break before white space begins one, as on arXiv."""
    visible = _visible(text.strip())
    if "\r" in visible:
        visible = _LINE_END.sub("\n", visible)
    if "\n" not in visible:
        return _collapsed(visible)
    paragraphs = (_collapsed(paragraph) for paragraph in _PARAGRAPH.split(visible))
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


def clean_authors(names: Iterable[str]) -> tuple[str, ...]:
    """Names as printed, in order, with repeats; what arXiv's own splitting left (":", "and") is dropped."""
    kept: list[str] = []
    for name in names:
        cleaned = clean_name(name)
        if cleaned:
            kept.append(cleaned)
        elif ":" in name and len(kept) == 1 and _LABEL.fullmatch(kept[0]):
            kept.clear()
    return tuple(kept)


@lru_cache(maxsize=100_000)
def clean_name(name: str) -> str:
    """One author's name; empty where nothing of a name is in it."""
    line = " ".join(name.split())
    if "\\" in line:
        line = _GLUED_MARK.sub(r"{\\\1{\2}}", line)
        line = _GLUED_STROKE.sub(r"\\\1{}", line)
    line = clean_line(_JOINING_WORD.sub("", line))
    if "\\" in line or "{" in line or "}" in line:
        line = _LEFT_OVER_TEX.sub("", line)
    line = _JOINING_WORD.sub("", line.strip(_NAME_EDGE)).strip(_NAME_EDGE)
    return line if any(map(str.isalnum, line)) else ""


def split_authors(text: str) -> tuple[str, ...]:
    """The names in a line of authors: "A, B (affiliation, town) and C". Affiliations are dropped."""
    line = clean_line(text)
    for _ in range(_DEEPEST_PARENTHESES if "(" in line else 0):
        line = _PARENTHESES.sub("", line)
    names: list[str] = []
    for part in _BETWEEN_NAMES.split(line):
        if names and _GENERATION.fullmatch(part.strip()):
            names[-1] = f"{names[-1]}, {part.strip()}"
        else:
            names += _split_at_and(part)
    return clean_authors(names)


def clean_dois(text: str) -> tuple[str, ...]:
    """The DOIs of a field, parted by white space or commas, each once; what is too long for one is none."""
    written = (doi.rstrip(",;") for doi in _BETWEEN_DOIS.split(clean_line(text)))
    return tuple(dict.fromkeys(doi for doi in written if 0 < len(doi) <= _LONGEST_DOI))


def is_collective(name: str) -> bool:
    """Whether the author is a team, collaboration or the like and no person, going by the name alone."""
    return _COLLECTIVE.search(name) is not None


def clean_hash(title: str, abstract: str, authors: Sequence[str], comment: str) -> str:
    """SHA-256 (hex) of clean texts, as those of a PaperRecord are: white space and the spelling of accents are gone."""
    fields = (title, abstract.replace("\n\n", " "), "\x1f".join(authors), comment)
    return hashlib.sha256("\x1e".join(fields).encode()).hexdigest()


def _visible(text: str) -> str:
    if "\\" in text:
        text = _TEX.sub(_accent_to_letter, text)
    if not text.isprintable():
        text = _INVISIBLE.sub("", text)
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _collapsed(text: str) -> str:
    """Single spaces between the words. Of all white space only the plain one is printable, and most texts are clean."""
    return text.strip(" ") if "  " not in text and text.isprintable() else " ".join(text.split())


def _accent_to_letter(match: re.Match[str]) -> str:
    found = match[0]
    return found if found.startswith(("$", r"\$", r"\(", r"\[")) else _letter(found)


@lru_cache(maxsize=10_000)
def _letter(accent: str) -> str:
    """The letter that an accent of TeX stands for; the TeX itself where Unicode has no such letter."""
    plain = accent.replace(r"\I", r"\i").replace(r"\J", r"\j")
    letter = unicodedata.normalize("NFC", _tex_to_text(plain).strip())
    return letter if len(letter) == 1 and letter.isalpha() else accent


def _split_at_and(part: str) -> list[str]:
    names = _AND.split(part) if "and" in part or "&" in part else [part]
    if len(names) > 1 and is_collective(part) and not _LIKE_A_PERSON.search(names[0].strip()):
        return [part]
    return names
