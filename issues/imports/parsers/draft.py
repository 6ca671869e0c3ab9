"""What an importer hands over, and what it refuses to read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from core.command_reports import Problem
from core.text.commonmark import MAX_LENGTH, remove_invisible
from issues.document.structured_text import tidy_text
from issues.document.values import BlockKind, Document

MOST_BLOCKS = 500  # an issue has some 20


class BadIssue(ValueError):
    """A file that cannot be an issue; the message is a sentence that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A file as a document; the problems are what could not be read as it was meant."""

    document: Document
    problems: tuple[Problem, ...] = ()


def check_block_count(blocks: Sequence[BlockKind]) -> tuple[BlockKind, ...]:
    """The blocks of the draft. Raises BadIssue where there are more than any issue has."""
    if len(blocks) > MOST_BLOCKS:
        raise BadIssue(f"The file has {len(blocks):,} blocks, so it is no issue; the limit is {MOST_BLOCKS}.")
    return tuple(blocks)


def check_text(text: str) -> str:
    """The text with plain line ends and without invisible controls. Raises BadIssue."""
    if len(text) > MAX_LENGTH:
        raise BadIssue(f"The file has {len(text):,} characters, so it is no issue; the limit is {MAX_LENGTH:,}.")
    if "\x00" in text:
        raise BadIssue("The file holds NUL characters, so it is no text; save the issue as plain text or Markdown.")
    tidied = tidy_text(remove_invisible(text))
    if not tidied:
        raise BadIssue("The file is empty.")
    return tidied
