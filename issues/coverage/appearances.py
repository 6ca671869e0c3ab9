"""Which papers and terms stand in which published issue, as far as every reader may know: what is behind a paywall
does not count. Editions never change, so what one says is remembered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from glossary.models import GlossaryTerm, GlossaryTermQuerySet
from issues.models import Edition, Glossary, Issue, Topic
from issues.models.issue import IssueQuerySet
from issues.models.topic import TopicQuerySet
from papers.models import Paper
from papers.models.paper import PaperQuerySet

_Key = tuple[int, datetime]


@dataclass(frozen=True, slots=True)
class PaperAppearance:
    """A published issue, and the keys of the papers and terms in it."""

    issue: int
    updated: datetime
    papers: frozenset[str]
    terms: frozenset[str]


_remembered: Mapping[_Key, PaperAppearance] = {}


def load_appearances() -> list[PaperAppearance]:
    """One a published issue, the newest first; two queries, or one where nothing was published since."""
    global _remembered
    keys = _public_editions()
    known = {key: _remembered[key] for key in keys if key in _remembered}
    missing = [key[0] for key in keys if key not in known]
    if missing:
        known |= {(edition.pk, edition.created): _read(edition) for edition in _load(missing)}
    _remembered = known
    return [known[key] for key in keys if key in known]


def issues_with_paper(key: str) -> IssueQuerySet:
    """The published issues that show this paper."""
    return Issue.objects.published().filter(pk__in=[one.issue for one in load_appearances() if key in one.papers])


def issues_by_paper(keys: Iterable[str]) -> dict[str, list[int]]:
    """The primary keys of the published issues that show each of these papers, the newest first."""
    shown = load_appearances()
    return {key: [one.issue for one in shown if key in one.papers] for key in keys}


def issues_with_term(slug: str) -> IssueQuerySet:
    """The published issues that explain this term."""
    return Issue.objects.published().filter(pk__in=[one.issue for one in load_appearances() if slug in one.terms])


def open_papers(topic: Topic) -> PaperQuerySet:
    """The papers of this topic that published issues show."""
    return topic.papers.at_any(covered_papers())


def issues_on(topic: Topic) -> IssueQuerySet:
    """The published issues that show a paper of this topic."""
    keys = {arxiv_id or slug for arxiv_id, slug in open_papers(topic).values_list("arxiv_id", "slug")}
    return Issue.objects.published().filter(pk__in=[one.issue for one in load_appearances() if keys & one.papers])


def open_topics() -> TopicQuerySet:
    """Topics with a paper that published issues show."""
    return Topic.objects.of_any(Paper.objects.at_any(covered_papers()))


def open_terms() -> GlossaryTermQuerySet:
    """Terms that every reader may know: not those that stand only in drafts, or behind a paywall."""
    shown = sorted({slug for one in load_appearances() for slug in one.terms})
    in_blocks = Glossary.terms.through.objects.filter(glossaryterm=OuterRef("pk"))
    return GlossaryTerm.objects.filter(~Exists(in_blocks) | Q(slug__in=shown))


def covered_papers() -> list[str]:
    """The keys of all papers in published issues."""
    return sorted({key for one in load_appearances() for key in one.papers})


def _public_editions() -> list[_Key]:
    newest = Edition.objects.public().filter(issue__state=Issue.State.PUBLISHED).order_by("issue_id", "-number")
    rows = newest.distinct("issue_id").values_list("pk", "created", "issue__published_at")
    return [(pk, created) for pk, created, _ in sorted(rows, key=lambda row: row[2] or row[1], reverse=True)]


def _load(keys: Iterable[int]) -> Iterable[Edition]:
    return Edition.objects.filter(pk__in=keys).iterator()


def _read(edition: Edition) -> PaperAppearance:
    document = edition.value.for_everyone()
    return PaperAppearance(
        issue=edition.issue_id,
        updated=edition.created,
        papers=frozenset(paper.key for paper in document.papers() if paper.key),
        terms=frozenset(term.slug for term in document.terms() if term.slug),
    )
