"""What an importer hands over, and the names of blocks that came without one."""

from __future__ import annotations

import dataclasses
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.text import slugify

from issues.document import BlockKind, Document
from issues.lines import tidy
from llmwatch.lib.reports import Problem

LARGEST = 2_000_000  # characters; an issue has some 20,000
LONGEST_SLUG = 200
LONGEST_TERM_SLUG = 110
_BLOCKS = uuid.UUID("6f3f1c52-6a86-4a58-9c5b-0d4f2f3d7a10")


class BadIssue(ValueError):
    """A file that cannot be an issue; the message is a sentence that says why and what to do."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A file as a document. Problems are what could not be read as it was meant, notices what is worth knowing."""

    document: Document
    problems: tuple[Problem, ...] = ()
    notices: tuple[Problem, ...] = ()


def checked(text: str) -> str:
    """The text with plain line ends. Raises BadIssue."""
    if len(text) > LARGEST:
        raise BadIssue(f"The file has {len(text):,} characters, so it is no issue; the limit is {LARGEST:,}.")
    if "\x00" in text:
        raise BadIssue("The file holds NUL characters, so it is no text; save the issue as plain text or Markdown.")
    tidied = tidy(text.removeprefix("\ufeff"))
    if not tidied:
        raise BadIssue("The file is empty.")
    return tidied


def slug_of(title: str) -> str:
    return slugify(title)[:LONGEST_SLUG].strip("-_")


def term_slug(name: str) -> str:
    """The slug that a term has unless another one took it."""
    return slugify(name)[:LONGEST_TERM_SLUG].strip("-_") or "term"


def with_uuids(blocks: Iterable[BlockKind], slug: str) -> tuple[BlockKind, ...]:
    """Blocks without a UUID get one that follows from the issue, their kind and their place among their kind."""
    named = tuple(blocks)
    return tuple(_named(named, slug, {block.uuid for block in named}))


def _named(blocks: Iterable[BlockKind], slug: str, taken: set[str]) -> Iterator[BlockKind]:
    ordinals: Counter[str] = Counter()
    for block in blocks:
        own = block.uuid
        while own in taken and not block.uuid:
            ordinals[block.kind] += 1
            own = str(uuid.uuid5(_BLOCKS, f"{slug} {block.kind} {ordinals[block.kind]}"))
        taken.add(own)
        yield dataclasses.replace(block, uuid=own)
