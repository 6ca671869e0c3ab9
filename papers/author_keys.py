"""The normal form of an author's name, under which papers of one name are found together."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

LONGEST_KEY: Final = 120

_APOSTROPHES = re.compile("['’‘`´ʼʻ]")
_BETWEEN_WORDS = re.compile(r"[^a-z0-9]+")
# The accents of Latin, Greek and Cyrillic letters. The marks of other scripts are vowels, and tell names apart.
_ACCENTS = re.compile("[\u0300-\u036f]")
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)


@lru_cache(maxsize=100_000)
def author_key(name: str) -> str:
    """The name without case, accents, dots, apostrophes and hyphens, as it stands in /authors/<key>/; it may be empty.

    Initials are no full name and the order of the words counts, so that P. Erdős, Paul Erdős and Erdős Paul are three;
    everybody who is called Wei Wang is one. Whoever changes the rule fills the column again by a migration.
    """
    plain = _APOSTROPHES.sub("", name)
    words = _BETWEEN_WORDS.sub("-", plain.lower()) if plain.isascii() else _folded(plain)
    return words.strip("-")[:LONGEST_KEY].rstrip("-")


def author_keys(names: Iterable[str]) -> list[str]:
    """The normal forms of the names, each once, in their order; a name without a letter has none."""
    return list(dict.fromkeys(filter(None, map(author_key, names))))


def _folded(name: str) -> str:
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", name).casefold()))
    letters = unicodedata.normalize("NFC", bare.translate(_LETTERS))
    return "-".join("".join(letter if _in_word(letter) else " " for letter in letters).split())


def _in_word(letter: str) -> bool:
    return letter.isalnum() or unicodedata.category(letter).startswith("M")
