from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from issues.models.issue import Issue
from papers.models import PaperEvent


class FollowUp(models.Model):
    """News of a covered paper that was dealt with: told in an issue, or dismissed where that is null."""

    event = models.OneToOneField(PaperEvent, on_delete=models.CASCADE, related_name="follow_up")
    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, null=True, blank=True, related_name="follow_ups")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("follow-up")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.event_id}: {self.issue_id or 'dismissed'}"
