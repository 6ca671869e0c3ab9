from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class RateLimit(models.Model):
    """How often all processes together may do something, such as ask arXiv: the next permitted start, and a closing."""

    name = models.CharField(max_length=40, primary_key=True)
    next_start = models.DateTimeField(db_default=Now())
    closed_until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True, help_text=_("Why it is closed."))
    passing = models.BooleanField(default=False, help_text=_("Closed for a fault that passes by itself."))
    failures = models.PositiveIntegerField(default=0, help_text=_("In a row, of all processes."))

    window_ends = models.DateTimeField(null=True, blank=True, help_text=_("Of the window that a quota counts in."))
    used = models.PositiveIntegerField(default=0, help_text=_("Starts in this window."))

    class Meta:
        verbose_name = _("lane")

    def __str__(self) -> str:
        return self.name


class AlarmQuerySet(models.QuerySet["Alarm"]):
    def standing(self) -> AlarmQuerySet:
        """Their cause has not ended."""
        return self.filter(lowered=None)

    def open(self) -> AlarmQuerySet:
        """Those that wait for a person, the oldest first."""
        return self.standing().filter(settled=None).order_by("raised", "pk")

    def to_be_told(self, now: datetime) -> AlarmQuerySet:
        return self.open().filter(Q(tell_after=None) | Q(tell_after__lte=now), told=None)


class Alarm(models.Model):
    """What a person should know: raised once, told once by mail, and lowered when its cause has ended."""

    key = models.CharField(max_length=120, help_text=_("Its cause, such as arxiv.refused."))
    sentence = models.TextField(help_text=_("What is wrong, and what to do."))
    raised = models.DateTimeField(db_default=Now())
    lowered = models.DateTimeField(null=True, blank=True, help_text=_("When its cause had ended."))
    settled = models.DateTimeField(null=True, blank=True, help_text=_("When a person put it away, cause or no cause."))
    told = models.DateTimeField(null=True, blank=True, help_text=_("When the editors were told by mail."))
    tell_after = models.DateTimeField(null=True, blank=True, help_text=_("The mail server failed: not before."))

    objects = AlarmQuerySet.as_manager()

    class Meta:
        verbose_name = _("alarm")
        ordering = ["-raised", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=Q(lowered=None), name="alarm_stands_once"),
            models.CheckConstraint(condition=~Q(key="") & ~Q(sentence=""), name="alarm_says_something"),
        ]

    def __str__(self) -> str:
        return self.key


class LastRunManager(models.Manager["LastRun"]):
    def leave(self, name: str, now: datetime) -> None:
        self.update_or_create(name=name, defaults={"at": now})


class LastRun(models.Model):
    """When something that should happen again and again last happened, such as a tick."""

    name = models.CharField(max_length=40, primary_key=True)
    at = models.DateTimeField()

    objects = LastRunManager()

    class Meta:
        verbose_name = _("trace")

    def __str__(self) -> str:
        return self.name
