"""Records of any source → rows: a paper is written where something new was said about it, and nowhere else."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, Final, NamedTuple

from django.db import connection, transaction
from psycopg import sql
from psycopg.types.json import Jsonb

from papers.arxiv.records import PaperRecord
from papers.author_keys import author_keys
from papers.models import Correction, Paper
from papers.records import versions
from papers.records.corrections import as_arxiv_says, corrections_of, update_corrections, with_ours
from papers.records.merge import PaperState, merge_state, state_of
from papers.records.versions import PaperChange

_STATE: Final = tuple(column.name for column in fields(PaperState))
_LISTS: Final = frozenset({"authors", "categories", "dois"})
PAPER_COLUMNS: Final = (*_STATE, "authors_text", "author_keys", "primary_category", "searchable")
WRITERS_LOCK: Final = zlib.crc32(b"papers.sync")

_values = attrgetter(*_STATE)


@dataclass(frozen=True, slots=True)
class UpsertCounts:
    """How many papers were new, changed in any way, or told nothing new; `papers` are the first two's primary keys."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0
    papers: frozenset[int] = field(default=frozenset(), compare=False)

    def __add__(self, other: UpsertCounts) -> UpsertCounts:
        return UpsertCounts(
            self.new + other.new,
            self.updated + other.updated,
            self.unchanged + other.unchanged,
            self.papers | other.papers,
        )


class ExistingPaper(NamedTuple):
    pk: int
    state: PaperState


@transaction.atomic
def upsert_records(records: Sequence[PaperRecord], *, searchable: bool = True) -> UpsertCounts:
    """Writes down what is new in these records, all or nothing; a few thousand at a time are a good measure.

    Without `searchable` their words are left to `papers.search.index_backlog`.
    """
    _be_the_only_writer()
    known = _known({record.arxiv_id for record in records})
    corrections = corrections_of(paper.pk for paper in known.values())
    before = {name: as_arxiv_says(one.state, corrections.get(one.pk, ())) for name, one in known.items()}
    after = dict(before)
    said = [state_of(record) for record in records]
    for state in said:
        found = after.get(state.arxiv_id)
        after[state.arxiv_id] = merge_state(found, state) if found else state
    written = sorted(arxiv_id for arxiv_id, state in after.items() if state != before.get(arxiv_id))
    keys = {arxiv_id: paper.pk for arxiv_id, paper in known.items()}
    keys |= _write(_with_ours({name: after[name] for name in written}, known, corrections), searchable)
    changes = [
        PaperChange(keys[state.arxiv_id], record, state, before.get(state.arxiv_id), after[state.arxiv_id])
        for record, state in zip(records, said, strict=True)
    ]
    touched = {keys[arxiv_id] for arxiv_id in written} | versions.save_versions(changes)
    new = len(keys) - len(known)
    updated = len(touched) - new
    return UpsertCounts(new, updated, len(records) - new - updated, frozenset(touched))


def _with_ours(
    theirs: Mapping[str, PaperState],
    known: Mapping[str, ExistingPaper],
    corrections: Mapping[int, Sequence[Correction]],
) -> list[PaperState]:
    """What is to be written where editors have corrected what arXiv says."""
    if not corrections:
        return list(theirs.values())
    update_corrections({known[name].pk: state for name, state in theirs.items() if name in known}, corrections)
    return [
        with_ours(state, known[name].state, corrections.get(known[name].pk, ())) if name in known else state
        for name, state in theirs.items()
    ]


def _be_the_only_writer() -> None:
    """Until the transaction ends: two that write at once would merge into what the other is about to replace."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WRITERS_LOCK])


def _known(arxiv_ids: Iterable[str]) -> dict[str, ExistingPaper]:
    """The papers that are here, locked in the order of their identifiers, so that an editor's saving waits."""
    rows = Paper.objects.filter(arxiv_id__in=list(arxiv_ids)).order_by("arxiv_id").select_for_update(of=("self",))
    return {
        row[1]: ExistingPaper(row[0], PaperState(*map(_frozen, row[1:]))) for row in rows.values_list("pk", *_STATE)
    }


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _write(states: Sequence[PaperState], searchable: bool) -> dict[str, int]:
    """Papers inserted or replaced, by one COPY and one INSERT; their primary keys by identifier."""
    if not states:
        return {}
    names = sql.SQL(", ").join(map(sql.Identifier, PAPER_COLUMNS))
    updates = sql.SQL(", ").join(
        sql.SQL("{0} = EXCLUDED.{0}").format(sql.Identifier(name)) for name in PAPER_COLUMNS[1:]
    )
    parts = {"names": names, "updates": updates, "papers": sql.Identifier(Paper._meta.db_table)}
    with connection.cursor() as cursor:
        cursor.execute(_CREATE.format(**parts))
        with cursor.copy(_COPY.format(**parts)) as copy:
            for state in states:
                copy.write_row([*_row(state), searchable])
        cursor.execute(_UPSERT.format(**parts))
        keys = dict(cursor.fetchall())
        cursor.execute(_DROP)
    return keys


def _row(state: PaperState) -> Iterator[Any]:
    for name, value in zip(_STATE, _values(state), strict=True):
        yield Jsonb(list(value)) if name == "authors" else list(value) if name in _LISTS else value
    yield ", ".join(state.authors)
    yield author_keys(state.authors)
    yield state.categories[0] if state.categories else ""


_CREATE: Final = sql.SQL("CREATE TEMP TABLE incoming ON COMMIT DROP AS SELECT {names} FROM {papers} WITH NO DATA")
_COPY: Final = sql.SQL("COPY incoming ({names}) FROM STDIN")
_UPSERT: Final = sql.SQL(
    "INSERT INTO {papers} ({names}) SELECT {names} FROM incoming ORDER BY arxiv_id "
    "ON CONFLICT (arxiv_id) DO UPDATE SET {updates} RETURNING arxiv_id, id"
)
_DROP: Final = sql.SQL("DROP TABLE incoming")
