"""A title as somebody printed it → the paper it names. A doubtful match is named, never made."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction
from django.db.models.functions import Upper
from pylatexenc.latex2text import LatexNodes2Text
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from papers.models import FormerTitle, Paper

# Below this share of common trigrams a title is not even a candidate (pg_trgm; of 1).
_LIKENESS: Final = 0.6
MOST_CANDIDATES: Final = 20
MOST_NAMED: Final = 3
# From here on (rapidfuzz; of 100) a title is like enough to be named to a person.
WORTH_NAMING: Final = 80.0
LONGEST_TITLE: Final = 1_000
SHORTEST_BEGINNING: Final = 6
# A slip of the pen is told from another paper only in a long word of a title of several words.
LONG_WORD: Final = 7
MANY_WORDS: Final = 5

_WORD = re.compile(r"[^\W_]+(?:[+#*]+(?!\w))?")
# What tells LLaMA 2.1 from LLaMA 21 and P = NP from P ≠ NP.
_SIGN = re.compile(r"\d+(?:\.\d+)*|[=≠≤≥]")
_tex_to_text = LatexNodes2Text().latex_to_text


@dataclass(frozen=True, slots=True)
class TitleMatch:
    """The one paper that the title names."""

    paper: Paper


@dataclass(frozen=True, slots=True)
class DoubtfulMatch:
    """Papers that the title may name, the likest first; as text a sentence with the mend."""

    candidates: tuple[Paper, ...]

    def __str__(self) -> str:
        named = " or ".join(f"“{paper.title}” ({paper.key})" for paper in self.candidates)
        return f"it is not certain which paper this is; it may be {named}: give its arXiv id or its exact title."


@dataclass(frozen=True, slots=True)
class _Spelling:
    """A title without what printers change: case, accents, punctuation, spaces, hyphens, TeX."""

    words: tuple[str, ...]
    signs: tuple[str, ...]

    @property
    def joined(self) -> str:
        return "".join(self.words)


def match_title(title: str) -> TitleMatch | DoubtfulMatch | None:
    """The paper of this title among those that are more than stubs. None: nothing like it is known."""
    asked = spell_title(title)
    if not asked.words:
        return None
    now = [(paper, spell_title(paper.title)) for paper in _candidates(title[:LONGEST_TITLE])]
    certain = _certain(asked, now)
    if not certain:
        once = [(former.paper, spell_title(former.title)) for former in _once_called(title[:LONGEST_TITLE])]
        certain, now = _certain(asked, once), [*now, *once]
    if len(certain) == 1:
        return TitleMatch(certain[0])
    like = certain or list(dict.fromkeys(paper for paper, found in now if is_like(asked, found)))
    return DoubtfulMatch(tuple(like[:MOST_NAMED])) if like else None


def _certain(asked: _Spelling, candidates: Sequence[tuple[Paper, _Spelling]]) -> list[Paper]:
    """The papers of this very title, else those where one letter differs."""
    same = [paper for paper, found in candidates if is_same(asked, found)]
    return list(dict.fromkeys(same or [paper for paper, found in candidates if is_slip(asked, found)]))


def spell_title(title: str) -> _Spelling:
    plain = _tex_to_text(title) if "$" in title or "\\" in title else title
    folded = unicodedata.normalize("NFKC", plain).casefold()
    letters = "".join(char for char in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(char))
    return _Spelling(tuple(_WORD.findall(letters)), tuple(_SIGN.findall(folded)))


def is_same(one: _Spelling, other: _Spelling) -> bool:
    return one.joined == other.joined and one.signs == other.signs


def is_slip(one: _Spelling, other: _Spelling) -> bool:
    """Whether one letter inside one long word is all that differs."""
    if len(one.words) != len(other.words) or len(one.words) < MANY_WORDS or one.signs != other.signs:
        return False
    differing = [pair for pair in zip(one.words, other.words, strict=True) if pair[0] != pair[1]]
    return len(differing) == 1 and _is_misspelt(*differing[0])


def _is_misspelt(one: str, other: str) -> bool:
    """A word that begins or ends otherwise is another word: unsafe, learner, fixpoints."""
    long_enough = min(len(one), len(other)) >= LONG_WORD and (one + other).isalpha()
    return long_enough and one[0] == other[0] and one[-2:] == other[-2:] and OSA.distance(one, other) == 1


def is_like(one: _Spelling, other: _Spelling) -> bool:
    """Whether a person should look: nearly the same words, or one is the beginning of the other."""
    a, b = " ".join(one.words), " ".join(other.words)
    shorter, longer = sorted((a, b), key=len)
    begins = len(shorter) >= SHORTEST_BEGINNING and longer.startswith(f"{shorter} ")
    return begins or fuzz.ratio(a, b) >= WORTH_NAMING


@transaction.atomic
def _candidates(title: str) -> list[Paper]:
    """The papers whose titles are like this one, the likest first, then those whose titles begin with it."""
    _set_likeness()
    like = list(Paper.objects.resembling(title)[:MOST_CANDIDATES])
    return [*like, *(paper for paper in _beginning(title) if paper not in like)]


@transaction.atomic
def _once_called(title: str) -> list[FormerTitle]:
    """Titles like this one that papers had before, the likest first."""
    _set_likeness()
    return list(FormerTitle.objects.resembling(title).select_related("paper")[:MOST_CANDIDATES])


def _set_likeness() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(_LIKENESS)])


def _beginning(title: str) -> Iterable[Paper]:
    if len(title) < SHORTEST_BEGINNING:
        return []
    known = Paper.objects.alias(upper=Upper("title")).filter(stub=False, upper__startswith=title.upper())
    return known.order_by("-pk")[:MOST_NAMED]
