"""Each kind of block as the page shows it. Pure: value in, value out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import singledispatch

from django.urls import reverse
from django.utils.safestring import SafeString

from issues.document.values import (
    BlockKind,
    ChoiceTally,
    FigureBlock,
    GlossaryBlock,
    HighlightBlock,
    PaywallBlock,
    PollResultsBlock,
    PollValue,
    SponsorBlock,
    TeasersBlock,
    TermValue,
    TextBlock,
    ThemesBlock,
)
from issues.rendering.formats.markdown_blocks import picture_address, prints_in_heading
from issues.rendering.page.context import ShownBlock, ShownPaper, ShownPart, ShownTally, ShownTerm
from issues.rendering.page.papers import show_paper
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
        return _show(block, anchor, self)


@singledispatch
def _show(block: BlockKind, anchor: str, page: BlockSetting) -> ShownBlock:
    """The block as the page shows it; each kind is registered below, with the value that its template is given."""
    raise NotImplementedError(f"{block.kind}: say in {__name__} how the page shows it")


def term_url(term: TermValue, position: int) -> str:
    """Its page in the glossary; its line in this issue where the glossary does not know it."""
    return reverse("glossary:term", args=[term.slug]) if term.slug else f"#{term_anchor(term, position)}"


def term_anchor(term: TermValue, position: int) -> str:
    return f"term-{term.slug or position}"


def with_shares(results: Sequence[ChoiceTally]) -> tuple[ShownTally, ...]:
    """With the share of each in all votes."""
    votes = max(sum(result.votes for result in results), 1)
    return tuple(
        ShownTally(label=result.label, votes=result.votes, percent=round(100 * result.votes / votes))
        for result in results
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownText(ShownBlock):
    kind = "text"
    heading: SafeString
    html: SafeString


@_show.register
def _text(block: TextBlock, anchor: str, page: BlockSetting) -> ShownText:
    typesetter = page.typesetter
    return ShownText(anchor=anchor, heading=typesetter.inline(block.heading), html=typesetter.blocks(block.text))


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTeasers(ShownBlock):
    kind = "teasers"
    lead_in: SafeString
    items: tuple[SafeString, ...]
    closing: SafeString


@_show.register
def _teasers(block: TeasersBlock, anchor: str, page: BlockSetting) -> ShownTeasers:
    return ShownTeasers(
        anchor=anchor,
        lead_in=page.typesetter.blocks(block.lead_in),
        items=page.typesetter.inlines(block.items),
        closing=page.typesetter.blocks(block.closing),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownThemes(ShownBlock):
    kind = "themes"
    heading: SafeString
    lead_in: SafeString
    items: tuple[SafeString, ...]


@_show.register
def _themes(block: ThemesBlock, anchor: str, page: BlockSetting) -> ShownThemes:
    return ShownThemes(
        anchor=anchor,
        heading=page.typesetter.inline(block.heading),
        lead_in=page.typesetter.blocks(block.lead_in),
        items=tuple(map(page.typesetter.blocks, block.items)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownGlossary(ShownBlock):
    kind = "glossary"
    heading: SafeString
    terms: tuple[ShownTerm, ...]


@_show.register
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownHighlight(ShownBlock):
    """`in_heading` is the paper that the heading names; `watched` are those that are named below it."""

    kind = "highlight"
    number: int
    heading: SafeString
    heading_anchor: str
    in_heading: ShownPaper | None
    watched: tuple[ShownPaper, ...]
    parts: tuple[ShownPart, ...]
    is_machine_draft: bool


@_show.register
def _highlight(block: HighlightBlock, anchor: str, page: BlockSetting) -> ShownHighlight:
    page.highlights += 1
    papers = tuple(show_paper(paper, page.typesetter) for paper in block.papers)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownFigure(ShownBlock):
    kind = "figure"
    src: str
    alt: str
    caption: SafeString
    credit: str
    licence: str
    width: int | None
    height: int | None


@_show.register
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPoll(ShownBlock):
    kind = "poll"
    question: str
    choices: tuple[str, ...]


@_show.register
def _poll(block: PollValue, anchor: str, page: BlockSetting) -> ShownPoll:
    return ShownPoll(anchor=anchor, question=block.question, choices=block.choices)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPollResults(ShownBlock):
    kind = "poll_results"
    question: str
    results: tuple[ShownTally, ...]
    votes: int
    html: SafeString


@_show.register
def _poll_results(block: PollResultsBlock, anchor: str, page: BlockSetting) -> ShownPollResults:
    html = page.typesetter.blocks(block.text)
    votes = sum(result.votes for result in block.results)
    results = with_shares(block.results)
    return ShownPollResults(anchor=anchor, question=block.question, results=results, votes=votes, html=html)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSponsor(ShownBlock):
    kind = "sponsor"
    heading: str
    url: str
    html: SafeString
    lines: tuple[ShownPart, ...]


@_show.register
def _sponsor(block: SponsorBlock, anchor: str, page: BlockSetting) -> ShownSponsor:
    lines = tuple(ShownPart(label=line.label, html=page.typesetter.inline(line.text)) for line in block.lines)
    html = page.typesetter.blocks(block.text)
    return ShownSponsor(anchor=anchor, heading=block.heading, url=block.url, html=html, lines=lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPaywall(ShownBlock):
    """`is_closed` where the rest of the issue is kept from this reader."""

    kind = "paywall"
    html: SafeString
    is_closed: bool


@_show.register
def _paywall(block: PaywallBlock, anchor: str, page: BlockSetting) -> ShownPaywall:
    return ShownPaywall(anchor=anchor, html=page.typesetter.blocks(block.text), is_closed=page.is_closed)
