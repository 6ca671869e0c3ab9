"""Checks of the polls that an issue asks. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from issues.document.values import Document, PollValue


def polls_asked(document: Document) -> list[str]:
    """The slugs of the polls that readers can answer in this issue."""
    return [block.poll for block in document.blocks if isinstance(block, PollValue)]


def check_closed_polls(closed: Iterable[str]) -> list[str]:
    """A sentence for each of these questions: those of the polls asked that are closed."""
    sentence = _("The poll “%s” is closed: no reader can answer it; open it, or take it out.")
    return [sentence % question for question in closed]
