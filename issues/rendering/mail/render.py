"""A document as a mail: subject, preheader, HTML and text, the same bytes for everybody but for a token. Pure."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final

import css_inline
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.command_reports import Problem
from core.text.markdown import footnote_count, render_inline, render_markdown, render_title, to_text
from core.text.medium import TextMedium, unknown_image
from core.text.term_links import Linker
from issues.document.values import (
    BlockKind,
    Document,
    FigureBlock,
    HighlightBlock,
    PaywallBlock,
    PollValue,
    TextBlock,
    ThemesBlock,
)
from issues.rendering.formats.markdown_blocks import prints_in_heading
from issues.rendering.mail.formulas import to_html
from issues.rendering.mail.layout import TOKEN_PLACEHOLDER, Letterhead, MailDepth, MailSheet
from issues.rendering.mail.links import LinkReplacer, remove_markers, replace_links
from issues.rendering.mail.text import to_mail_text
from issues.rendering.page.blocks import BlockSetting, ShownFigure, ShownGlossary, ShownHighlight
from issues.rendering.page.context import ContentsEntry, ShownBlock
from issues.rendering.page.cover import CoverImage, cover_of
from issues.rendering.page.typesetter import Typesetter

_WIDEST: Final = 600  # pixels
FEWEST_ENTRIES: Final = 4  # below that a list of contents is longer than a look down the page
SizeOf = Callable[[str], tuple[int | None, int | None]]


@dataclass(frozen=True, slots=True)
class MailParts:
    """One version of the message; TOKEN_PLACEHOLDER stands for the reader's token, in so many places of both bodies."""

    subject: str
    preheader: str
    html: str
    text: str
    tokens: int
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Button:
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class MailBlock:
    """A block; the buttons of a poll, and where to write about a highlight."""

    template: str
    uuid: str
    block: ShownBlock
    buttons: tuple[_Button, ...]
    reply_url: str


def to_mail(
    document: Document,
    head: Letterhead,
    *,
    published_at: datetime | None = None,
    depth: MailDepth = "full",
    is_withheld: bool = False,
    lead: LinkReplacer | None = None,
    size_of: SizeOf = unknown_image,
) -> MailParts:
    """The mail of what this reader may have; `is_withheld` says that it is less than the whole issue.

    `lead` gives each link of the HTML another address; without it, they lead where the issue says.
    `size_of` tells width and height of a picture in a text, in pixels.
    """
    shown = highlights_of(document) if depth == "highlights" else document
    sheet = MailSheet(head, shown, published_at, shown != document, is_withheld, lead is not None)
    marked, problems = _html(sheet, TextMedium(sheet.web_url, to_html, _fitted(size_of)))
    html = replace_links(marked, lead) if lead else remove_markers(marked)
    said = tuple(_said(sheet, problems))
    return MailParts(sheet.subject, sheet.preheader, html, to_mail_text(sheet), sheet.tokens, said)


def highlights_of(document: Document) -> Document:
    """The highlights, the figures that follow them, the paywall's text; an issue without highlights stays whole."""
    kept: list[BlockKind] = []
    for before, block in zip((None, *document.blocks), document.blocks, strict=False):
        follows = isinstance(block, FigureBlock) and isinstance(before, HighlightBlock)
        if isinstance(block, HighlightBlock | PaywallBlock) or follows:
            kept.append(block)
    if not any(isinstance(block, HighlightBlock) for block in kept):
        return document
    return dataclasses.replace(document, blocks=tuple(kept))


def _said(sheet: MailSheet, problems: Iterable[str]) -> Iterator[Problem]:
    yield from (Problem("text", problem) for problem in problems)
    if not sheet.head.postal_address:
        yield Problem("footer", _("POSTAL_ADDRESS is not set; a newsletter must say where its sender is found."))
    if TOKEN_PLACEHOLDER in repr(sheet.document):
        yield Problem("text", _("The issue contains the word that stands for a reader's token; take it out."))


def _html(sheet: MailSheet, medium: TextMedium) -> tuple[str, list[str]]:
    typesetter = MailTypesetter(medium=medium)
    setting = BlockSetting(typesetter)
    blocks = [_absolute(setting.show(block), medium) for block in sheet.document.blocks]
    context = {
        "sheet": sheet,
        "site_url": sheet.head.site_url,
        "widest": _WIDEST,
        "cover": None if sheet.is_short else _cover(sheet.document, medium),
        "contents": _contents(sheet, blocks, medium),
        "blocks": [_piece(sheet, block, shown) for block, shown in zip(sheet.document.blocks, blocks, strict=True)],
    }
    inlined = _inliner().inline(_tight(render_to_string("mail/issue.html", context)))
    return inlined.replace(' data-css-inline="keep"', ""), typesetter.problems


def _piece(sheet: MailSheet, block: BlockKind, shown: ShownBlock) -> MailBlock:
    labels = ((block.poll, label) for label in block.choices) if isinstance(block, PollValue) else ()
    buttons = tuple(_Button(label, sheet.head.vote_url(poll, label)) for poll, label in labels)
    reply_url = ""
    if isinstance(block, HighlightBlock) and isinstance(shown, ShownHighlight):
        reply_url = sheet.reply_url(f"{shown.number}. {_plain_heading(block)}")
    return MailBlock(shown.mail_template, block.uuid, shown, buttons, reply_url)


def _plain_heading(block: HighlightBlock) -> str:
    return block.heading if prints_in_heading(block) else to_text(block.heading)


@cache
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(
        load_remote_stylesheets=False, extra_css=render_to_string("mail/style.css"), minify_css=True
    )


def _tight(html: str) -> str:
    """Without the indentation of the templates; code blocks have theirs as it was."""
    pieces = re.split(r"(<pre>.*?</pre>)", html, flags=re.DOTALL)
    return "".join(piece if piece.startswith("<pre>") else re.sub(r"\s*\n\s*", "\n", piece) for piece in pieces)


def _absolute(block: ShownBlock, medium: TextMedium) -> ShownBlock:
    """The block with addresses that have a host, and a picture no wider than the sheet."""
    if isinstance(block, ShownGlossary):
        terms = (dataclasses.replace(term, url=term.url and medium.absolute(term.url)) for term in block.terms)
        return dataclasses.replace(block, terms=tuple(terms))
    if isinstance(block, ShownFigure):
        width, height = _size(block, medium)
        return dataclasses.replace(block, src=medium.absolute(block.src), width=width, height=height)
    return block


def _cover(document: Document, medium: TextMedium) -> CoverImage | None:
    cover = cover_of(document)
    if cover is None:
        return None
    width, height = _size(cover, medium)
    return dataclasses.replace(cover, src=medium.absolute(cover.src), width=width, height=height)


def _size(picture: ShownFigure | CoverImage, medium: TextMedium) -> tuple[int | None, int | None]:
    known = picture.width and picture.height
    return _fitting(picture.width, picture.height) if known else medium.size_of(picture.src)


def _fitted(size_of: SizeOf) -> SizeOf:
    return lambda address: _fitting(*size_of(address))


def _fitting(width: int | None, height: int | None) -> tuple[int | None, int | None]:
    if not width or not height or width <= _WIDEST:
        return width, height
    return _WIDEST, max(round(height * _WIDEST / width), 1)


def _contents(sheet: MailSheet, blocks: Iterable[ShownBlock], medium: TextMedium) -> list[ContentsEntry]:
    """The highlights, or the headings of an issue that has none."""
    entries = list(_entries(zip(sheet.document.blocks, blocks, strict=True), medium))
    numbered = [entry for entry in entries if entry.number] or entries
    return numbered if len(numbered) >= FEWEST_ENTRIES else []


def _entries(blocks: Iterable[tuple[BlockKind, ShownBlock]], medium: TextMedium) -> Iterator[ContentsEntry]:
    for block, shown in blocks:
        if isinstance(shown, ShownHighlight) and isinstance(block, HighlightBlock):
            anchor, title = shown.heading_anchor or shown.anchor, render_title(_plain_heading(block), medium=medium)
            yield ContentsEntry(anchor=anchor, label=title.html, number=shown.number)
        elif isinstance(block, TextBlock | ThemesBlock) and block.heading:
            yield ContentsEntry(anchor=shown.anchor, label=render_title(to_text(block.heading), medium=medium).html)


@dataclass(slots=True, kw_only=True)
class MailTypesetter(Typesetter):
    """Sets texts for mail; terms are not linked, their definitions stand in the issue."""

    medium: TextMedium

    def blocks(self, text: str, linker: Linker | None = None) -> SafeString:
        start = self._footnotes + 1
        self._footnotes += footnote_count(text)
        return self._kept(render_markdown(text, prefix=self._prefix(), footnote_start=start, medium=self.medium))

    def inline(self, text: str) -> SafeString:
        return self._kept(render_inline(text, prefix=self._prefix(), medium=self.medium))

    def title(self, text: str) -> SafeString:
        return self._kept(render_title(text, medium=self.medium))
