"""A document as the page of the site: values for the templates, and the whole page as a reader gets it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.template.loader import render_to_string

from core.site import absolute_url, site_context
from core.text.markdown import linked_data, render_inline, render_title, to_text
from glossary.linking import TermFinder, TermWording
from issues.coverage.appearances import open_terms
from issues.coverage.published import ListedIssue, neighbours_of
from issues.document.json_form import to_json
from issues.document.values import (
    WORDS,
    BlockKind,
    Document,
    GlossaryBlock,
    HighlightBlock,
    PaywallBlock,
    TextBlock,
    ThemesBlock,
)
from issues.models import Edition, Erratum, Issue
from issues.rendering.formats.downloads import DOWNLOAD_FORMS
from issues.rendering.formats.markdown_blocks import prints_in_heading
from issues.rendering.page.blocks import BlockSetting, ShownHighlight, term_url
from issues.rendering.page.context import ContentsEntry, PageContext, ShownBlock
from issues.rendering.page.cover import cover_of
from issues.rendering.page.linked_data import describe_article
from issues.rendering.page.typesetter import Typesetter

WORDS_A_MINUTE = 230
LONGEST_DESCRIPTION = 155  # characters that search engines show
_WORD = re.compile(r"\w+(?:[-'’.]\w+)*")


def to_page(document: Document, *, link_terms: bool = True) -> PageContext:
    """What the reader of this document sees: give it what `for_everyone` left, or the whole. Pure."""
    finder = TermFinder(wordings_of(document)) if link_terms else None
    setting = BlockSetting(Typesetter(finder), is_closed=is_cut(document))
    blocks = tuple(setting.show(block) for block in document.blocks)
    return PageContext(
        title=document.title,
        subtitle=document.subtitle,
        slug=document.slug,
        number=document.number,
        series=document.series,
        series_name=document.series_name,
        authors=document.authors,
        cover=cover_of(document),
        for_supporters=document.access == "supporters",
        minutes=reading_minutes(document),
        description=describe_document(document),
        contents=tuple(_entries(document.blocks, blocks)),
        blocks=blocks,
        problems=tuple(setting.typesetter.problems),
    )


def wordings_of(document: Document) -> tuple[TermWording, ...]:
    """The terms as this issue words them, whatever the glossary says today."""
    return tuple(
        TermWording(
            name=term.name,
            qualifier=term.qualifier,
            aliases=term.aliases,
            definition=to_text(term.definition),
            url=term_url(term, position),
        )
        for block in document.blocks
        if isinstance(block, GlossaryBlock)
        for position, term in enumerate(block.terms, 1)
        if term.definition
    )


def is_cut(document: Document) -> bool:
    """Whether the document ends at its paywall: nothing stands behind it for this reader."""
    return bool(document.blocks) and isinstance(document.blocks[-1], PaywallBlock)


def reading_minutes(document: Document) -> int:
    words = sum(len(_WORD.findall(text)) for block in to_json(document)["blocks"] for text in _texts(block))
    return max(1, round(words / WORDS_A_MINUTE))


def describe_document(document: Document) -> str:
    """One line for search engines and shared links."""
    first = next((block.text for block in document.blocks if isinstance(block, TextBlock) and block.text), "")
    text = document.preheader or " ".join(to_text(first).split()) or document.subtitle or document.title
    return text if len(text) <= LONGEST_DESCRIPTION else f"{text[:LONGEST_DESCRIPTION].rsplit(' ', 1)[0]} …"


def page_html(issue: Issue, edition: Edition) -> str:
    """The issue's whole page as a reader without a subscription gets it."""
    return _issue_html(issue, edition, edition.value.for_everyone())


def whole_page_html(issue: Issue, edition: Edition, *, files_at: str) -> str:
    """The same with what is for supporters: only for who may read it. Its files stand at `files_at` and a suffix."""
    document = edition.value
    slugs = open_terms().filter(slug__in=[term.slug for term in document.terms()]).values_list("slug", flat=True)
    return _issue_html(issue, edition, document.with_pages_for(set(slugs)), files_at=files_at)


def _issue_html(issue: Issue, edition: Edition, document: Document, *, files_at: str = "") -> str:
    return document_html(
        document,
        url=issue.get_absolute_url(),
        published_at=issue.published_at,
        updated_at=edition.created,
        errata=Erratum.objects.filter(edition__issue=issue).select_related("edition").order_by("edition__number"),
        neighbours=neighbours_of(issue),
        files_at=files_at,
        is_withheld=not files_at and document != edition.value,
    )


def document_html(
    document: Document,
    *,
    url: str,
    published_at: datetime | None = None,
    updated_at: datetime | None = None,
    errata: Iterable[Erratum] = (),
    neighbours: tuple[ListedIssue | None, ListedIssue | None] = (None, None),
    files_at: str = "",
    is_withheld: bool = False,
) -> str:
    """A page from a document, published or not: a preview has no date and no neighbours."""
    context: Mapping[str, Any] = {
        **site_context(),
        "page": to_page(document),
        "canonical": absolute_url(url),
        "published_at": published_at,
        "errata": [(erratum.edition.created, render_inline(erratum.text).html) for erratum in errata],
        "previous": neighbours[0],
        "next": neighbours[1],
        "linked_data": linked_data(describe_article(document, absolute_url(url), published_at, updated_at)),
        "files": [(form, f"{(files_at or url).rstrip('/')}.{form}") for form in DOWNLOAD_FORMS],
        "is_public": not files_at,
        # A paywall says so itself; an issue that is for supporters may have none.
        "is_withheld": is_withheld and not is_cut(document),
        "section": "issues",
    }
    return render_to_string("issues/issue.html", dict(context))


def _entries(blocks: Iterable[BlockKind], shown: Iterable[ShownBlock]) -> Iterator[ContentsEntry]:
    for block, page_block in zip(blocks, shown, strict=True):
        if isinstance(block, HighlightBlock) and isinstance(page_block, ShownHighlight):
            title = block.heading if prints_in_heading(block) else to_text(block.heading)
            anchor = page_block.heading_anchor or page_block.anchor
            yield ContentsEntry(anchor=anchor, label=render_title(title).html, number=page_block.number)
        elif isinstance(block, TextBlock | ThemesBlock | GlossaryBlock) and block.heading:
            yield ContentsEntry(anchor=page_block.anchor, label=render_title(to_text(block.heading)).html)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from (text for key, item in value.items() if key in WORDS for text in _texts(item))
    elif isinstance(value, list):
        yield from (text for item in value for text in _texts(item))
