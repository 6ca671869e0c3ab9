"""The blocks that an issue of a series begins with, a line each: `text: Welcome`. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from django.utils.translation import gettext as _

from issues.document.structured_text import one_line, parse_labelled, split_lines
from issues.document.values import (
    BlockKind,
    GlossaryBlock,
    HighlightBlock,
    HighlightPart,
    PaywallBlock,
    SponsorBlock,
    TeasersBlock,
    TextBlock,
    ThemesBlock,
)

LONGEST_HEADING: Final = 300  # what a block's column holds
_HEADED: Final = ("text", "themes", "glossary", "sponsor")
_ALSO_CALLED: Final[Mapping[str, str]] = MappingProxyType({"executive summary": "themes"})
_NEEDS_MORE: Final = frozenset({"figure", "poll", "poll_results", "poll results"})


class BadOutline(ValueError):
    """A line that names no block; the message is a sentence that quotes it."""


@dataclass(frozen=True, slots=True)
class PlannedBlock:
    """A block still to be written."""

    kind: str
    heading: str = ""


def parse_outline(text: str) -> tuple[PlannedBlock, ...]:
    """`kind` or `kind: heading` a line. Raises BadOutline."""
    return tuple(map(_planned, split_lines(text)))


def empty_block(planned: PlannedBlock, labels: Sequence[str]) -> BlockKind:
    """The block without its words; `labels` are those of a highlight's parts."""
    return _EMPTY[planned.kind](planned.heading, labels)


def _planned(text: str) -> PlannedBlock:
    line = parse_labelled(text)
    named, heading = (line.label, one_line(line.text)) if line.label else (line.text, "")
    kind = _ALSO_CALLED.get(named.lower(), named.lower())
    if kind in _NEEDS_MORE:
        raise BadOutline(_("A %s cannot be planned, since it is nothing when empty; add it in the issue.") % named)
    if kind not in _EMPTY:
        known = ", ".join(_EMPTY)
        raise BadOutline(
            _("“%(kind)s” is no kind of block; write one of: %(known)s.") % {"kind": named, "known": known}
        )
    if heading and kind not in _HEADED:
        raise BadOutline(_("“%s” takes no heading; write the kind alone.") % named)
    if kind == "sponsor" and not heading:
        raise BadOutline(_("A sponsor needs a heading; write “sponsor: its heading”."))
    if len(heading) > LONGEST_HEADING:
        raise BadOutline(
            _("The heading “%(begin)s…” is longer than %(most)d characters; shorten it.")
            % {"begin": heading[:40], "most": LONGEST_HEADING}
        )
    return PlannedBlock(kind, heading)


def _text(heading: str, labels: Sequence[str]) -> BlockKind:
    return TextBlock(uuid="", heading=heading, text="")


def _teasers(heading: str, labels: Sequence[str]) -> BlockKind:
    return TeasersBlock(uuid="", items=())


def _themes(heading: str, labels: Sequence[str]) -> BlockKind:
    return ThemesBlock(uuid="", heading=heading, items=())


def _glossary(heading: str, labels: Sequence[str]) -> BlockKind:
    return GlossaryBlock(uuid="", heading=heading, terms=())


def _highlight(heading: str, labels: Sequence[str]) -> BlockKind:
    return HighlightBlock(uuid="", heading="", parts=tuple(HighlightPart(label=label, text="") for label in labels))


def _sponsor(heading: str, labels: Sequence[str]) -> BlockKind:
    return SponsorBlock(uuid="", heading=heading, text="")


def _paywall(heading: str, labels: Sequence[str]) -> BlockKind:
    return PaywallBlock(uuid="")


_EMPTY: Final[Mapping[str, Callable[[str, Sequence[str]], BlockKind]]] = MappingProxyType(
    {
        "text": _text,
        "teasers": _teasers,
        "themes": _themes,
        "glossary": _glossary,
        "highlight": _highlight,
        "sponsor": _sponsor,
        "paywall": _paywall,
    }
)
