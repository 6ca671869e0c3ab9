"""Which block of a newly read file is which block of the issue: the UUIDs stay with the blocks. Pure."""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Callable, Hashable, Iterable, Iterator

from issues.document.diff import make_comparable
from issues.document.values import BlockKind, Document, HighlightBlock

_Key = Callable[[BlockKind], Hashable]


def align_blocks(document: Document, earlier: Iterable[BlockKind]) -> Document:
    """The document with the UUIDs of the earlier blocks where a block is one of them, and new ones elsewhere.

    A block is an earlier one of its kind with the same UUID, else the same words, else the same face, else its turn.
    """
    free = {block.uuid: block for block in earlier}
    uuids: dict[int, str] = {}
    for key in (_uuid, _words, _face, _kind):
        waiting = _by(key, free.values())
        for position, block in enumerate(document.blocks):
            if position not in uuids and (matches := waiting.get((block.kind, key(block)))):
                uuids[position] = matches.pop(0).uuid
                del free[uuids[position]]
    return dataclasses.replace(document, blocks=tuple(_renamed(document.blocks, uuids)))


def _by(key: _Key, blocks: Iterable[BlockKind]) -> dict[tuple[str, Hashable], list[BlockKind]]:
    found: dict[tuple[str, Hashable], list[BlockKind]] = {}
    for block in blocks:
        found.setdefault((block.kind, key(block)), []).append(block)
    return found


def _renamed(blocks: Iterable[BlockKind], uuids: dict[int, str]) -> Iterator[BlockKind]:
    used = set(uuids.values())
    for position, block in enumerate(blocks):
        own = uuids.get(position) or (block.uuid if block.uuid not in used else "") or str(uuid.uuid4())
        used.add(own)
        yield dataclasses.replace(block, uuid=own)


def _uuid(block: BlockKind) -> Hashable:
    return block.uuid


def _words(block: BlockKind) -> Hashable:
    return dataclasses.replace(make_comparable(block), uuid="")


def _face(block: BlockKind) -> Hashable:
    """What a block keeps when its text is edited; of a block that has nothing of the kind, something no other has."""
    if isinstance(block, HighlightBlock) and block.papers:
        return block.papers[0].key
    faces = (getattr(block, name, "") for name in ("heading", "poll", "src"))
    return next(filter(None, faces), object())


def _kind(block: BlockKind) -> Hashable:
    return block.kind
