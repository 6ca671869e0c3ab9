"""Polls of a document: a known one is referred to as it stands, with its votes; an unknown one is made."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug

from issues.document.values import ChoiceTally
from issues.models import Choice, Poll, Vote
from issues.storage.write_counts import DoesNotFit, check_fits

MOST_VOTES = 100_000  # that a file may bring


def put_poll(slug: str, question: str, choices: Sequence[str]) -> Poll:
    """Raises DoesNotFit where the slug is none or a text is too long."""
    poll = Poll.objects.filter(slug=slug).first()
    return poll or _add(slug, question, tuple(dict.fromkeys(choices)))


def put_results(slug: str, question: str, results: Sequence[ChoiceTally]) -> Poll:
    """The same, with votes for a poll that has none: what was counted elsewhere. Raises DoesNotFit."""
    if sum(result.votes for result in results) > MOST_VOTES:
        raise DoesNotFit(f"the poll “{slug[:80]}” has more than {MOST_VOTES:,} votes, so they are no votes of readers.")
    poll = put_poll(slug, question, [result.label for result in results])
    if not poll.votes.exists():
        votes = {result.label: result.votes for result in results}
        Vote.objects.bulk_create(
            Vote(poll=poll, choice=choice, voter=f"brought {choice.pk} {number}")
            for choice in poll.choices.all()
            for number in range(votes.get(choice.label, 0))
        )
    return poll


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
