"""The life of a mailing: an issue is to be mailed, its mailing is started once, sent in slices, and over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from core.command_reports import Problem, Report
from core.concurrency.advisory_locks import alone_at
from core.concurrency.time_budget import TimeBudget
from core.mail.smtp import SmtpAnswer
from issues.document.json_form import BadDocument
from issues.editorial.publish import LATEST_HOUR
from issues.models import Issue
from issues.rendering.mail.mime import BadMessage
from mailings import audience, hold_reasons
from mailings.engine import ledger, reputation, warmup, worker
from mailings.engine.worker import ToldSent
from mailings.models import Delivery, Mailing
from mailings.renditions import make_renditions, renew_renditions
from subscribers.models import SendingPermit

_SLICE: Final = 45.0  # seconds that a worker stays with one mailing before it looks at its other tasks
MAX_SHOWN: Final = 10  # of the recipients that failed


class NotMailable(ValueError):
    """The issue cannot be mailed (now); the message is a sentence that says why and what to do."""


@dataclass(frozen=True, slots=True)
class _Due:
    """What a tick found: mailings that began, those with something to hand over, and what stands in the way."""

    started: tuple[int, ...] = ()
    waiting: tuple[int, ...] = ()
    problems: tuple[Problem, ...] = ()


def start_due_mailings(now: datetime) -> _Due:
    """Starts the mailings that are due, and mends what processes left that died. Safe twice at once."""
    ledger.sweep_claims(now)
    for mailing in Mailing.objects.of_withdrawn_issues().select_related("issue"):
        mailing.pause(_("Its issue was removed from the site, so nobody else gets it: cancel the mailing."))
    for mailing in Mailing.objects.sending():
        reputation.check_reputation(mailing)
    if why := find_hindrance():
        wanted = [*_due(now).values_list("slug", flat=True), *_waiting(now).values_list("issue__slug", flat=True)]
        return _Due(problems=tuple(Problem(slug, why) for slug in wanted))
    started, problems = _start_due(now)
    return _Due(tuple(started), tuple(_waiting(now).values_list("pk", flat=True)), (*problems, *_too_old(now)))


def find_hindrance() -> str:
    """Why no mailing can begin or go on, whatever the issue; empty where they can."""
    if not SendingPermit.objects.is_armed():
        return _unarmed()
    return "" if settings.MAIL_SERVER.host else _no_server()


def start_mailing(issue: Issue, now: datetime) -> Mailing:
    """Writes down who gets the issue and makes the messages, or changes nothing. Returns the mailing, new or old.

    Raises NotMailable.
    """
    if not SendingPermit.objects.is_armed():
        raise NotMailable(_unarmed())
    try:
        with transaction.atomic():
            locked = Issue.objects.select_for_update(of=("self",)).get(pk=issue.pk)
            return _mailing_of(locked) or _begin(locked, now)
    except (BadDocument, BadMessage, audience.AudienceMismatch) as error:
        raise _no_message(issue, error) from error


@transaction.atomic
def resume_mailing(mailing: Mailing) -> bool:
    """Goes on after a pause; the rest get the issue as it stands now. False where it was not paused.

    Raises NotMailable.
    """
    if not Mailing.objects.select_for_update(of=("self",)).get(pk=mailing.pk).is_paused:
        return False
    if not mailing.issue.is_published:
        raise NotMailable(_why_not_mailed(mailing.issue))
    try:
        renew_renditions(mailing)
    except BadMessage as error:
        raise _no_message(mailing.issue, error) from error
    return mailing.resume(timezone.now())


def work_on_mailing(key: int) -> None:
    """A worker's slice of a mailing. One at a time: the connections of all workers together stay within the setting."""
    mailing = Mailing.objects.sending().filter(pk=key).first()
    if mailing is None or find_hindrance():
        return
    with alone_at(f"mailing:{key}") as is_ours:
        if is_ours:
            worker.deliver(mailing, TimeBudget(_SLICE))
            reputation.check_reputation(mailing)


def prepare_mailing(issue: Issue, now: datetime) -> Mailing:
    """The mailing of this issue, begun at a person's word: that word is an intent to mail. Raises NotMailable."""
    if not settings.MAIL_SERVER.host:
        raise NotMailable(_no_server())
    if not issue.is_published:
        raise NotMailable(_why_not_mailed(issue))
    stale = Q(mail_at__isnull=True) | Q(mail_at__gt=now) | Q(mail_at__lt=now - LATEST_HOUR)
    Issue.objects.filter(stale, pk=issue.pk, state=Issue.State.PUBLISHED).update(mail_at=now)
    mailing = start_mailing(issue, now)
    if mailing.is_paused:
        raise NotMailable(_("%s Resume it in the admin first.") % _paused(mailing))
    return mailing


def send_mailing(mailing: Mailing, budget: TimeBudget, told: ToldSent) -> Report:
    """Hands over what is due, in the foreground, and tells how the whole mailing stands."""
    before = mailing.counts()["sent"]
    trouble = worker.deliver(mailing, budget, told=told)
    reputation.check_reputation(mailing)
    report = report_of(mailing, before)
    if mailing.is_sending and (trouble is not None or report.counts["pending"]):
        told_why = tuple(Problem(mailing.issue.slug, why) for why in _unfinished(mailing, budget, trouble))
        return Report(report.counts, (*report.problems, *told_why))
    return report


def report_of(mailing: Mailing, sent_before: int) -> Report:
    """Recipients by state; they add up to the audience. `sent_now` is this run's part of `sent`."""
    counts = mailing.counts()
    total = {"audience": mailing.audience or 0, **counts, "sent_now": counts["sent"] - sent_before}
    return Report(total, tuple(_problems(mailing, counts["uncertain"])))


def forecast_mailing(issue: Issue) -> Report:
    """What a mailing would do now; nothing is written or sent."""
    mailing = _mailing_of(issue)
    if mailing is not None:
        return report_of(mailing, mailing.counts()["sent"])
    if not issue.is_published:
        raise NotMailable(_why_not_mailed(issue))
    count = audience.audience_of(issue, timezone.localdate()).count()
    nothing = dict.fromkeys(Delivery.State.values, 0)
    return Report({"audience": count, **nothing, "pending": count, "sent_now": 0})


def _problems(mailing: Mailing, uncertain: int) -> Iterator[Problem]:
    if mailing.is_paused:
        yield Problem(mailing.issue.slug, _paused(mailing))
    failed = mailing.deliveries.filter(state=Delivery.State.FAILED).select_related("subscriber")
    for row in failed.order_by("pk")[:MAX_SHOWN]:
        yield Problem(str(row.subscriber or row.address_hash[:12]), row.reply)
    if uncertain:
        what = _("%d handed over without an answer; they are not sent again by themselves (admin: Deliveries).")
        yield Problem(mailing.issue.slug, what % uncertain)


def _unfinished(mailing: Mailing, budget: TimeBudget, trouble: SmtpAnswer | None) -> Iterator[str]:
    """Why some are still pending, and how it goes on."""
    now = timezone.now()
    if trouble is not None:
        yield _("The mail server took nothing: “%s”. Check EMAIL_URL and the server, then run this again.") % trouble
    elif budget.is_stopped:
        yield _("Stopped; run this again for those that are pending.")
    elif mailing.holds_back(now) or not warmup.has_room(now):
        yield from _waits(mailing, now)
    else:
        yield _("Another process is at the rest; run this again for those that it leaves.")


def _waits(mailing: Mailing, now: datetime) -> Iterator[str]:
    mend = _("The worker goes on then by itself; without one, run this again.")
    if mailing.holds_back(now):
        mend += " " + _("“Send to the others now” on its page in the admin ends the wait.")
    yield from (f"{sentence} {mend}" for sentence in hold_reasons.hold_reasons(mailing, now).sentences)


def _paused(mailing: Mailing) -> str:
    return (_("The mailing of “%s” is paused.") % mailing.issue + f" {mailing.why}").strip()


def _mailing_of(issue: Issue) -> Mailing | None:
    return issue.mailings.filter(kind=Mailing.Kind.ISSUE).first()


def _begin(issue: Issue, now: datetime) -> Mailing:
    edition = issue.public_edition
    if not issue.is_published or edition is None or issue.mail_at is None:
        raise NotMailable(_why_not_mailed(issue))
    mailing = Mailing.objects.create(issue=issue)
    mailing.audience = audience.freeze_audience(mailing, timezone.localdate(now))
    make_renditions(mailing, edition)
    # Our own inboxes are the first, if there are any.
    first = mailing.deliveries.order_by("pk").first()
    mailing.waits_for_seeds = settings.MAIL_SEED_WAIT > 0 and first is not None and first.is_seed
    mailing.state, mailing.prepared_at = Mailing.State.SENDING, now
    mailing.save()
    return mailing


def _wanted() -> QuerySet[Issue]:
    mailed = Mailing.objects.filter(issue=OuterRef("pk"), kind=Mailing.Kind.ISSUE)
    return Issue.objects.published().filter(~Exists(mailed), mail_at__isnull=False).order_by("mail_at")


def _due(now: datetime) -> QuerySet[Issue]:
    return _wanted().filter(mail_at__lte=now, mail_at__gte=now - LATEST_HOUR)


def _too_old(now: datetime) -> Iterator[Problem]:
    for issue in _wanted().filter(mail_at__lt=now - LATEST_HOUR):
        values = {"hour": f"{issue.mail_at:%Y-%m-%d %H:%M %Z}", "mend": f"python manage.py send_issue {issue.slug}"}
        what = _("It was to be mailed at %(hour)s, too long ago to start by itself: %(mend)s")
        yield Problem(issue.slug, what % values)


def _waiting(now: datetime) -> QuerySet[Mailing]:
    """Mailings with something to send now; none while the warm-up's number of this day is used up."""
    waiting = Mailing.objects.with_due_deliveries(now).order_by("pk")
    return waiting if warmup.has_room(now) else waiting.none()


def _start_due(now: datetime) -> tuple[list[int], list[Problem]]:
    started: list[int] = []
    problems: list[Problem] = []
    for key in _due(now).values_list("pk", flat=True):
        try:
            with transaction.atomic():
                # Undoing takes the intent back in the same row: whoever has it first has it.
                issue = _due(now).filter(pk=key).select_for_update(of=("self",)).first()
                if issue is not None and _mailing_of(issue) is None:
                    started.append(start_mailing(issue, now).pk)
        except NotMailable as error:
            problems.append(Problem(Issue.objects.get(pk=key).slug, str(error)))
    return started, problems


def _why_not_mailed(issue: Issue) -> str:
    if issue.is_published:
        return _("Nobody asked for “%s” to be mailed.") % issue
    mend = f"python manage.py publish_issue {issue.slug}"
    values = {"issue": issue, "state": issue.get_state_display(), "mend": mend}
    return _("“%(issue)s” is %(state)s, and only what is published is mailed: %(mend)s") % values


def _no_message(issue: Issue, error: Exception) -> NotMailable:
    return NotMailable(_("“%(issue)s” cannot be mailed: %(why)s") % {"issue": issue, "why": error})


def _unarmed() -> str:
    return _(
        "This database is a copy or was restored, so it sends no mail. "
        "If it is the one that shall: python manage.py arm"
    )


def _no_server() -> str:
    return _("No mail server is set, so no mail can be sent: set EMAIL_URL, e.g. smtp://user:password@host:587.")
