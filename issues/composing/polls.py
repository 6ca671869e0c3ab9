"""Polls of a document: a known one is referred to as it stands, with its votes; an unknown one is made."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug

from issues.composing.ledger import DoesNotFit, check_fits
from issues.models import Choice, Poll


def put_poll(slug: str, question: str, choices: Sequence[str]) -> Poll:
    """Raises DoesNotFit where the slug is none or a text is too long."""
    poll = Poll.objects.filter(slug=slug).first()
    return poll or _add(slug, question, tuple(dict.fromkeys(choices)))


def _add(slug: str, question: str, choices: Sequence[str]) -> Poll:
    name = f"the poll “{slug[:80]}”"
    try:
        validate_slug(slug)
    except ValidationError:
        raise DoesNotFit(f"{name}: write its slug with letters, digits, hyphens and underscores.") from None
    poll = Poll(slug=slug, question=question)
    check_fits(poll, name)
    poll.save()
    rows = [Choice(poll=poll, label=label, position=position) for position, label in enumerate(choices, start=1)]
    for row in rows:
        check_fits(row, name)
    Choice.objects.bulk_create(rows)
    return poll
