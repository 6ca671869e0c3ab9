"""Document → Markdown that reads back equal. What natural Markdown cannot say exactly gets a marker, then a fence."""

from collections.abc import Callable, Mapping
from typing import Any

import yaml

from issues.document.values import BlockKind, Document
from issues.imports.parsers.markdown import parse_markdown
from issues.imports.parsers.marked import BLOCK_READERS
from issues.imports.parsers.sections import RAW_KINDS, closing_marker, write_marker
from issues.rendering.formats.markdown_blocks import argument_of, body_of, raw_body

NATURAL, MARKED, FENCED, CODED = range(4)


def to_markdown(document: Document) -> str:
    """The whole issue; `parse_markdown(to_markdown(document)).document == document`."""
    head = _head(document)
    levels = [_first_level(position, block) for position, block in enumerate(document.blocks)]
    for _ in range(3 * len(levels) + 1):
        text = head + "".join(f"\n{_block(*pair)}\n" for pair in zip(document.blocks, levels, strict=True))
        wrong = _first_wrong(document, parse_markdown(text).document)
        if wrong is None or not _raise(levels, wrong):
            return text
    return text


def _first_level(position: int, block: BlockKind) -> int:
    headless = block.kind == "text" and not getattr(block, "heading", "")
    return MARKED if block.kind in BLOCK_READERS or (headless and position) else NATURAL


def _first_wrong(document: Document, read: Document) -> int | None:
    for position, block in enumerate(document.blocks):
        if position >= len(read.blocks) or read.blocks[position] != block:
            return position
    return len(document.blocks) - 1 if len(read.blocks) > len(document.blocks) else None


def _raise(levels: list[int], wrong: int) -> bool:
    """Makes a misread block plainer, or the one after it, which it may have swallowed; False: all are JSON."""
    if levels[wrong] > NATURAL and wrong + 1 < len(levels) and levels[wrong + 1] == NATURAL:
        wrong += 1
    elif levels[wrong] == CODED:
        wrong = next((i for i, level in enumerate(levels) if level < CODED), wrong)
    if levels[wrong] == CODED:
        return False
    levels[wrong] += 1
    return True


def _block(block: BlockKind, level: int) -> str:
    body, argument = body_of(block), argument_of(block)
    if level == NATURAL:
        return body
    if level == CODED:
        return _fenced(RAW_KINDS, "headless", raw_body(block))
    if block.kind == "text" and not getattr(block, "heading", "") and level == FENCED:
        argument = "headless"
    return _fenced(block.kind, argument, body) if level == FENCED else f"{write_marker(block.kind, argument)}\n{body}"


def _fenced(kind: str, argument: str, body: str) -> str:
    fence = 1
    while closing_marker(kind, fence) in body:
        fence += 1
    return f"{write_marker(kind, argument, fence)}\n{body}\n{closing_marker(kind, fence)}"


def _head(document: Document) -> str:
    names = "title subtitle slug number series series_name access cover cover_alt cover_width cover_height".split()
    names += ["mail_subject", "preheader"]
    head: dict[str, Any] = {name: value for name in names if (value := getattr(document, name)) not in ("", None)}
    if document.access == "everyone":
        del head["access"]
    lists: Mapping[str, Callable[[Document], list[Any]]] = {"authors": _authors, "papers": _papers, "terms": _terms}
    head |= {name: found for name, listed in lists.items() if (found := listed(document))}
    head["blocks"] = [f"{block.kind} {block.uuid}".strip() for block in document.blocks]
    dumped = yaml.dump(head, Dumper=yaml.SafeDumper, sort_keys=False, allow_unicode=True, width=10**9)
    return f"---\n{dumped}---\n"


def _authors(document: Document) -> list[str]:
    return list(document.authors)


def _papers(document: Document) -> list[dict[str, Any]]:
    return [
        {
            name: list(value) if isinstance(value, tuple) else value
            for name in ("arxiv_id", "slug", "title", "authors", "primary_category", "submitted")
            if (value := getattr(paper, name))
        }
        for paper in document.papers()
    ]


def _terms(document: Document) -> list[dict[str, Any]]:
    return [
        {"name": term.name, "slug": term.slug, **({"aliases": list(term.aliases)} if term.aliases else {})}
        for term in document.terms()
        if term.slug or term.aliases
    ]
