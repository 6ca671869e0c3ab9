"""Publishing: now, at an hour, corrected, removed. Every move is one claim on the row, so doing it twice does it once.

`mail_at` is the only intent to mail: set where somebody asked for a mailing, it holds once the issue is published.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import F, Q, Value
from django.utils.translation import gettext as _

from core.command_reports import Problem
from core.text.commonmark import remove_invisible
from issues import storage
from issues.document.diff import describe_differences
from issues.document.json_form import to_json
from issues.document.values import Document
from issues.editorial.cache_refresh import refresh_after_commit
from issues.models import Edition, Erratum, Issue
from issues.models.issue import IssueQuerySet

if TYPE_CHECKING:
    from django.contrib.auth.models import User


UNDO_WINDOW = timedelta(minutes=2)  # between a person's “publish and mail” and the mail, which they can still stop
NO_DELAY = timedelta()
# A mailing whose hour passed longer ago does not start by itself: nobody expects it any more.
LATEST_HOUR = timedelta(hours=6)


class NotPublishable(ValueError):
    """The issue cannot make this move; the message is a sentence that says why."""


@dataclass(frozen=True, slots=True)
class _Published:
    """What `publish_due` did: the issues that became public, and those that could not."""

    issues: tuple[int, ...]
    problems: tuple[Problem, ...] = field(default=())


@transaction.atomic
def publish(issue: Issue, *, now: datetime, mail: bool, by: User | None = None, undo: timedelta = NO_DELAY) -> Edition:
    """Makes the issue public, once; of one that is public it changes nothing but the wish to mail it.

    `mail` asks for the mailing, `undo` later; without it a mailing planned with the schedule is dropped.
    Raises NotPublishable.
    """
    mail_at = Value(now + undo) if mail else None
    edition = _publish(Issue.objects.filter(pk=issue.pk).publishable(), issue.pk, now, by, mail_at=mail_at)
    if edition is None:
        edition = _already_public(issue)
        if mail:
            forgotten = Q(mail_at__isnull=True) | Q(mail_at__lt=now - LATEST_HOUR)
            Issue.objects.filter(forgotten, pk=issue.pk).update(mail_at=now + undo)
    issue.refresh_from_db()
    return edition


def publish_due(now: datetime) -> _Published:
    """Publishes what is due, each issue by itself; two of these at once publish every issue once."""
    done: list[int] = []
    problems: list[Problem] = []
    for issue in Issue.objects.due(now):
        try:
            with transaction.atomic():
                claimable = Issue.objects.filter(pk=issue.pk).due(now).order_by()
                if _publish(claimable, issue.pk, now, None, mail_at=F("mail_at")):
                    done.append(issue.pk)
        except NotPublishable as error:
            problems.append(Problem(issue.slug, str(error)))
    return _Published(tuple(done), tuple(problems))


@transaction.atomic
def schedule(issue: Issue, at: datetime, *, now: datetime, mail: bool) -> None:
    """Plans the hour of publication, or moves it; the mailing, where asked for, is due at that hour.

    Raises NotPublishable, also where the hour has passed.
    """
    if at <= now:
        raise NotPublishable(_("%s has passed; give a later time, or publish it now.") % f"{at:%Y-%m-%d %H:%M %Z}")
    _check(storage.load_document(issue))
    values = {"state": Issue.State.SCHEDULED, "publish_at": at, "mail_at": at if mail else None}
    if not Issue.objects.filter(pk=issue.pk).publishable().update(**values):
        raise NotPublishable(_why_not_published(issue))
    issue.refresh_from_db()


def unschedule(issue: Issue) -> bool:
    """Back to a draft, with no mailing planned; False where it was not scheduled (any more)."""
    scheduled = Issue.objects.filter(pk=issue.pk, state=Issue.State.SCHEDULED)
    changed = scheduled.update(state=Issue.State.DRAFT, publish_at=None, mail_at=None)
    issue.refresh_from_db()
    return bool(changed)


def do_not_mail(issue: Issue, *, now: datetime) -> bool:
    """Drops the mailing while its hour has not come, so that none can have begun; False where it is too late."""
    waiting = Issue.objects.filter(pk=issue.pk, mail_at__gt=now)
    changed = waiting.update(mail_at=None)
    issue.refresh_from_db()
    return bool(changed)


def find_hindrance(issue: Issue) -> str:
    """The sentence that says why the issue cannot be published; empty where it can, or is."""
    try:
        _check(storage.load_document(issue))
    except NotPublishable as error:
        return str(error)
    return _why_not_published(issue) if issue.is_removed else ""


def unpublished_changes(issue: Issue) -> list[str]:
    """How what the rows say differs from what readers see, in sentences; of a draft: nothing."""
    public, now = issue.public_edition, storage.load_document(issue)
    if public is None or public.value == now:
        return []
    return describe_differences(public.value, now) or [
        _("the words are the same; a title, a link or a term behind them is not")
    ]


@transaction.atomic
def correct(issue: Issue, *, by: User | None = None, note: str = "") -> Edition | None:
    """Makes what the rows say now public, with a dated erratum where a note is given.

    None, and no erratum, where readers have these words already. Raises NotPublishable where the issue is not public.
    """
    issue = Issue.objects.select_for_update().get(pk=issue.pk)
    public = issue.public_edition
    if public is None or not issue.is_published:
        raise NotPublishable(_("“%s” is not published, so there is nothing to correct.") % issue)
    document = storage.load_document(issue)
    _check(document)
    if document == public.value:
        return None
    edition = save_edition(issue, Edition.Kind.CORRECTED, by=by, document=document)
    refresh_after_commit(issue)
    if said := remove_invisible(note).strip():
        Erratum.objects.create(edition=edition, text=said)
    return edition


def remove(issue: Issue) -> bool:
    """Takes the issue from the site (its address answers 410) and drops a planned mailing; False where it was so."""
    standing = Issue.objects.filter(pk=issue.pk).exclude(state=Issue.State.REMOVED)
    changed = standing.update(state=Issue.State.REMOVED, publish_at=None, mail_at=None)
    issue.refresh_from_db()
    refresh_after_commit(issue)
    return bool(changed)


@transaction.atomic
def save_edition(issue: Issue, kind: str, *, by: User | None = None, document: Document | None = None) -> Edition:
    """Keeps the issue as it stands; where the newest of its kind says the same, that one is given and none made."""
    Issue.objects.select_for_update().get(pk=issue.pk)
    document = document or storage.load_document(issue)
    newest = issue.editions.like(kind).first()
    if newest is not None and newest.value == document:
        return newest
    last = issue.editions.order_by("-number").values_list("number", flat=True).first() or 0
    return Edition.objects.create(issue=issue, number=last + 1, kind=kind, document=to_json(document), by=by)


def _publish(
    claimable: IssueQuerySet, key: int, now: datetime, by: User | None, *, mail_at: F | Value | None
) -> Edition | None:
    """None where the claim failed: somebody else was first, or the issue may not be published."""
    values = {"state": Issue.State.PUBLISHED, "published_at": now, "publish_at": None, "mail_at": mail_at}
    if not claimable.update(**values):
        return None
    issue = Issue.objects.get(pk=key)
    document = storage.load_document(issue)
    _check(document)
    refresh_after_commit(issue)
    return save_edition(issue, Edition.Kind.PUBLISHED, by=by, document=document)


def _already_public(issue: Issue) -> Edition:
    issue = Issue.objects.get(pk=issue.pk)
    edition = issue.public_edition
    if not issue.is_published or edition is None:
        raise NotPublishable(_why_not_published(issue))
    return edition


def _check(document: Document) -> None:
    if not document.title.strip():
        raise NotPublishable(_("The issue has no title; give it one."))
    if not document.blocks:
        raise NotPublishable(_("“%s” has no blocks yet; write or import it first.") % document.title)


def _why_not_published(issue: Issue) -> str:
    issue = Issue.objects.get(pk=issue.pk)
    if issue.is_published:
        return _("“%s” is published already.") % issue
    values = {"issue": issue, "state": issue.get_state_display()}
    return _("“%(issue)s” is %(state)s, so it cannot be published.") % values
