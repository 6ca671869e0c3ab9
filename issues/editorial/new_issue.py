"""A new issue begins as its series says."""

from __future__ import annotations

import dataclasses

from django.db import transaction

from issues import storage
from issues.document.structured_text import split_lines
from issues.document.template import empty_block, parse_outline
from issues.models import Issue
from issues.storage.load import blocks_of


@transaction.atomic
def begin_issue(issue: Issue) -> bool:
    """Gives an issue that has no block yet those that its series plans, still to be written; True where it did.

    Raises BadOutline where the series plans what is no block.
    """
    series = issue.series
    planned = parse_outline(series.blocks) if series else ()
    if series is None or not planned or blocks_of(issue):
        return False
    labels = split_lines(series.part_labels)
    blocks = tuple(empty_block(each, labels) for each in planned)
    storage.save_document(issue, dataclasses.replace(storage.load_document(issue), blocks=blocks))
    return True
