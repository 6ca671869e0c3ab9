"""An issue before an import: what an editor changed since the last one, and what needs no change now."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from issues import storage
from issues.document.diff import describe_differences, make_comparable
from issues.document.values import BlockKind, Document, HighlightBlock
from issues.models import Glossary, Issue
from issues.models.series import Access
from issues.storage.terms import followed_terms

_NOTHING = Document(title="", slug="")
HEAD_FIELDS = ("subtitle", "number", "authors", "mail_subject", "preheader")


@dataclass(frozen=True, slots=True)
class PreviousState:
    """The issue as its rows stand, and as the last import left it (None: it was written here, or is new)."""

    now: Document
    imported: Document | None
    following: frozenset[str]

    @property
    def blocks(self) -> tuple[BlockKind, ...]:
        return (*self.now.blocks, *(self.imported.blocks if self.imported else ()))

    def completed(self, document: Document, *, overwrite: bool) -> Document:
        """What the file does not say is as the last import left it, or, where that is overwritten, as it stands now.

        Only access is never widened: a file opens no issue that is for supporters.
        """
        known = self.imported if self.imported and not overwrite else self.now
        said = {name: getattr(document, name) or getattr(known, name) for name in HEAD_FIELDS}
        if not (document.series or document.series_name):
            said |= {"series": known.series, "series_name": known.series_name}
        if not document.cover:
            said |= {"cover": known.cover, "cover_alt": known.cover_alt}
        access = self.now.access if document.access == Access.EVERYONE else document.access
        return dataclasses.replace(document, **said, access=access)

    def edits(self, document: Document) -> list[str]:
        """What would be lost, a sentence each: an edit that says what the document says is none."""
        if not self.now.blocks and self.imported is None:
            return []
        if not describe_differences(document, self.now, self.following):
            return []
        return describe_differences(self.imported or document, self.now, self.following)

    def kept_in_step(self, document: Document) -> Document:
        """Blocks that neither the file nor an editor changed stay as they are now, and so follow papers and terms."""
        now = {block.uuid: block for block in self.now.blocks}
        imported = {block.uuid: block for block in self.imported.blocks} if self.imported else {}
        blocks = (self._kept(block, now.get(block.uuid), imported.get(block.uuid)) for block in document.blocks)
        return dataclasses.replace(document, blocks=tuple(blocks))

    def _kept(self, block: BlockKind, now: BlockKind | None, imported: BlockKind | None) -> BlockKind:
        if now is None or imported is None:
            return block
        if len({make_comparable(each, self.following) for each in (block, now, imported)}) > 1:
            return block
        if isinstance(now, HighlightBlock) and isinstance(block, HighlightBlock):
            return dataclasses.replace(now, papers=block.papers)
        return now


def load_previous_state(issue: Issue) -> PreviousState:
    """Of an issue that is new: nothing."""
    if issue._state.adding:
        return PreviousState(_NOTHING, None, frozenset())
    edition = issue.imported_edition
    following = followed_terms(Glossary.objects.filter(parent=issue))
    return PreviousState(storage.load_document(issue), edition.value if edition else None, following)
