"""Papers as BibTeX, RIS and CSL-JSON. Pure; the names of authors are split only where the format asks for it."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.text.mathml import BadFormula, to_mathml
from papers.normalize import is_collective

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH_OF_ID = re.compile(r"(?:[a-z-]+/)?(?P<year>\d\d)(?P<month>0[1-9]|1[0-2])")
_FORMULA = re.compile(r"(?<![\\$])\$(?!\$)((?:[^$\\]|\\.)+)\$(?!\$)")
# Braces count for BibTeX even behind a backslash, so they are written without one.
_TEX = {
    **{char: f"\\{char}" for char in "%#&_$"},
    "{": r"$\lbrace$",
    "}": r"$\rbrace$",
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}
_SPECIAL = re.compile("|".join(map(re.escape, _TEX)))
_GENERATION = re.compile(r",?\s+(?P<generation>[JS]r\.?|I{2,3}|IV)", re.IGNORECASE)
_PARTICLE = re.compile(r"[a-zà-ÿ'’-]+")
_OTHERS = re.compile(r"et\.? al\.?|others", re.IGNORECASE)
_SMALL_WORDS = frozenset(
    "a an and are as at by can do for from how in is it of on or the to what when why with".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperCitation:
    """A paper to be cited: authors as printed and in order, the day of its first version, where it can be read."""

    title: str
    authors: tuple[str, ...] = ()
    arxiv_id: str = ""
    primary_category: str = ""
    day: date | None = None
    url: str = ""

    @property
    def issued(self) -> tuple[int, ...]:
        """Year, month and day as far as they are known: an arXiv id tells year and month."""
        if self.day:
            return (self.day.year, self.day.month, self.day.day)
        month = _MONTH_OF_ID.match(self.arxiv_id)
        return (int(month["year"]) + (1900 if month["year"] >= "91" else 2000), int(month["month"])) if month else ()

    @property
    def year(self) -> str:
        return "".join(map(str, self.issued[:1]))

    @property
    def doi(self) -> str:
        """The one that arXiv registers for each of its papers."""
        return f"10.48550/arXiv.{self.arxiv_id}" if self.arxiv_id else ""


@dataclass(frozen=True, slots=True)
class _Name:
    """A person's name in its parts, or a collective whose name is `last`."""

    last: str
    first: str = ""
    particle: str = ""
    generation: str = ""
    collective: bool = False


def to_bibtex(citations: Iterable[PaperCitation]) -> str:
    """One @misc entry each, in UTF-8; the keys are unique and stay the same for the same list."""
    listed = list(citations)
    entries = (_entry(citation, key) for citation, key in zip(listed, _keys(listed), strict=True))
    return "\n".join(entries)


def to_ris(citations: Iterable[PaperCitation]) -> str:
    """One record each, with the line ends that RIS asks for."""
    return "".join(f"{tag}  - {_line(value)}\r\n" for citation in citations for tag, value in _tags(citation))


def to_csl(citations: Iterable[PaperCitation]) -> list[dict[str, Any]]:
    """CSL-JSON items, to be dumped as one list."""
    listed = list(citations)
    return [_item(citation, key) for citation, key in zip(listed, _keys(listed), strict=True)]


def _entry(citation: PaperCitation, key: str) -> str:
    fields = {
        "title": f"{{{{{_tex(citation.title)}}}}}",
        "author": f"{{{' and '.join(map(_bibtex_name, citation.authors))}}}" if citation.authors else "",
        "year": citation.year and f"{{{citation.year}}}",
        "month": "".join(_MONTHS[month - 1] for month in citation.issued[1:2]),
        "eprint": citation.arxiv_id and f"{{{citation.arxiv_id}}}",
        "archiveprefix": citation.arxiv_id and "{arXiv}",
        "primaryclass": citation.arxiv_id and citation.primary_category and f"{{{citation.primary_category}}}",
        "url": citation.url and f"{{{_bare_url(citation.url)}}}",
    }
    lines = "".join(f"  {name} = {value},\n" for name, value in fields.items() if value)
    return f"@misc{{{key},\n{lines}}}\n"


def _tags(citation: PaperCitation) -> Iterator[tuple[str, str]]:
    yield "TY", "GEN"
    yield "TI", citation.title
    for author in citation.authors:
        name = _split(author)
        last = f"{name.particle} {name.last}".strip()
        yield "AU", ", ".join(filter(None, (last, name.first, name.generation)))
    yield from ((tag, value) for tag, value in _facts(citation) if value)
    yield "ER", ""


def _facts(citation: PaperCitation) -> Iterator[tuple[str, str]]:
    yield "PY", citation.year
    yield "DA", "/".join(f"{part:02}" for part in citation.issued)
    yield "PB", "arXiv" if citation.arxiv_id else ""
    yield "M1", citation.arxiv_id and f"arXiv:{citation.arxiv_id}"
    yield "KW", citation.primary_category
    yield "DO", citation.doi
    yield "UR", citation.url


def _item(citation: PaperCitation, key: str) -> dict[str, Any]:
    item = {
        "id": key,
        "type": "article",
        "title": _line(citation.title),
        "author": [_csl_name(_split(author)) for author in citation.authors],
        "issued": {"date-parts": [list(citation.issued)]} if citation.issued else None,
        "publisher": "arXiv" if citation.arxiv_id else "",
        "number": citation.arxiv_id and f"arXiv:{citation.arxiv_id}",
        "DOI": citation.doi,
        "URL": citation.url,
    }
    return {name: value for name, value in item.items() if value}


def _csl_name(name: _Name) -> dict[str, str]:
    if name.collective or not name.first:
        return {"literal": name.last}
    parts = {
        "family": name.last,
        "given": name.first,
        "non-dropping-particle": name.particle,
        "suffix": name.generation,
    }
    return {part: value for part, value in parts.items() if value}


def _bibtex_name(author: str) -> str:
    """The name as printed, which BibTeX splits as `_split` does; in braces where it must not be split."""
    if _OTHERS.fullmatch(author):
        return "others"
    name = _split(author)
    if name.collective:
        return f"{{{_tex(name.last)}}}"
    if name.generation:
        last = f"{name.particle} {name.last}".strip()
        return _tex(f"{last}, {name.generation}, {name.first}")
    return _tex(author)


def _split(author: str) -> _Name:
    """A name as printed, first names first; one with a comma or an “and” inside is no person's, nor is “et al.”."""
    line = _line(author)
    suffix = next((match for match in _GENERATION.finditer(line) if match.end() == len(line)), None)
    bare = line[: suffix.start()] if suffix else line
    words = bare.split()
    no_person = is_collective(line) or "," in bare or "and" in line.lower().split() or _OTHERS.fullmatch(line)
    if no_person or len(words) < 2:
        return _Name(last=line, collective=True)
    start = next((i for i, word in enumerate(words[1:-1], start=1) if _PARTICLE.fullmatch(word)), len(words) - 1)
    end = next((i for i in range(start, len(words)) if not _PARTICLE.fullmatch(words[i])), len(words) - 1)
    return _Name(
        last=" ".join(words[end:]),
        first=" ".join(words[:start]),
        particle=" ".join(words[start:end]),
        generation=suffix["generation"] if suffix else "",
    )


def _keys(citations: Sequence[PaperCitation]) -> Iterator[str]:
    """The first author's name, the year and the first telling word of the title; a number where that is taken."""
    used: set[str] = set()
    for citation in citations:
        base = _key(citation)
        numbered = (f"{base}-{number}" for number in itertools.count(2))
        key = base if base not in used else next(name for name in numbered if name not in used)
        used.add(key)
        yield key


def _key(citation: PaperCitation) -> str:
    author = _ascii(_split(citation.authors[0]).last) if citation.authors else ""
    words = (_ascii(word) for word in re.split(r"[\s/:–—-]+", citation.title))
    word = next((word for word in words if word and word not in _SMALL_WORDS), "")
    return f"{author[:40]}{citation.year}{word[:40]}" or _ascii(citation.arxiv_id) or "paper"


def _ascii(text: str) -> str:
    """Lower-case letters and digits: all that every BibTeX takes for a key."""
    return re.sub(r"[^a-z0-9]+", "", unicodedata.normalize("NFKD", text).lower())


def _tex(text: str) -> str:
    """The text for TeX, its formulas kept where they are nothing but mathematics."""
    line, pieces, position = _line(text), list[str](), 0
    for match in _FORMULA.finditer(line):
        if _is_formula(match[1]):
            pieces += [_escaped(line[position : match.start()]), match[0]]
            position = match.end()
    return "".join([*pieces, _escaped(line[position:])])


def _is_formula(tex: str) -> bool:
    try:
        to_mathml(tex)
    except BadFormula:
        return False
    return tex.count("{") == tex.count("}") and not re.search(r"(?<!\\)[%#&~]|\\[{}%]", tex)


def _escaped(text: str) -> str:
    return _SPECIAL.sub(lambda match: _TEX[match[0]], text)


def _bare_url(url: str) -> str:
    """An address between braces, as \\url{} prints it: percent-encoded where BibTeX would stumble."""
    return _line(url).translate({ord("{"): "%7B", ord("}"): "%7D", ord("\\"): "%5C", ord(" "): "%20"})


def _line(text: str) -> str:
    return " ".join(text.split())
