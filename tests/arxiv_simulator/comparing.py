"""The database beside the truth: every paper that is followed, field by field and version by version."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from papers import text
from papers.models import Paper, PaperVersion, Watch
from papers.taxonomy import keep_categories
from tests.arxiv_simulator.history import State
from tests.arxiv_simulator.simulator import Simulator
from tests.arxiv_simulator.truth import Truth

FIELDS: Final = (
    "version title abstract authors categories primary_category comment journal_ref dois submitted updated announced "
    "datestamp licence withdrawn".split()
)


_VERSION: Final = "version submitted paper__arxiv_id paper__slug".split()


def follow_all(categories: Sequence[str]) -> None:
    Watch.objects.create(name="All that is followed", slug="all", categories=list(categories))


def differences(simulator: Simulator, followed: Collection[str], first: date) -> Iterator[str]:
    """One line for each field that is not as it should be; of papers that changed since the first day."""
    stored = {row["arxiv_id"]: row for row in Paper.objects.values("arxiv_id", *FIELDS)}
    versions = _versions()
    for truth in simulator.truth():
        row = stored.pop(truth.id, None)
        if truth.changed < first or not set(followed) & set(truth.state.categories):
            continue
        if row is None:
            yield f"{truth.id}: lost; announced {truth.announced}, changed {truth.changed}"
            continue
        told = {**_told(truth, followed, first, simulator), "versions": list(truth.versions)}
        yield from _unlike(truth, told, {**row, "versions": versions[truth.id]})
    yield from (f"{arxiv_id}: nobody has announced it" for arxiv_id in stored)


def _unlike(truth: Truth, told: Mapping[str, Any], row: Mapping[str, Any]) -> Iterator[str]:
    for name, value in told.items():
        if row[name] != value:
            yield f"{truth.id} (changed {truth.changed}): {name} is {row[name]!r:.200} and should be {value!r:.200}"


def _told(truth: Truth, followed: Collection[str], first: date, simulator: Simulator) -> dict[str, Any]:
    state = truth.state
    # Only a feed tells the day, and only that of the primary category tells it as the first.
    primary = simulator.archive.papers[truth.id].events[0].state.categories[0]
    announced = truth.announced if truth.announced >= first and primary in followed else None
    return {
        **_text(state),
        "version": state.version,
        "categories": list(keep_categories(state.categories)),
        "primary_category": keep_categories(state.categories)[0],
        "journal_ref": state.journal_ref,
        "dois": [state.doi] if state.doi else [],
        "submitted": truth.submitted,
        "updated": state.submitted,
        "announced": announced,
        "datestamp": truth.changed,
        "licence": state.licence,
        "withdrawn": state.withdrawn,
    }


def _text(state: State) -> dict[str, Any]:
    return {
        "title": text.clean_line(state.title),
        "abstract": text.clean_abstract(state.abstract),
        "authors": list(text.clean_authors(state.authors)),
        "comment": text.clean_line(state.comment),
    }


def _versions() -> Mapping[str, list[tuple[int, datetime | None]]]:
    found: defaultdict[str, list[tuple[int, datetime | None]]] = defaultdict(list)
    for version in PaperVersion.objects.order_by("version").select_related("paper").only(*_VERSION):
        found[version.paper.key].append((version.version, version.submitted))
    return found
