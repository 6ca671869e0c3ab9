"""Each kind of block as the page shows it. Pure: value in, value out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from issues.document.values import (
    BlockKind,
    ChoiceTally,
    FigureBlock,
    GlossaryBlock,
    HighlightBlock,
    PaperLinkValue,
    PaperRef,
    PaywallBlock,
    PollResultsBlock,
    PollValue,
    SponsorBlock,
    TeasersBlock,
    TermValue,
    TextBlock,
    ThemesBlock,
)
from issues.rendering.formats.citations import day_of
from issues.rendering.formats.markdown_blocks import picture_address, prints_in_heading
from issues.rendering.page.context import (
    ShownBlock,
    ShownFigure,
    ShownGlossary,
    ShownHighlight,
    ShownLink,
    ShownPaper,
    ShownPart,
    ShownPaywall,
    ShownPoll,
    ShownPollResults,
    ShownSponsor,
    ShownTally,
    ShownTeasers,
    ShownTerm,
    ShownText,
    ShownThemes,
)
from issues.rendering.page.typesetter import Typesetter


@dataclass(slots=True)
class BlockSetting:
    """What the blocks of one page share."""

    typesetter: Typesetter
    is_closed: bool = False
    highlights: int = 0
    blocks: int = field(default=0)

    def show(self, block: BlockKind) -> ShownBlock:
        self.blocks += 1
        anchor = self.typesetter.anchor(block.uuid) or f"block-{self.blocks}"
        return _SETTERS[type(block)](block, anchor, self)


def term_url(term: TermValue, position: int) -> str:
    """Its page in the glossary; its line in this issue where the glossary does not know it."""
    return reverse("glossary:term", args=[term.slug]) if term.slug else f"#{term_anchor(term, position)}"


def term_anchor(term: TermValue, position: int) -> str:
    return f"term-{term.slug or position}"


def paper_url(paper: PaperRef) -> str:
    return reverse("papers:paper", args=[paper.key]) if paper.key else ""


def short_byline(authors: Iterable[str]) -> str:
    """`A`, `A and B`, or `A et al.`"""
    names = list(authors)
    return f"{names[0]} et al." if len(names) > 2 else " and ".join(names)


def with_shares(results: Sequence[ChoiceTally]) -> tuple[ShownTally, ...]:
    """With the share of each in all votes."""
    votes = max(sum(result.votes for result in results), 1)
    return tuple(
        ShownTally(label=result.label, votes=result.votes, percent=round(100 * result.votes / votes))
        for result in results
    )


def _text(block: TextBlock, anchor: str, page: BlockSetting) -> ShownText:
    typesetter = page.typesetter
    return ShownText(anchor=anchor, heading=typesetter.inline(block.heading), html=typesetter.blocks(block.text))


def _teasers(block: TeasersBlock, anchor: str, page: BlockSetting) -> ShownTeasers:
    return ShownTeasers(
        anchor=anchor,
        lead_in=page.typesetter.blocks(block.lead_in),
        items=page.typesetter.inlines(block.items),
        closing=page.typesetter.blocks(block.closing),
    )


def _themes(block: ThemesBlock, anchor: str, page: BlockSetting) -> ShownThemes:
    return ShownThemes(
        anchor=anchor,
        heading=page.typesetter.inline(block.heading),
        lead_in=page.typesetter.blocks(block.lead_in),
        items=tuple(map(page.typesetter.blocks, block.items)),
    )


def _glossary(block: GlossaryBlock, anchor: str, page: BlockSetting) -> ShownGlossary:
    terms = tuple(_term(term, position, page) for position, term in enumerate(block.terms, 1))
    return ShownGlossary(anchor=anchor, heading=page.typesetter.inline(block.heading), terms=terms)


def _term(term: TermValue, position: int, page: BlockSetting) -> ShownTerm:
    return ShownTerm(
        anchor=page.typesetter.anchor(term_anchor(term, position)),
        url=term_url(term, position) if term.slug else "",
        name=term.name,
        qualifier=term.qualifier,
        definition=page.typesetter.inline(term.definition),
    )


def _highlight(block: HighlightBlock, anchor: str, page: BlockSetting) -> ShownHighlight:
    page.highlights += 1
    papers = tuple(_paper(paper, page) for paper in block.papers)
    named = prints_in_heading(block)
    linker = page.typesetter.linker()
    return ShownHighlight(
        anchor=anchor,
        number=page.highlights,
        heading=page.typesetter.title(block.heading) if named else page.typesetter.inline(block.heading),
        heading_anchor=papers[0].anchor if named else "",
        in_heading=papers[0] if named else None,
        watched=() if named else papers,
        parts=tuple(
            ShownPart(label=part.label, html=page.typesetter.blocks(part.text, linker)) for part in block.parts
        ),
        is_machine_draft=block.origin == "machine",
    )


def _paper(paper: PaperRef, page: BlockSetting) -> ShownPaper:
    return ShownPaper(
        title=page.typesetter.title(paper.title),
        anchor=page.typesetter.anchor(paper.key),
        url=paper_url(paper),
        arxiv_id=paper.arxiv_id,
        byline=short_byline(paper.authors),
        category=paper.primary_category,
        submitted=day_of(paper.submitted),
        links=tuple(_link(link, paper) for link in paper.links),
    )


def _link(link: PaperLinkValue, paper: PaperRef) -> ShownLink:
    return ShownLink(kind=link.kind, url=link.url, label=f"{link.kind}: {paper.title}")


def _figure(block: FigureBlock, anchor: str, page: BlockSetting) -> ShownFigure:
    return ShownFigure(
        anchor=anchor,
        src=picture_address(block.src),
        alt=block.alt,
        caption=page.typesetter.inline(block.caption),
        credit=block.credit,
        licence=block.licence,
        width=block.width,
        height=block.height,
    )


def _poll(block: PollValue, anchor: str, page: BlockSetting) -> ShownPoll:
    return ShownPoll(anchor=anchor, question=block.question, choices=block.choices)


def _poll_results(block: PollResultsBlock, anchor: str, page: BlockSetting) -> ShownPollResults:
    html = page.typesetter.blocks(block.text)
    votes = sum(result.votes for result in block.results)
    results = with_shares(block.results)
    return ShownPollResults(anchor=anchor, question=block.question, results=results, votes=votes, html=html)


def _sponsor(block: SponsorBlock, anchor: str, page: BlockSetting) -> ShownSponsor:
    lines = tuple(ShownPart(label=line.label, html=page.typesetter.inline(line.text)) for line in block.lines)
    html = page.typesetter.blocks(block.text)
    return ShownSponsor(anchor=anchor, heading=block.heading, url=block.url, html=html, lines=lines)


def _paywall(block: PaywallBlock, anchor: str, page: BlockSetting) -> ShownPaywall:
    return ShownPaywall(anchor=anchor, html=page.typesetter.blocks(block.text), is_closed=page.is_closed)


_SETTERS: Mapping[type[BlockKind], Callable[[Any, str, BlockSetting], ShownBlock]] = {
    TextBlock: _text,
    TeasersBlock: _teasers,
    ThemesBlock: _themes,
    GlossaryBlock: _glossary,
    HighlightBlock: _highlight,
    FigureBlock: _figure,
    PollValue: _poll,
    PollResultsBlock: _poll_results,
    SponsorBlock: _sponsor,
    PaywallBlock: _paywall,
}
