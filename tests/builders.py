"""Builders for rows in tests: what a test does not name gets a plain default."""

import itertools
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.models import User
from taggit.models import Tag

from glossary.models import GlossaryTerm
from issues.models import Decision, Issue, Poll, Series, Topic
from papers.models import Paper, Watch
from subscribers.models import Subscriber

NOON = datetime(2025, 9, 7, 12, 0, tzinfo=UTC)
_numbers = itertools.count(1)


def make_paper(arxiv_id: str | None = None, **fields: Any) -> Paper:
    """A paper on arXiv; with `slug=…` one from elsewhere."""
    number = next(_numbers)
    if arxiv_id is None and "slug" not in fields:
        arxiv_id = f"2509.{number:05d}"
    defaults = {
        "title": f"Paper {number}",
        "authors": ["Orion Weller"],
        "primary_category": "cs.CL",
        "categories": ["cs.CL"],
    }
    return Paper.objects.create(arxiv_id=arxiv_id, **{**defaults, **fields})


def make_watch(**fields: Any) -> Watch:
    """A watch that takes every paper of cs.CL."""
    number = next(_numbers)
    return Watch.objects.create(
        **{"name": f"Watch {number}", "slug": f"watch-{number}", "categories": ["cs.CL"], **fields}
    )


def make_term(name: str = "", **fields: Any) -> GlossaryTerm:
    number = next(_numbers)
    name = name or f"Term {number}"
    slug = name.lower().replace(" ", "-")
    return GlossaryTerm.objects.create(name=name, **{"slug": slug, "definition": f"What {name} means.", **fields})


def make_series(**fields: Any) -> Series:
    number = next(_numbers)
    return Series.objects.create(**{"name": f"Series {number}", "slug": f"series-{number}", **fields})


def make_issue(**fields: Any) -> Issue:
    """A draft without blocks."""
    number = next(_numbers)
    return Issue.objects.create(**{"title": f"Issue {number}", "slug": f"issue-{number}", **fields})


def make_poll(*labels: str, **fields: Any) -> Poll:
    """An open one with these choices."""
    number = next(_numbers)
    poll = Poll.objects.create(**{"slug": f"poll-{number}", "question": f"Question {number}?", **fields})
    for position, label in enumerate(labels, start=1):
        poll.choices.create(label=label, position=position)
    return poll


def make_decision(series: Series | None = None, paper: Paper | None = None, **fields: Any) -> Decision:
    """A paper that was shortlisted for a series."""
    return Decision.objects.create(
        **{"state": "shortlisted", **fields},
        series=series or make_series(),
        paper=paper or make_paper(),
    )


def make_topic(*tags: str, **fields: Any) -> Topic:
    """A topic to which papers with any of these tags belong."""
    number = next(_numbers)
    topic = Topic.objects.create(**{"name": f"Topic {number}", "slug": f"topic-{number}", **fields})
    topic.tags.set([Tag.objects.get_or_create(name=tag)[0] for tag in tags])
    return topic


def make_subscriber(email: str = "", **fields: Any) -> Subscriber:
    """An active subscriber; `state="pending"` and the like make others."""
    defaults = {"email": email or f"reader-{next(_numbers)}@example.org", "state": "active", "confirmed_at": NOON}
    return Subscriber.objects.create(**{**defaults, **fields})


def make_editor(username: str = "editor") -> User:
    return User.objects.create_superuser(username, password="a password for tests")
