"""The blocks that an issue of a series begins with, a line each: `text: Welcome`. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields
from types import MappingProxyType
from typing import Any, Final

from django.utils.translation import gettext as _

from issues.document.structured_text import one_line, parse_labelled, split_lines
from issues.document.values import BLOCK_KINDS, BlockKind, HighlightBlock, HighlightPart

LONGEST_HEADING: Final = 300  # what a block's column holds
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
    shape = BLOCK_KINDS[planned.kind]
    if shape is HighlightBlock:
        return HighlightBlock(uuid="", heading="", parts=tuple(HighlightPart(label=label, text="") for label in labels))
    empty: dict[str, Any] = {field.name: _nothing(field) for field in fields(shape) if field.default is MISSING}
    return shape(**empty | ({"heading": planned.heading} if planned.heading else {}))


def _planned(text: str) -> PlannedBlock:
    line = parse_labelled(text)
    named, heading = (line.label, one_line(line.text)) if line.label else (line.text, "")
    kind = _ALSO_CALLED.get(named.lower(), named.lower())
    if kind in _NEEDS_MORE:
        raise BadOutline(_("A %s cannot be planned, since it is nothing when empty; add it in the issue.") % named)
    if kind not in BLOCK_KINDS:
        known = ", ".join(name for name in BLOCK_KINDS if name not in _NEEDS_MORE)
        raise BadOutline(
            _("“%(kind)s” is no kind of block; write one of: %(known)s.") % {"kind": named, "known": known}
        )
    _refuse_heading(kind, named, heading)
    if len(heading) > LONGEST_HEADING:
        raise BadOutline(
            _("The heading “%(begin)s…” is longer than %(most)d characters; shorten it.")
            % {"begin": heading[:40], "most": LONGEST_HEADING}
        )
    return PlannedBlock(kind, heading)


def _refuse_heading(kind: str, named: str, heading: str) -> None:
    """A highlight's is the title of its paper; a kind that has a heading by no default needs one."""
    own = {field.name: field for field in fields(BLOCK_KINDS[kind]) if kind != HighlightBlock.kind}.get("heading")
    if heading and own is None:
        raise BadOutline(_("“%s” takes no heading; write the kind alone.") % named)
    if own and own.default is MISSING and not heading:
        raise BadOutline(_("A %(kind)s needs a heading; write “%(kind)s: its heading”.") % {"kind": kind})


def _nothing(field: Field[Any]) -> Any:
    """What stands in a field that has no default."""
    return () if str(field.type).startswith("tuple") else ""
