"""What happened to papers after an issue covered them: for the paper's page, and offered for the next issue."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.site import absolute_url
from core.text.plaintext import escape_markdown
from issues.coverage.appearances import load_appearances
from issues.models import FollowUp, Issue, Text
from issues.storage.load import blocks_of
from issues.storage.save import POSITION_STEP
from papers.models import Paper, PaperEvent

if TYPE_CHECKING:
    from django.contrib.auth.models import User

_NEWEST: Final = 20
_BRACKET: Final = re.compile(r"(?<!\\)[\[\]]")
LONGEST_TOLD: Final = 200  # characters of what a withdrawal or a journal says


class NotADraft(ValueError):
    """The issue is not being written any more; the message is a sentence that says so."""


@dataclass(frozen=True, slots=True)
class PaperNews:
    """Something that happened to a paper, and the first issue that had covered it by then."""

    event: PaperEvent
    issue: Issue

    @property
    def sentence(self) -> str:
        return sentence_of(self.event)


@dataclass(frozen=True, slots=True)
class _Happening:
    """One line of a paper's page."""

    happened: datetime
    sentence: str


def to_be_told() -> list[PaperNews]:
    """News of covered papers that were neither told nor dismissed: withdrawals first, then the newest; four queries."""
    first = {key: one.issue for one in load_appearances() for key in one.papers}  # the newest issue comes first
    issues = Issue.objects.in_bulk(set(first.values()))
    papers = Paper.objects.at_any(first).values("pk")
    events = PaperEvent.objects.filter(paper__in=papers, follow_up=None).select_related("paper")
    found = [
        PaperNews(event, issues[first[event.paper.key]]) for event in events.defer("paper__search", "paper__abstract")
    ]
    after = [news for news in found if _is_after(news.event, news.issue)]
    return sorted(after, key=lambda news: news.event.kind != PaperEvent.Kind.WITHDRAWAL)[:_NEWEST]


def split_events(
    events: Iterable[PaperEvent], published: Iterable[datetime]
) -> tuple[list[PaperEvent], list[_Happening]]:
    """What happened to a paper before the first of these issues was published, and what since then."""
    first = min(published, default=None)
    known = list(events)
    since = [event for event in known if first is not None and event.happened > first]
    earlier = [event for event in known if event not in since]
    return earlier, [_Happening(event.happened, sentence_of(event)) for event in since]


@transaction.atomic
def add_to_draft(events: Iterable[PaperEvent], issue: Issue, by: User | None) -> int:
    """A line for each event that nobody told or dismissed, at the end of the draft. Raises NotADraft."""
    issue = Issue.objects.select_for_update().get(pk=issue.pk)
    if not issue.is_publishable:
        raise NotADraft(_("“%s” is no draft any more; choose another issue.") % issue)
    wanted = {event.pk for event in events}
    lines = [_line(news) for news in to_be_told() if news.event.pk in wanted and _claim(news.event, issue, by)]
    if lines:
        block = _block(issue)
        block.text = "\n".join(filter(None, [block.text, *lines]))
        block.save()
    return len(lines)


def dismiss_events(events: Iterable[PaperEvent], by: User | None) -> int:
    """They are not offered again; how many had not been dealt with."""
    return sum(_claim(event, None, by) for event in events)


def sentence_of(event: PaperEvent) -> str:
    """What happened, in plain words that a reader may see."""
    told = event.detail if len(event.detail) <= LONGEST_TOLD else f"{event.detail[:LONGEST_TOLD]}…"
    match event.kind:
        case PaperEvent.Kind.WITHDRAWAL:
            return _("Withdrawn: “%s”") % told
        case PaperEvent.Kind.VERSION:
            return _("A new version, %s") % told
        case PaperEvent.Kind.PUBLICATION:
            return _("Published: %s") % told
        case _:
            return _("Code was released: %s") % told


def _is_after(event: PaperEvent, issue: Issue) -> bool:
    return issue.published_at is not None and event.happened > issue.published_at


def _claim(event: PaperEvent, issue: Issue | None, by: User | None) -> bool:
    return FollowUp.objects.get_or_create(event=event, defaults={"issue": issue, "by": by})[1]


def _line(news: PaperNews) -> str:
    """One item of a list in Markdown, with links to the paper and to the issue."""
    event, issue = news.event, news.issue
    values = {
        "paper": f"[{_label(event.paper.title)}]({absolute_url(event.paper.get_absolute_url())})",
        "issue": f"[{_label(issue.title)}]({absolute_url(issue.get_absolute_url())})",
        "day": date_format(event.happened, "j F Y"),
    }
    said = _("%(paper)s, which we covered in %(issue)s, %(day)s:") % values
    return f"- {said} {_described(event)}"


def _label(title: str) -> str:
    """The words of a link; the brackets of formulas are part of them, and come in pairs."""
    return escape_markdown(title) if "$" in title else _BRACKET.sub(r"\\\g<0>", escape_markdown(title))


def _described(event: PaperEvent) -> str:
    if event.kind == PaperEvent.Kind.CODE:
        return _("code was released: <%s>") % event.detail
    return escape_markdown(" ".join(sentence_of(event).split()))


def _block(issue: Issue) -> Text:
    """The issue's block for this, a new one at its end where it has none."""
    heading = _("Since we covered them")
    last = max((block.ordering for block in blocks_of(issue)), default=0)
    known = Text.objects.filter(parent=issue, heading=heading).first()
    return known or Text(parent=issue, region="main", heading=heading, ordering=last + POSITION_STEP)
