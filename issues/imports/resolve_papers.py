"""Which papers a file means: by arXiv id, by slug, else by title; what stays unknown becomes a stub with a slug."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug

from core.command_reports import Problem
from issues.document.values import Document, HighlightBlock, PaperRef
from issues.storage.papers import known_papers
from issues.storage.slugs import free_slug
from papers import identifiers
from papers.models import Paper
from papers.records.title_match import DoubtfulMatch, TitleMatch, match_title


@dataclass(frozen=True, slots=True)
class ResolvedDocument:
    """The document with a key for every paper; the problems name each paper that is a stub or in doubt."""

    document: Document
    unmatched: int
    problems: tuple[Problem, ...]


def resolve_papers(document: Document, earlier: Document | None) -> ResolvedDocument:
    """Reads the papers of the database and writes nothing; `earlier` is the issue as the last import left it."""
    resolver = _Resolver(document, earlier)
    blocks = tuple(
        dataclasses.replace(block, papers=tuple(map(resolver.resolve, block.papers)))
        if isinstance(block, HighlightBlock)
        else block
        for block in document.blocks
    )
    return ResolvedDocument(dataclasses.replace(document, blocks=blocks), resolver.unmatched, tuple(resolver.problems))


class _Resolver:
    """One reading of a file: each paper is looked up once, and two stubs never share a slug."""

    def __init__(self, document: Document, earlier: Document | None) -> None:
        self._remembered = dict(_titles(earlier)) if earlier else {}
        self.problems: list[Problem] = []
        self._named = {paper: self._as_named(paper) for paper in _papers(document)}
        self._known = known_papers([*self._named.values(), *self._remembered.values()])
        self._keys: dict[PaperRef, PaperRef] = {}
        self._stubs: set[str] = set()

    @property
    def unmatched(self) -> int:
        return len(self._stubs)

    def resolve(self, paper: PaperRef) -> PaperRef:
        """The paper with its key."""
        named = self._named[paper]
        if named not in self._keys:
            self._keys[named] = self._known_reference(named) or self._stub_reference(named)
        found = self._keys[named]
        return dataclasses.replace(paper, arxiv_id=found.arxiv_id, slug=found.slug)

    def _as_named(self, paper: PaperRef) -> PaperRef:
        """Only what names the paper in the file: a valid id, else a valid slug, and the title."""
        if paper.arxiv_id:
            try:
                return PaperRef(title=paper.title, arxiv_id=identifiers.parse_arxiv_id(paper.arxiv_id).archive_id)
            except identifiers.BadIdentifier as error:
                self.problems.append(Problem(paper.title, str(error)))
        return PaperRef(title=paper.title, slug=paper.slug if _is_slug(paper.slug) else "")

    def _known_reference(self, named: PaperRef) -> PaperRef | None:
        """A paper that is more than a stub; one that the file gives an arXiv id can be no other."""
        candidates = [named] if named.arxiv_id else [named, self._remembered.get(named.title)]
        for candidate in filter(None, candidates):
            row = self._known.get(candidate.key)
            if row is not None and not row.stub:
                return _key(row)
        return None if named.arxiv_id else self._by_title(named)

    def _by_title(self, named: PaperRef) -> PaperRef | None:
        match match_title(named.title):
            case TitleMatch(paper=paper):
                return _key(paper)
            case DoubtfulMatch() as doubtful:
                self.problems.append(Problem(named.title, f"{doubtful}"))
        return None

    def _stub_reference(self, named: PaperRef) -> PaperRef:
        found = named if named.key else self._earlier_stub(named.title) or self._new_stub(named.title)
        if found.key not in self._stubs:
            self._stubs.add(found.key)
            self.problems.append(Problem(named.title, _mend(found)))
        return found

    def _earlier_stub(self, title: str) -> PaperRef | None:
        remembered = self._remembered.get(title)
        row = self._known.get(remembered.key) if remembered else None
        row = row or Paper.objects.stubs().filter(title__iexact=title).order_by("pk").first()
        return _key(row) if row else None

    def _new_stub(self, title: str) -> PaperRef:
        slug = free_slug(title, Paper.objects.values_list("slug", flat=True), default="paper", taken=self._stubs)
        return PaperRef(title=title, slug=slug)


def _papers(document: Document) -> Iterator[PaperRef]:
    return (paper for block in document.highlights() for paper in block.papers)


def _titles(document: Document) -> Iterator[tuple[str, PaperRef]]:
    """The papers by the titles and headings under which the last import found them."""
    for block in document.highlights():
        for paper in block.papers:
            yield paper.title, paper
        if len(block.papers) == 1:
            yield block.heading, block.papers[0]


def _key(row: Paper) -> PaperRef:
    return PaperRef(title=row.title, arxiv_id=row.arxiv_id or "", slug=row.slug or "")


def _is_slug(text: str) -> bool:
    try:
        validate_slug(text)
    except ValidationError:
        return False
    return True


def _mend(stub: PaperRef) -> str:
    if stub.arxiv_id:
        return f"arXiv {stub.arxiv_id} is not here yet; run `pull_arxiv --ids {stub.arxiv_id}`."
    return "no paper of this title is known, so it is kept as a stub; load the paper and import the file again."
