"""What a paper becomes when a source says something about it: versions first, then sources, never less than before."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from papers.arxiv.records import PaperRecord
from papers.text import clean_hash
from papers.withdrawals import mentions_withdrawal, withdrawal_sentence

# Of two texts of one version the one from the source further on is kept. Bulk files do not tell the version.
SOURCES: Final = ("", "archive", "corpus", "snapshot", "rss", "oai", "atom")
# Only these tell all there is, so only what they did not say before is news: a code link, a journal reference.
TELL_ALL: Final = frozenset({"snapshot", "rss", "oai", "atom"})
LONGEST_DETAIL: Final = 500


@dataclass(frozen=True, slots=True)
class State:
    """The columns of a paper that sources fill. `content_hash` is that of the text as its source gave it."""

    arxiv_id: str
    version: int | None
    title: str
    abstract: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    comment: str
    journal_ref: str
    dois: tuple[str, ...]
    submitted: datetime | None
    updated: datetime | None
    announced: date | None
    licence: str
    withdrawn: bool
    withdrawal: str
    content_hash: str
    source: str
    stub: bool


@dataclass(frozen=True, slots=True)
class Event:
    """News about a paper that was known before; `kind` as in PaperEvent, `happened` None where no source says when."""

    kind: str
    detail: str
    happened: datetime | None = None


def state_of(record: PaperRecord) -> State:
    """The paper as this record alone tells it."""
    sentence = withdrawal_sentence(record.comment, record.abstract)
    return State(
        arxiv_id=record.arxiv_id,
        version=record.version,
        title=record.title,
        abstract=record.abstract,
        authors=record.authors,
        categories=record.categories,
        comment=record.comment,
        journal_ref=record.journal_ref,
        dois=record.dois,
        submitted=record.submitted,
        updated=record.updated,
        announced=record.announced,
        licence=record.licence,
        withdrawn=bool(sentence),
        withdrawal=sentence,
        content_hash=clean_hash(record.title, record.abstract, record.authors, record.comment),
        source=record.source,
        stub=False,
    )


def merge(known: State, said: State) -> State:
    """The paper with what a source said. An older version fills gaps only; empty never overwrites full."""
    if said == known:
        return known
    new = _keeping_edits(known, said)
    upper, lower = (new, known) if outranks(new, known) else (known, new)
    same_version = upper.version == lower.version
    withdrawn = new if upper is new and _decides_withdrawal(known, new) else known
    return dataclasses.replace(
        upper,
        abstract=upper.abstract or lower.abstract,
        authors=upper.authors or lower.authors,
        categories=upper.categories or lower.categories,
        comment=upper.comment or lower.comment,
        journal_ref=upper.journal_ref or lower.journal_ref,
        dois=upper.dois or lower.dois,
        submitted=upper.submitted or lower.submitted,
        updated=upper.updated or (lower.updated if same_version else None),
        announced=min(filter(None, (upper.announced, lower.announced)), default=None),
        licence=upper.licence or (lower.licence if same_version else ""),
        withdrawn=withdrawn.withdrawn,
        withdrawal=withdrawn.withdrawal,
        stub=False,
    )


def outranks(new: State, known: State) -> bool:
    """Whether the new text takes the place of the known one: never an older version's, nor a lesser source's.

    Bulk files tell no version; where they tell dates, the same date is the same version, and what is known stays.
    """
    if _rank(new) != _rank(known):
        return _rank(new) > _rank(known)
    theirs, ours = new.updated or new.submitted, known.updated or known.submitted
    return new.version is not None or theirs is None or ours is None or theirs > ours


def events(before: State, after: State, *, code: str) -> Iterator[Event]:
    """What happened between the two; `code` is the first code link where there was none before, else empty."""
    if before.version is not None and after.version is not None and after.version > before.version:
        yield Event("version", f"v{after.version}", after.updated)
    if after.withdrawn and not before.withdrawn and before.source:
        yield Event("withdrawal", after.withdrawal[:LONGEST_DETAIL], after.updated)
    if after.journal_ref and not before.journal_ref and before.source in TELL_ALL:
        yield Event("publication", after.journal_ref[:LONGEST_DETAIL])
    if code and before.source in TELL_ALL:
        yield Event("code", code[:LONGEST_DETAIL])


def _rank(state: State) -> tuple[int, int]:
    return state.version or 0, SOURCES.index(state.source)


def _keeping_edits(known: State, new: State) -> State:
    """Where the source's text is the one we have had from it, an editor's changes to ours stand."""
    if known.content_hash != new.content_hash:
        return new
    return dataclasses.replace(
        new, title=known.title, abstract=known.abstract, authors=known.authors, comment=known.comment
    )


def _decides_withdrawal(known: State, new: State) -> bool:
    """A new text that says so, or a newer version that does not; else what we know stands, an editor's word too."""
    if known.content_hash == new.content_hash:
        return False
    newer = (new.version or 0) > (known.version or 0)
    return new.withdrawn or (newer and not mentions_withdrawal(f"{new.comment} {new.abstract}"))
