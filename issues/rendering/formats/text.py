"""Document → plain text for reading, and for the text part of a mail: word for word, a paragraph a line. Pure.

No line is wrapped: every mail client and terminal wraps by itself, and none can take a wrong line break back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import singledispatch

from django.utils.translation import gettext as _

from core.text.markdown import footnote_count
from core.text.markdown import to_text as plain
from core.text.plaintext import inline_to_text as inline
from issues.document.values import (
    BlockKind,
    Document,
    FigureBlock,
    GlossaryBlock,
    HighlightBlock,
    PaperRef,
    PaywallBlock,
    PollResultsBlock,
    PollValue,
    SponsorBlock,
    TeasersBlock,
    TextBlock,
    ThemesBlock,
)
from issues.rendering.formats.markdown_blocks import prints_in_heading

WIDEST_RULE = 72  # characters


VoteUrl = Callable[[str, str], str]  # from the slug of a poll and the label of a choice


def to_text(document: Document, vote_url: VoteUrl | None = None) -> str:
    """The issue as far as the document goes: `for_everyone()` is the caller's choice.

    With `vote_url`, polls can be answered.
    """
    notes = _Notes(vote_url)
    blocks = (piece for block in document.blocks for piece in _write(block, notes))
    return "\n\n".join(filter(None, (*_head(document), *blocks))) + "\n"


@dataclass(slots=True)
class _Notes:
    """Numbers the footnotes of all texts on from each other, and knows where to vote."""

    vote_url: VoteUrl | None
    next: int = 1

    def text(self, markdown: str) -> str:
        """The plain text of a Markdown text, its footnotes at its end."""
        written = plain(markdown, footnote_start=self.next)
        self.next += footnote_count(markdown)
        return written


@singledispatch
def _write(block: BlockKind, notes: _Notes) -> Iterator[str]:
    """The paragraphs of the block; each kind is registered below."""
    raise NotImplementedError(f"{block.kind}: say in {__name__} how it is written as plain text")


def _head(document: Document) -> Iterator[str]:
    yield _ruled(document.title, "=")
    yield document.subtitle
    yield " · ".join(filter(None, (_place(document), *document.authors)))


def _place(document: Document) -> str:
    """The series and the number in it, as far as there are any."""
    if document.number is None:
        return document.series_name
    return f"{document.series_name or _('Issue')} {document.number}"


def _listed(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _labelled(label: str, text: str) -> str:
    return f"{label}: {text}" if label and text else label or text


def _ruled(heading: str, rule: str = "-") -> str:
    """A heading with a line below it; nothing for none."""
    return f"{heading}\n{rule * min(len(heading), WIDEST_RULE)}" if heading else ""


@_write.register
def _text(block: TextBlock, notes: _Notes) -> Iterator[str]:
    yield _ruled(inline(block.heading))
    yield notes.text(block.text)


@_write.register
def _teasers(block: TeasersBlock, notes: _Notes) -> Iterator[str]:
    yield notes.text(block.lead_in)
    yield _listed(map(inline, block.items))
    yield notes.text(block.closing)


@_write.register
def _themes(block: ThemesBlock, notes: _Notes) -> Iterator[str]:
    yield _ruled(inline(block.heading))
    yield from map(notes.text, (block.lead_in, *block.items))


@_write.register
def _glossary(block: GlossaryBlock, notes: _Notes) -> Iterator[str]:
    yield _ruled(inline(block.heading))
    yield from (_labelled(term.label, inline(term.definition)) for term in block.terms)


@_write.register
def _highlight(block: HighlightBlock, notes: _Notes) -> Iterator[str]:
    if prints_in_heading(block):
        yield "\n".join((_ruled(f"{block.heading}{_kinds(block.papers[0])}"), *_addresses(block.papers[0])))
    else:
        yield _ruled(inline(block.heading))
        for paper in block.papers:
            yield "\n".join((f"{_('Watching:')} {paper.title}{_kinds(paper)}", *_addresses(paper)))
    for part in block.parts:
        yield part.label
        yield notes.text(part.text)


def _kinds(paper: PaperRef) -> str:
    return f" ({'/'.join(link.kind for link in paper.links)})" if paper.links else ""


def _addresses(paper: PaperRef) -> Iterator[str]:
    return (f"{link.kind}: {link.url}" for link in paper.links if link.url)


@_write.register
def _figure(block: FigureBlock, notes: _Notes) -> Iterator[str]:
    yield f"[{_('Figure')}: {block.alt}]"
    yield inline(block.caption)
    yield _("Credit: %(credit)s") % {"credit": block.credit} if block.credit else ""
    yield _("Licence: %(licence)s") % {"licence": block.licence} if block.licence else ""


@_write.register
def _poll(block: PollValue, notes: _Notes) -> Iterator[str]:
    yield block.question
    if notes.vote_url is None:
        yield _listed(block.choices)
        return
    yield _("To vote, open the address below your answer; one more click there counts it.")
    yield _listed(f"{choice}\n  {notes.vote_url(block.poll, choice)}" for choice in block.choices)


@_write.register
def _poll_results(block: PollResultsBlock, notes: _Notes) -> Iterator[str]:
    yield block.question
    yield _listed(f"{result.label}: {result.votes}" for result in block.results)
    yield notes.text(block.text)


@_write.register
def _sponsor(block: SponsorBlock, notes: _Notes) -> Iterator[str]:
    yield f"[{_('Sponsor')}]"
    yield "\n".join(filter(None, (_ruled(block.heading), block.url)))
    yield notes.text(block.text)
    yield _listed(_labelled(line.label, inline(line.text)) for line in block.lines)


@_write.register
def _paywall(block: PaywallBlock, notes: _Notes) -> Iterator[str]:
    yield "* * *"
    yield notes.text(block.text)
