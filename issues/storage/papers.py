"""The papers of a highlight ⇄ their references as printed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import zip_longest

from django.db.models import Q

from issues.document.structured_text import format_printed_links, parse_printed_links
from issues.document.values import HighlightBlock, PaperLinkValue, PaperRef
from issues.models import Highlight
from issues.storage.write_counts import DoesNotFit, WriteLedger
from papers.enrichment.extract_links import FoundLink, canonical_url, merge_links
from papers.models import Paper, PaperLink

LINK_KINDS: tuple[str, ...] = tuple(PaperLink.Kind.values)  # the order in which links are printed
LONGEST_URL = 2000


def papers_of(highlights: Iterable[Highlight]) -> dict[int, list[Paper]]:
    """The papers of each highlight (by its row id) in their order, in two queries."""
    through = Highlight.papers.through.objects
    rows = (
        through.filter(highlight__in=highlights)
        .select_related("paper")
        .defer("paper__search")
        .prefetch_related("paper__links")
    )
    papers: dict[int, list[Paper]] = {}
    for row in rows.order_by("pk"):
        papers.setdefault(row.highlight_id, []).append(row.paper)
    return papers


def read_papers(papers: Sequence[Paper], label: str) -> tuple[PaperRef, ...]:
    """The papers with the links that the label names; a paper without a label of its own has all that are known."""
    labels = parse_printed_links(label)[: len(papers)]
    return tuple(paper_reference(paper, kinds) for paper, kinds in zip_longest(papers, labels))


def paper_reference(paper: Paper, kinds: Sequence[str] | None = None) -> PaperRef:
    """The paper as it is printed now, with links of these kinds (None: every known kind once)."""
    day: date | None = paper.submitted.astimezone(UTC).date() if paper.submitted else paper.announced
    return PaperRef(
        title=paper.title,
        arxiv_id=paper.arxiv_id or "",
        slug=paper.slug or "",
        authors=tuple(paper.authors),
        primary_category=paper.primary_category,
        submitted=day.isoformat() if day else "",
        links=tuple(_links(paper, kinds)),
    )


def known_papers(references: Iterable[PaperRef]) -> dict[str, Paper]:
    """The papers that these references name, by their key, in two queries."""
    keys = {reference.key for reference in references} - {""}
    found = Paper.objects.filter(Q(arxiv_id__in=keys) | Q(slug__in=keys)).with_links()
    return {paper.key: paper for paper in found}


def put_papers(references: Iterable[PaperRef], ledger: WriteLedger) -> dict[str, Paper]:
    """The papers by their key: unknown ones become stubs, and links that a paper lacks are added to it."""
    wanted = list(references)
    papers = known_papers(wanted)
    for wish in wanted:
        if not wish.key:
            raise DoesNotFit(f"The paper “{wish.title}” has neither an arXiv id nor a slug.")
        if wish.key not in papers:
            papers[wish.key] = _add_stub(wish, ledger)
        else:
            ledger.put(papers[wish.key], {}, name=wish.title)
        if _add_links(papers[wish.key], wish, ledger):
            ledger.touched(papers[wish.key])
    return papers


def link_papers(block: Highlight, papers: Sequence[Paper]) -> bool:
    """Gives the highlight these papers in this order; True where it had others."""
    rows = Highlight.papers.through.objects.filter(highlight=block).order_by("pk")
    wanted = list(dict.fromkeys(paper.pk for paper in papers))
    if list(rows.values_list("paper_id", flat=True)) == wanted:
        return False
    block.papers.clear()
    for key in wanted:
        block.papers.add(key)
    return True


def printed_links(block: HighlightBlock) -> str:
    return format_printed_links([tuple(link.kind for link in paper.links) for paper in block.papers])


def _links(paper: Paper, kinds: Sequence[str] | None) -> Iterator[PaperLinkValue]:
    """The second link of a kind is printed where the label names the kind twice; what is not known is a promise."""
    known = _known_links(paper)
    if kinds is None:
        kinds = [kind for kind in LINK_KINDS if known.get(kind)]
    for position, kind in enumerate(kinds):
        nth = kinds[:position].count(kind)
        urls = known.get(kind, [])
        yield PaperLinkValue(kind=kind, url=urls[nth] if nth < len(urls) else "")


def _known_links(paper: Paper) -> Mapping[str, list[str]]:
    known: dict[str, list[str]] = {"paper": [paper.source_url]} if paper.source_url else {}
    for link in paper.links.all():
        if link.url not in known.setdefault(link.kind, []):
            known[link.kind].append(link.url)
    return known


def _add_stub(wish: PaperRef, ledger: WriteLedger) -> Paper:
    paper = Paper()
    values = {
        "arxiv_id": wish.arxiv_id or None,
        "slug": None if wish.arxiv_id else wish.slug,
        "title": wish.title or wish.key,
        "authors": list(wish.authors),
        "primary_category": wish.primary_category,
        "categories": [wish.primary_category] if wish.primary_category else [],
        "submitted": _instant(wish.submitted),
        "stub": True,
    }
    ledger.put(paper, values, name=f"the paper “{wish.title}”")
    return paper


def _add_links(paper: Paper, wish: PaperRef, ledger: WriteLedger) -> bool:
    """Adds what is new of the reference's links; the address on arXiv follows from the id."""
    known = [FoundLink(link.kind, link.url, link.where) for link in paper.links.order_by("pk")]
    brought = [
        FoundLink(link.kind, link.url, "issue")
        for link in wish.links
        if link.url and link.url != paper.source_url and not (link.kind == "paper" and paper.arxiv_id)
    ]
    bad = [link for link in brought if not _is_usable(link)]
    for link in bad:
        what = f"“{link.url[:200]}” ({link.kind[:20]}) is no address of a web page; it is left out."
        ledger.problem(wish.title, what)
    merged = merge_links(known, [link for link in brought if link not in bad])
    new = [link for link in merged if link not in known]
    for link in new:
        paper.links.create(kind=link.kind, url=link.url, where=PaperLink.Where.ISSUE)
    return bool(new)


def _is_usable(link: FoundLink) -> bool:
    return link.kind in LINK_KINDS and len(link.url) <= LONGEST_URL and canonical_url(link.url) is not None


def _instant(day: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
    except ValueError:
        return None
