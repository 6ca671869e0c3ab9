"""Checks of what an issue consists of. Pure."""

from __future__ import annotations

from django.utils.translation import gettext as _

from issues.document.values import Document


def find_unwritten(document: Document) -> list[str]:
    """A sentence for each block that an issue begins with and that nobody wrote yet."""
    sentence = _("Block %(place)d (%(kind)s) is still to be written; write it or delete it.")
    return [
        sentence % {"place": place, "kind": getattr(block, "heading", "") or block.kind}
        for place, block in enumerate(document.blocks, start=1)
        if block.is_unwritten
    ]
