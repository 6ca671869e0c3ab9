"""What a paper becomes when a source says something about it: versions first, then sources, never less than before."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from papers.arxiv.records import PaperRecord
from papers.normalize import clean_hash
from papers.records.withdrawals import mentions_withdrawal, read_withdrawal

# Of two texts of one version the one from the source further on is kept. Bulk files do not tell the version.
SOURCE_RANKS: Final = ("", "archive", "corpus", "snapshot", "rss", "raw", "oai", "atom")
# Names are a matter of their own: the raw ones come in one string, with TeX and affiliations.
_NAMES: Final = ("", "archive", "corpus", "snapshot", "raw", "rss", "oai", "atom")
# Only these tell all there is, so only what they did not say before is news: a code link, a journal reference.
TELL_ALL: Final = frozenset({"snapshot", "rss", "raw", "oai", "atom"})
SILENT_ON_COMMENTS: Final = frozenset({"rss"})
LONGEST_DETAIL: Final = 500


@dataclass(frozen=True, slots=True)
class PaperState:
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
    datestamp: date | None
    licence: str
    withdrawn: bool
    withdrawal: str
    content_hash: str
    source: str
    stub: bool


@dataclass(frozen=True, slots=True)
class StateEvent:
    """News about a paper that was known before; `kind` as in PaperEvent, `happened` None where no source says when."""

    kind: str
    detail: str
    happened: datetime | None = None


def state_of(record: PaperRecord) -> PaperState:
    """The paper as this record alone tells it."""
    withdrawal = read_withdrawal(record.comment, record.abstract)
    return PaperState(
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
        datestamp=record.datestamp,
        licence=record.licence,
        withdrawn=withdrawal.certain,
        withdrawal=withdrawal.sentence,
        content_hash=clean_hash(record.title, record.abstract, record.authors, record.comment),
        source=record.source,
        stub=False,
    )


def merge_state(known: PaperState, said: PaperState) -> PaperState:
    """The paper with what a source said. An older version fills gaps only; empty never overwrites full."""
    if said == known:
        return known
    new = _keeping_paragraphs(known, said)
    upper, lower = (new, known) if _outranks(new, known) else (known, new)
    first, second = (lower, upper) if is_later_word(lower, upper) else (upper, lower)
    same_version = upper.version == lower.version
    withdrawn = new if upper is new and _decides_withdrawal(known, new) else known
    return dataclasses.replace(
        upper,
        abstract=upper.abstract or lower.abstract,
        authors=_authors(upper, lower),
        categories=first.categories or second.categories,
        comment=upper.comment or lower.comment,
        journal_ref=first.journal_ref or second.journal_ref,
        dois=first.dois or second.dois,
        submitted=upper.submitted or lower.submitted,
        updated=upper.updated or (lower.updated if same_version else None),
        announced=min(filter(None, (upper.announced, lower.announced)), default=None),
        datestamp=max(filter(None, (upper.datestamp, lower.datestamp)), default=None),
        licence=(first.licence or second.licence) if same_version else upper.licence,
        withdrawn=withdrawn.withdrawn,
        withdrawal=withdrawn.withdrawal,
        stub=False,
    )


def _outranks(new: PaperState, known: PaperState) -> bool:
    """Whether the new text takes the place of the known one: never an older version's, nor a lesser source's.

    Bulk files tell no version; where they tell dates, the same date is the same version, and what is known stays.
    """
    if _rank(new) != _rank(known):
        return _rank(new) > _rank(known)
    theirs, ours = new.updated or new.submitted, known.updated or known.submitted
    return new.version is not None or theirs is None or ours is None or theirs > ours


def is_later_word(lower: PaperState, upper: PaperState) -> bool:
    """Whether the lesser source has the say in what changes without a new version: by OAI-PMH's datestamp."""
    if lower.datestamp is None or not _may_be_of_one_version(lower, upper):
        return False
    return upper.datestamp is None or lower.datestamp > upper.datestamp


def find_events(before: PaperState, after: PaperState, *, code: str) -> Iterator[StateEvent]:
    """What happened between the two; `code` is the first code link where there was none before, else empty."""
    if before.version is not None and after.version is not None and after.version > before.version:
        yield StateEvent("version", f"v{after.version}", after.updated)
    if after.withdrawn and not before.withdrawn and before.source:
        yield StateEvent("withdrawal", after.withdrawal[:LONGEST_DETAIL], after.updated)
    if after.journal_ref and not before.journal_ref and before.source in TELL_ALL:
        yield StateEvent("publication", after.journal_ref[:LONGEST_DETAIL])
    if code and before.source in TELL_ALL:
        yield StateEvent("code", code[:LONGEST_DETAIL])


def _rank(state: PaperState) -> tuple[int, int]:
    return state.version or 0, SOURCE_RANKS.index(state.source)


def _may_be_of_one_version(lower: PaperState, upper: PaperState) -> bool:
    """OAI-PMH's format arXiv tells no version, but a datestamp, and it is always of the latest one."""
    return lower.version == upper.version or (lower.version is None and lower.source == "oai")


def _authors(upper: PaperState, lower: PaperState) -> tuple[str, ...]:
    """Of one version the names from the source that has them best."""
    if not (upper.authors and lower.authors):
        return upper.authors or lower.authors
    is_stale = bool(lower.datestamp and upper.datestamp and lower.datestamp < upper.datestamp)
    if is_stale or not _may_be_of_one_version(lower, upper):
        return upper.authors
    return max(lower, upper, key=lambda state: (_NAMES.index(state.source), state is upper)).authors


def _keeping_paragraphs(known: PaperState, new: PaperState) -> PaperState:
    """Of one text two sources see other paragraphs; the first that came stand."""
    return dataclasses.replace(new, abstract=known.abstract) if known.content_hash == new.content_hash else new


def _decides_withdrawal(known: PaperState, new: PaperState) -> bool:
    """A text that speaks of one, or the first in full of a newer version that does not: else what we know stands."""
    in_full = new.source not in SILENT_ON_COMMENTS and _fullness(new) > _fullness(known)
    return bool(new.withdrawal) or (in_full and not mentions_withdrawal(f"{new.comment} {new.abstract}"))


def _fullness(state: PaperState) -> tuple[int, bool]:
    return state.version or 0, state.source not in SILENT_ON_COMMENTS
