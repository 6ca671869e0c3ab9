"""The database beside the truth: every paper that is followed, field by field and version by version."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final

from papers import normalize
from papers.models import Paper, PaperVersion, Pull, Watch
from papers.taxonomy import keep_categories
from tests.arxiv_simulator.days import feed_day
from tests.arxiv_simulator.history import State
from tests.arxiv_simulator.simulator import Simulator
from tests.arxiv_simulator.year.truth import Truth

FIELDS: Final = (
    "version title abstract authors categories primary_category comment journal_ref dois submitted updated announced "
    "datestamp licence withdrawn".split()
)


_VERSION: Final = "version submitted licence withdrawn paper__arxiv_id paper__slug paper__version".split()


def follow_all(categories: Sequence[str]) -> None:
    Watch.objects.create(name="All that is followed", slug="all", categories=list(categories))


def differences(simulator: Simulator, followed: Collection[str], first: date) -> Iterator[str]:
    """One line for each field that is not as it should be; of papers that changed since the first day.

    Where arXiv refused access all the day that a feed stood, nobody can know that its papers were announced then.
    """
    lost = lost_feeds(simulator)
    stored = {row["arxiv_id"]: row for row in Paper.objects.values("arxiv_id", *FIELDS)}
    versions = _versions()
    for truth in simulator.truth():
        row = stored.pop(truth.id, None)
        if truth.changed < first or not set(followed) & set(truth.state.categories):
            continue
        if row is None:
            yield f"{truth.id}: lost; announced {truth.announced}, changed {truth.changed}"
            continue
        told = {**_told(truth, followed, first, simulator), "versions": _told_versions(truth)}
        if (told["primary_category"], truth.announced) in lost and row["announced"] is None:
            told["announced"] = None
        yield from _unlike(truth, told, {**row, "versions": versions[truth.id]})
    yield from (f"{arxiv_id}: nobody has announced it" for arxiv_id in stored)


def lost_feeds(simulator: Simulator) -> set[tuple[str, date]]:
    """Category and day of feeds that were not had, on days when arXiv refused access."""
    refused = {feed_day(moment) for moment in simulator.manners.refusals}
    feeds = Pull.objects.filter(source=Pull.Source.RSS, day__in=refused)
    had = set(feeds.filter(outcome=Pull.Outcome.COMPLETE).values_list("set_spec", "day"))
    return {(category, day) for day in refused for category in Watch.objects.categories()} - had


def _unlike(truth: Truth, told: Mapping[str, Any], row: Mapping[str, Any]) -> Iterator[str]:
    for name, value in told.items():
        if row[name] != value:
            yield f"{truth.id} (changed {truth.changed}): {name} is {row[name]!r:.200} and should be {value!r:.200}"


def told(truth: Truth) -> tuple[object, ...]:
    """The truth in our words, as far as every road but the feeds tells it."""
    state = truth.state
    return (
        truth.id,
        state.version,
        normalize.clean_line(state.title),
        normalize.clean_abstract(state.abstract),
        list(normalize.clean_authors(state.authors)),
        list(keep_categories(state.categories)),
        normalize.clean_line(state.comment),
        state.journal_ref,
        [state.doi] if state.doi else [],
        truth.submitted,
        state.submitted,
    )


def stored(*further: str) -> list[tuple[object, ...]]:
    """What the database says of the same, and further fields, by identifier."""
    fields = "arxiv_id version title abstract authors categories comment journal_ref dois submitted updated".split()
    return [tuple(row) for row in Paper.objects.order_by("arxiv_id").values_list(*fields, *further)]


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


def _told_versions(truth: Truth) -> list[tuple[Any, ...]]:
    """What is known of each: licence and withdrawal of the latest one only, as of the others nobody need have seen."""
    state = truth.state
    *earlier, latest = truth.versions
    return [*earlier, (*latest, state.licence, state.withdrawn)]


def _text(state: State) -> dict[str, Any]:
    return {
        "title": normalize.clean_line(state.title),
        "abstract": normalize.clean_abstract(state.abstract),
        "authors": list(normalize.clean_authors(state.authors)),
        "comment": normalize.clean_line(state.comment),
    }


def _versions() -> Mapping[str, list[tuple[Any, ...]]]:
    found: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for version in PaperVersion.objects.order_by("version").select_related("paper").only(*_VERSION):
        row = (version.version, version.submitted, version.licence, version.withdrawn)
        found[version.paper.key].append(row if version.version == version.paper.version else row[:2])
    return found
