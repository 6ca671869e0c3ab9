"""The head of a Markdown issue between `---` lines: YAML in which every scalar is text. Hostile until read."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from issues.document.values import PaperRef, TermValue
from issues.imports.parsers.draft import BadIssue

_HEAD = re.compile(r"---[ \t]*\n(?P<head>.*?)(?:^|\n)---[ \t]*(?:\n|\Z)", re.DOTALL)
_DEEPEST = 8  # a head of ours is four deep
_Loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # makes nothing but text, lists and maps; in C where it can
_TEXTS = (
    "title",
    "subtitle",
    "slug",
    "series",
    "series_name",
    "access",
    "cover",
    "cover_alt",
    "mail_subject",
    "preheader",
)
_NUMBERS = ("number", "cover_width", "cover_height")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What the head says; empty where it says nothing."""

    fields: Mapping[str, Any]
    papers: tuple[PaperRef, ...]
    terms: Mapping[str, TermValue]
    blocks: tuple[tuple[str, str], ...]  # kind and UUID of each block

    def uuids_for(self, kinds: Sequence[str]) -> list[str]:
        """A UUID for each parsed block, "" where the file has more or other blocks than its head lists."""
        uuids = [""] * len(kinds)
        matcher = difflib.SequenceMatcher(None, [kind for kind, _ in self.blocks], list(kinds), autojunk=False)
        for theirs, ours, size in matcher.get_matching_blocks():
            uuids[ours : ours + size] = [uuid for _, uuid in self.blocks[theirs : theirs + size]]
        return uuids


def split_head(text: str) -> tuple[FrontMatter, str]:
    """The front matter and the body. Raises BadIssue with the line that is wrong."""
    match = _HEAD.match(text)
    if match is None:
        return FrontMatter({}, (), {}, ()), text
    data = _load(match["head"])
    return _read(data), text[match.end() :]


def _load(head: str) -> dict[str, Any]:
    try:
        _refuse_bombs(yaml.parse(head, _Loader))
        data = yaml.load(head, _Loader)  # noqa: S506 (see above)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 2} of the file" if mark else "the front matter"
        raise BadIssue(f"The front matter is not YAML ({where}); put values with a colon into quotes.") from None
    if data in (None, ""):
        return {}
    if not isinstance(data, dict):
        raise BadIssue("The front matter must be lines of “name: value”.")
    return data


def _refuse_bombs(events: Iterable[yaml.Event]) -> None:
    """Before anything is built: what is small to write and large to read."""
    depth = 0
    for event in events:
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent):
            raise BadIssue("The front matter uses YAML aliases (*name); write the values out.")
        if depth > _DEEPEST:
            raise BadIssue("The front matter is nested too deeply.")


def _read(data: dict[str, Any]) -> FrontMatter:
    fields: dict[str, Any] = {name: _text(data, name) for name in _TEXTS if name in data}
    if fields.get("access", "everyone") not in {"everyone", "supporters"}:
        raise BadIssue(f"access is {fields['access']!r}; write everyone or supporters.")
    fields |= {name: _number(name, number) for name in _NUMBERS if (number := _text(data, name))}
    if "authors" in data:
        fields["authors"] = _texts(data, "authors")
    blocks = [entry.partition(" ") for entry in _texts(data, "blocks")]
    return FrontMatter(
        fields=fields,
        papers=tuple(map(_paper, _maps(data, "papers"))),
        terms={_text(entry, "name"): _term(entry) for entry in _maps(data, "terms")},
        blocks=tuple((kind, uuid.strip()) for kind, _, uuid in blocks),
    )


def _text(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name, "")
    if not isinstance(value, str):
        raise BadIssue(f"{name} in the front matter is no text; write it on one line.")
    return value


def _texts(data: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = data.get(name) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadIssue(f"{name} in the front matter is no list of texts; write one “- value” a line.")
    return tuple(value)


def _maps(data: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    value = data.get(name) or []
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise BadIssue(f"{name} in the front matter is no list of entries with names and values.")
    return value


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise BadIssue(f"{name} is {text!r}; write a whole number such as 12.")
    return int(text)


def _paper(entry: Mapping[str, Any]) -> PaperRef:
    return PaperRef(
        title=_text(entry, "title"),
        arxiv_id=_text(entry, "arxiv_id"),
        slug=_text(entry, "slug"),
        authors=_texts(entry, "authors"),
        primary_category=_text(entry, "primary_category"),
        submitted=_text(entry, "submitted"),
    )


def _term(entry: Mapping[str, Any]) -> TermValue:
    return TermValue(
        name=_text(entry, "name"), definition="", slug=_text(entry, "slug"), aliases=_texts(entry, "aliases")
    )
