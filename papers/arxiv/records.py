"""What a source said about one paper: the values that parsers hand on and that `sync` writes down."""

from dataclasses import dataclass
from datetime import date, datetime

from papers.enrichment.extract_links import FoundLink


@dataclass(frozen=True, slots=True)
class VersionRecord:
    """One version of a paper; `submitted` is aware UTC, None where the source does not say."""

    version: int
    submitted: datetime | None


@dataclass(frozen=True, slots=True)
class PaperRecord:
    """A paper as one source gave it, all text normalised. Empty means "not said", never "blank it".

    `arxiv_id` is canonical and unversioned; `version` None means unknown. `categories` has the primary first.
    `submitted` is the time of v1 and `updated` that of this version (UTC); `announced` the first listing day
    (Eastern). `source` is one of atom, oai, raw (OAI-PMH's arXivRaw), rss, corpus, archive, snapshot. `datestamp` is
    the day of the record's last change of any kind, which only OAI-PMH tells.
    """

    arxiv_id: str
    version: int | None
    title: str
    abstract: str
    authors: tuple[str, ...]
    categories: tuple[str, ...]
    source: str
    comment: str = ""
    journal_ref: str = ""
    dois: tuple[str, ...] = ()
    submitted: datetime | None = None
    updated: datetime | None = None
    announced: date | None = None
    datestamp: date | None = None
    licence: str = ""
    links: tuple[FoundLink, ...] = ()
    versions: tuple[VersionRecord, ...] = ()

    @property
    def primary_category(self) -> str:
        return self.categories[0] if self.categories else ""
