"""Finding terms in running text: whatever their case, hyphens and plural. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from core.text.term_links import Linker, TermMention

_DASHES: Final = "\\-\u2010\u2011\u2013"  # as it stands in a character class
_DASH: Final = rf"[{_DASHES}]?"
_GAP: Final = rf"[\s{_DASHES}]+"
_WORDS = re.compile(rf"[^\s{_DASHES}]+")
_GAPS = re.compile(_GAP)
_ACRONYM = re.compile(r"[A-Z0-9]{2,5}s?")


@dataclass(frozen=True, slots=True)
class TermWording:
    """A term as an issue words it; the definition is plain text."""

    name: str
    definition: str
    url: str
    qualifier: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        return f"{self.name} ({self.qualifier})" if self.qualifier else self.name

    @property
    def forms(self) -> tuple[str, ...]:
        """What the text may call it; a qualifier counts where it is what the name is short for, or the reverse."""
        expansion = (self.qualifier,) if is_expansion(self.name, self.qualifier) else ()
        return tuple(dict.fromkeys(form.strip() for form in (self.name, *self.aliases, *expansion) if form.strip()))


class TermFinder:
    """Compiled once for an issue; gives each text a linker that links every term at its first mention there."""

    def __init__(self, wordings: Iterable[TermWording]) -> None:
        forms: dict[str, TermWording] = {}
        for wording in wordings:
            for form in wording.forms:
                forms.setdefault(form, wording)
        longest_first = sorted(forms, key=lambda form: (-len(form), form))
        self._wordings: Sequence[TermWording] = [forms[form] for form in longest_first]
        # The look-behind and the look-ahead keep a match to whole words; the longest form wins where two begin.
        alternatives = "|".join(f"({form_pattern(form)})" for form in longest_first)
        self._pattern = re.compile(rf"(?<!\w)(?:{alternatives})(?!\w)", re.IGNORECASE) if longest_first else None

    def linker(self) -> Linker:
        """A linker for one text, which may come to it in pieces."""
        seen: set[TermWording] = set()

        def link(text: str) -> Sequence[TermMention]:
            return list(self._mentions(text, seen))

        return link

    def _mentions(self, text: str, seen: set[TermWording]) -> Iterable[TermMention]:
        for match in self._pattern.finditer(text) if self._pattern else ():
            wording = self._wordings[(match.lastindex or 1) - 1]
            if wording not in seen:
                seen.add(wording)
                yield TermMention(match.start(), match.end(), wording.url, wording.label, wording.definition)


def form_pattern(form: str) -> str:
    """A pattern for one form of a term, without groups of its own. A short acronym keeps its case: RAG is no rag."""
    if _ACRONYM.fullmatch(form):
        return rf"(?-i:{re.escape(form)}s?)"
    words = _WORDS.findall(form)
    if not words:
        return re.escape(form)
    separators = [*map(_between, _GAPS.findall(form.strip(" \t\n-\u2010\u2011\u2013"))), ""]
    patterns = [_letters(word) for word in words[:-1]] + [_plural(words[-1])]
    return "".join(pattern + gap for pattern, gap in zip(patterns, separators, strict=False))


def is_expansion(name: str, qualifier: str) -> bool:
    """Whether one is the initials of the other: TIR and Tool-Integrated Reasoning."""
    if not qualifier:
        return False
    return _initials(qualifier) == name.casefold() or (len(name) > 3 and _initials(name) == qualifier.casefold())


def _initials(text: str) -> str:
    words = _WORDS.findall(text)
    return "".join(word[0] for word in words).casefold() if len(words) > 1 else ""


def _between(separator: str) -> str:
    """A hyphen in the term may be missing from the text; a blank may be a hyphen there."""
    return f"(?:{_GAP})?" if separator.strip() else _GAP


def _letters(word: str) -> str:
    return _DASH.join(map(re.escape, word))


def _plural(word: str) -> str:
    """The last word in singular or plural."""
    stem = word[:-1] if re.search(r"[^sui]s$", word, re.IGNORECASE) and len(word) > 3 else word
    if re.search(r"[^aeiou]y$", stem, re.IGNORECASE):
        return f"{_letters(stem[:-1])}(?:y|ies)"
    return f"{_letters(stem)}(?:es|s)?"
