"""What Hugging Face's paper API (GET /papers/<arXiv id>) answers, read strictly: hostile until parsed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from papers.enrichment.extract_links import FoundLink, canonical_url, kind_of, merge_links

LARGEST_FIGURE: Final = 2**31 - 1  # what PostgreSQL's integer holds
_FIGURES: Final = {
    "upvotes": "upvotes",
    "stars": "githubStars",
    "models": "numTotalModels",
    "datasets": "numTotalDatasets",
    "spaces": "numTotalSpaces",
}
_LINKS: Final = ("githubRepo", "projectPage")


class NotAPaperPage(ValueError):
    """The body is no answer about the paper that was asked for: a passing fault, never "no such paper"."""


@dataclass(frozen=True, slots=True)
class PaperPage:
    """The figures by name (as in PaperSignal) and the links that the page of a paper shows."""

    figures: Mapping[str, int]
    links: tuple[FoundLink, ...]


def read_page(body: bytes, arxiv_id: str) -> PaperPage:
    """The page of this paper. What is not of its type is left out. Raises NotAPaperPage."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise NotAPaperPage(f"the answer is no JSON: {error}"[:200]) from None
    if not isinstance(said, dict) or said.get("id") != arxiv_id:
        raise NotAPaperPage(f"the answer is not about {arxiv_id}")
    figures = {name: value for name, key in _FIGURES.items() if (value := _figure(said.get(key))) is not None}
    return PaperPage(figures, merge_links(_links(said)))


def _figure(value: Any) -> int | None:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if is_number and 0 <= value <= LARGEST_FIGURE else None


def _links(said: Mapping[str, Any]) -> Iterator[FoundLink]:
    for key in _LINKS:
        address = said.get(key)
        url = canonical_url(address) if isinstance(address, str) else None
        kind = kind_of(url) if url and url.startswith("https://") else None
        if url and kind:
            yield FoundLink(kind, url, "huggingface")
