"""Glossary terms in running text: spans that a linker found become linked terms with their definition beside them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from markdown_it.token import Token


@dataclass(frozen=True, slots=True)
class TermMention:
    """The span of a text run that names a term; the definition is plain text."""

    start: int
    end: int
    url: str
    name: str
    definition: str


Linker = Callable[[str], Sequence[TermMention]]


def link_mentions(tokens: Iterable[Token], linker: Linker) -> None:
    """Puts term tokens into the inline tokens; headings, links, code and maths are left alone."""
    in_heading = False
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            in_heading = token.type == "heading_open"
        elif token.type == "inline" and token.children and not in_heading:
            token.children = _linked(token.children, linker)


def _linked(children: Sequence[Token], linker: Linker) -> list[Token]:
    linked: list[Token] = []
    links_open = 0
    for child in children:
        links_open += (child.type == "link_open") - (child.type == "link_close")
        if child.type == "text" and not links_open:
            linked += _split(child.content, linker(child.content))
        else:
            linked.append(child)
    return linked


def _split(text: str, mentions: Sequence[TermMention]) -> list[Token]:
    pieces: list[Token] = []
    position = 0
    for mention in sorted(mentions, key=lambda mention: mention.start):
        if mention.start < position:
            continue
        pieces.append(_token("text", text[position : mention.start]))
        pieces.append(_token("term", text[mention.start : mention.end], mention))
        position = mention.end
    return [*pieces, _token("text", text[position:])]


def _token(kind: str, content: str, mention: TermMention | None = None) -> Token:
    return Token(kind, "", 0, content=content, meta={"mention": mention} if mention else {})
