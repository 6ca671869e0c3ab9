"""A Markdown issue → a draft: the front matter, and a block for each section. What we export reads back equal. Pure."""

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping

from core.command_reports import Problem
from issues.document.structured_text import outside_code, parse_term, split_parts, tidy_text
from issues.document.values import (
    BlockKind,
    Document,
    GlossaryBlock,
    HighlightBlock,
    PaperLinkValue,
    PaperRef,
    TeasersBlock,
    TermValue,
    TextBlock,
)
from issues.imports.parsers.draft import BadIssue, Draft, check_block_count, check_text
from issues.imports.parsers.frontmatter import FrontMatter, split_head
from issues.imports.parsers.labels import parse_title, parse_watching
from issues.imports.parsers.marked import BLOCK_READERS
from issues.imports.parsers.sections import RAW_KINDS, DraftSection, sections_of
from papers.identifiers import find_arxiv_id

_GLOSSARY = re.compile(r".*\bglossary\b.*", re.IGNORECASE)
_TITLE = re.compile(r"#[ \t]+(?P<title>\S.*)")


def parse_markdown(text: str) -> Draft:
    """Raises BadIssue where the file or its front matter is unusable; a block that is becomes text and a problem."""
    head, body = split_head(check_text(text))
    heading, body = _own_title(body)
    blocks, problems = _blocks(body, head)
    said = {"title": heading, "slug": "", **head.fields}
    return Draft(Document(**said, blocks=tuple(blocks)), tuple(problems))


def _own_title(body: str) -> tuple[str, str]:
    """A hand-written file may begin with `# Title`."""
    first, _, rest = body.lstrip("\n").partition("\n")
    match = _TITLE.fullmatch(first.rstrip())
    return (match["title"], rest) if match else ("", body)


def _blocks(body: str, head: FrontMatter) -> tuple[list[BlockKind], list[Problem]]:
    blocks: list[BlockKind] = []
    problems: list[Problem] = []
    known = _Known(head)
    for position, section in enumerate(sections_of(body)):
        try:
            read = read_section(section, opening=position == 0)
            blocks += read if section.kind == RAW_KINDS else map(known.completed, read)
        except BadIssue as error:
            blocks.append(TextBlock(uuid="", heading=section.heading, text=section.body))
            problems.append(Problem(f"the {section.kind} after {_place(blocks)}", f"{error} It is kept as text."))
    uuids = head.uuids_for([block.kind for block in check_block_count(blocks)])
    named = zip(blocks, uuids, strict=True)
    return [dataclasses.replace(block, uuid=uuid or block.uuid) for block, uuid in named], problems


def _place(blocks: list[BlockKind]) -> str:
    heading = next(filter(None, (getattr(block, "heading", "") for block in reversed(blocks[:-1]))), "")
    return f"“{heading}”" if heading else "the beginning"


def read_section(section: DraftSection, *, opening: bool) -> Iterator[BlockKind]:
    """The blocks of one section: by its marker, or by what it looks like. Raises BadIssue."""
    if section.kind:
        yield BLOCK_READERS.get(section.kind, _read_plain)(section)
    elif opening and not section.heading:
        yield from _read_opening(section.body)
    else:
        yield _read_plain(section)


def _read_plain(section: DraftSection) -> BlockKind:
    kind = section.kind or _looks_like(section)
    if kind == "highlight":
        return _highlight(section)
    if kind == "glossary":
        return _glossary(section)
    if kind == "teasers":
        return parse_teasers(section.body) or TextBlock(uuid="", text=section.body)
    return TextBlock(uuid="", heading=section.heading, text=section.body)


def _looks_like(section: DraftSection) -> str:
    if section.heading and (parse_title(section.heading) or parse_watching(section.body.partition("\n")[0])):
        return "highlight"
    lines = [line for line in section.body.split("\n") if line]
    if _GLOSSARY.fullmatch(section.heading) and lines and all(line.startswith("- ") for line in lines):
        return "glossary" if all(parse_term(line[2:]).definition for line in lines) else "text"
    return "text"


def _read_opening(body: str) -> Iterator[BlockKind]:
    """The welcome, and the teasers where a paragraph that ends in a colon is followed by a list."""
    match = _LEAD_IN.search("\n\n" + _without_code(body))
    if match is None:
        yield TextBlock(uuid="", text=body)
        return
    start = max(0, match.start() - 2)
    if before := tidy_text(body[:start]):
        yield TextBlock(uuid="", text=before)
    found = parse_teasers(body[start:])
    yield found or TextBlock(uuid="", text=tidy_text(body[start:]))


_LEAD_IN = re.compile(r"(?<=\n\n)(?!- )\S[^\n]*:\n\n(?=- )")


def _without_code(body: str) -> str:
    """The same length, with code blanked out, so that a list inside it is none."""
    return "\n".join("x" * len(line) if in_code else line for line, in_code in outside_code(body))


def parse_teasers(body: str) -> TeasersBlock | None:
    """Lead-in, list, closing; None where there is no list."""
    lines = tidy_text(body).split("\n")
    first = next((i for i, line in enumerate(lines) if line.startswith("- ")), None)
    if first is None:
        return None
    last = next((i for i in range(first, len(lines)) if not lines[i].startswith("- ")), len(lines))
    items = tuple(line[2:].strip() for line in lines[first:last])
    lead_in, closing = tidy_text("\n".join(lines[:first])), tidy_text("\n".join(lines[last:]))
    return TeasersBlock(uuid="", lead_in=lead_in, items=items, closing=closing)


def _glossary(section: DraftSection) -> BlockKind:
    lines = [line.removeprefix("- ") for line in section.body.split("\n") if line.strip()]
    return GlossaryBlock(uuid="", heading=section.heading, terms=tuple(parse_term(line) for line in lines))


def _highlight(section: DraftSection) -> BlockKind:
    titled = parse_title(section.heading)
    papers, body = ([_named(*titled)], section.body) if titled else _watched(section.body)
    return HighlightBlock(
        uuid="",
        heading=titled[0] if titled else section.heading,
        papers=tuple(papers),
        parts=split_parts(body),
        origin="machine" if section.argument == "machine" else "person",
    )


def _watched(body: str) -> tuple[list[PaperRef], str]:
    """The papers that the first lines name, and the text after them."""
    papers: list[PaperRef] = []
    lines = body.split("\n")
    for position, line in enumerate(lines):
        watched = parse_watching(line, bare=True)
        if line and not watched:
            return papers, "\n".join(lines[position:])
        if watched:
            papers.append(_named(*watched))
    return papers, ""


def _named(title: str, links: Iterable[PaperLinkValue]) -> PaperRef:
    links = tuple(links)
    address = next((link.url for link in links if link.kind == "paper"), "")
    identifier = find_arxiv_id(address) if "arxiv" in address.lower() else None
    return PaperRef(title=title, arxiv_id=identifier.archive_id if identifier else "", links=links)


class _Known:
    """What the front matter knows of papers and terms, brought to the blocks that name them."""

    def __init__(self, head: FrontMatter) -> None:
        self.terms = head.terms
        self.by_id: Mapping[str, PaperRef] = {paper.arxiv_id: paper for paper in head.papers if paper.arxiv_id}
        self.by_title: Mapping[str, PaperRef] = {paper.title: paper for paper in head.papers}

    def completed(self, block: BlockKind) -> BlockKind:
        if isinstance(block, HighlightBlock):
            return dataclasses.replace(block, papers=tuple(map(self._paper, block.papers)))
        if isinstance(block, GlossaryBlock):
            return dataclasses.replace(block, terms=tuple(map(self._term, block.terms)))
        return block

    def _paper(self, paper: PaperRef) -> PaperRef:
        known = self.by_id.get(paper.arxiv_id) if paper.arxiv_id else self.by_title.get(paper.title)
        return dataclasses.replace(known, links=paper.links) if known else paper

    def _term(self, term: TermValue) -> TermValue:
        known = self.terms.get(term.name)
        return dataclasses.replace(term, slug=known.slug, aliases=known.aliases) if known else term
