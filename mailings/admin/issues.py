"""The admin of issues, with what the post knows of one: whom it would reach, and how its mailing goes."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from issues.admin.issue import IssueAdmin
from issues.editorial.issue_mail import IssueMail
from issues.models import Issue
from mailings import audience, lifecycle
from mailings.models import Mailing

admin.site.unregister(Issue)


class MailingOfIssue(IssueMail):
    def audience(self, issue: Issue) -> int:
        return audience.audience_of(issue, timezone.localdate()).count()

    def progress_page(self, issue: Issue) -> str:
        mailing = Mailing.objects.filter(issue=issue, kind=Mailing.Kind.ISSUE).first()
        return reverse("admin:mailings_mailing_change", args=[mailing.pk]) if mailing else ""

    def hindrance(self) -> str:
        return lifecycle.find_hindrance()


@admin.register(Issue)
class MailedIssueAdmin(IssueAdmin):
    issue_mail = MailingOfIssue()
