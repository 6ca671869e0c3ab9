"""The publish page: a plan, the sentence that says what will come of it, confirm; then the live state."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from issues.admin.page_context import issue_or_refuse, page_context
from issues.admin.publish_form import PlanForm, both_zones, describe_outcome
from issues.editorial import publish
from issues.editorial.issue_mail import IssueMail
from issues.editorial.publish import LATEST_HOUR, UNDO_WINDOW, NotPublishable
from issues.editorial.run_preflight import before_mailing, doubtful_links, problems_of
from issues.models import Issue


@require_safe
def publish_page(request: HttpRequest, pk: int, mail: IssueMail) -> HttpResponse:
    """Without a plan in the address: the choices; with one: the sentence and the button that does it."""
    issue = issue_or_refuse(request, pk)
    form = PlanForm(request.GET if "when" in request.GET else None, initial=_planned(issue))
    context = page_context(request, _("Publish “%s”") % issue.title, **_shown(issue, form, mail))
    return render(request, "admin/issues/issue/publish.html", context)


@require_POST
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    issue, form = issue_or_refuse(request, pk), PlanForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(fault) for faults in form.errors.values() for fault in faults))
        return redirect("admin:issues_publish", pk)
    try:
        _carry_out(request, issue, form)
    except NotPublishable as error:
        messages.error(request, str(error))
    return redirect("admin:issues_publish", pk)


@require_POST
def unschedule(request: HttpRequest, pk: int) -> HttpResponse:
    if publish.unschedule(issue_or_refuse(request, pk)):
        messages.success(request, _("It is a draft again; nothing is planned."))
    else:
        messages.warning(request, _("It was not scheduled any more."))
    return redirect("admin:issues_publish", pk)


@require_POST
def do_not_mail(request: HttpRequest, pk: int) -> HttpResponse:
    if publish.do_not_mail(issue_or_refuse(request, pk), now=timezone.now()):
        messages.success(request, _("Nobody gets a mail."))
    else:
        messages.warning(request, _("It is too late to stop the mail here: its time has come."))
    return redirect("admin:issues_publish", pk)


@require_POST
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Publishes the changes; the note, where there is one, becomes an erratum that readers see."""
    issue = issue_or_refuse(request, pk)
    try:
        edition = publish.correct(issue, by=request.user, note=request.POST.get("note", ""))  # type: ignore[arg-type]
        messages.success(request, _("Readers see the changes.") if edition else _("Readers have these words already."))
    except NotPublishable as error:
        messages.error(request, str(error))
    return redirect("admin:issues_publish", pk)


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    issue = issue_or_refuse(request, pk)
    if publish.remove(issue):
        messages.success(request, _("It is removed: %s answers 410 from now on.") % issue.get_absolute_url())
    else:
        messages.warning(request, _("It was removed before."))
    return redirect("admin:issues_publish", pk)


def _shown(issue: Issue, form: PlanForm, mail: IssueMail) -> dict[str, Any]:
    """How the issue stands, what is in the way, and what would come of the plan."""
    shown: dict[str, Any] = {"issue": issue, "form": form, "hindrance": publish.find_hindrance(issue)}
    shown |= _times(issue) | {"mailing_page": mail.progress_page(issue)}
    shown["problems"] = [*problems_of(issue), *doubtful_links(issue)]
    if form.is_bound and form.is_valid() and not shown["hindrance"]:
        shown["outcome"] = _outcome(issue, form, mail)
    if _may_be_mailed(issue, form) and not shown["mailing_page"]:
        found = before_mailing(issue, mail.hindrance())
        shown["before_mailing"] = [each for each in found if each not in shown["problems"]]
    if issue.is_published and "outcome" not in shown:
        shown["changes"] = publish.unpublished_changes(issue)
    return shown


def _carry_out(request: HttpRequest, issue: Issue, form: PlanForm) -> None:
    now, hour, mail = timezone.now(), form.hour, form.with_mail
    if hour:
        publish.schedule(issue, hour, now=now, mail=mail)
        messages.success(request, _("It is scheduled for %s.") % both_zones(hour))
    else:
        publish.publish(issue, now=now, mail=mail, by=request.user, undo=UNDO_WINDOW)  # type: ignore[arg-type]
        messages.success(request, _("It is published."))


def _outcome(issue: Issue, form: PlanForm, mail: IssueMail) -> str:
    audience = mail.audience(issue) if form.with_mail else None
    return describe_outcome(issue, hour=form.hour, mail=form.with_mail, audience=audience)


def _may_be_mailed(issue: Issue, form: PlanForm) -> bool:
    """Until the plan says that nobody gets a mail."""
    if form.is_bound and form.is_valid():
        return form.with_mail
    return issue.is_publishable or issue.is_published


def _planned(issue: Issue) -> dict[str, Any]:
    if not issue.is_scheduled:
        return {}
    return {"when": "at", "at": issue.publish_at, "mail": "yes" if issue.mail_at else "no"}


def _times(issue: Issue) -> dict[str, Any]:
    """The hours of the live state, each in both zones."""
    named = {"publish_at": issue.publish_at, "published_at": issue.published_at, "mail_at": issue.mail_at}
    times: dict[str, Any] = {name: both_zones(time) for name, time in named.items() if time}
    now, mail_at = timezone.now(), issue.mail_at
    return times | {
        "mail_can_stop": bool(mail_at and mail_at > now),
        "mail_is_too_late": bool(mail_at and mail_at < now - LATEST_HOUR),
    }
