"""Slips: what somebody typed into a form, until a worker takes it up."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from subscribers.addresses import MAX_LENGTH_ADDRESS
from subscribers.models.subscriber import Subscriber

_STALE = timedelta(days=1)  # after that nobody waits for an answer any more


class SignupRequestQuerySet(models.QuerySet["SignupRequest"]):
    def outlived(self, now: datetime) -> SignupRequestQuerySet:
        return self.filter(asked_at__lt=now - _STALE)


class SignupRequest(models.Model):
    """The page answers before anybody looks at it: neither the answer nor the time it takes says who is known."""

    class Kind(models.TextChoices):
        SIGN_UP = "sign_up", _("sign-up")
        SIGN_IN = "sign_in", _("sign-in")
        MOVE = "move", _("change of address")

    kind = models.CharField(max_length=10, choices=Kind)
    email = models.CharField(max_length=MAX_LENGTH_ADDRESS)
    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.CASCADE, null=True, blank=True, help_text=_("Whose address is to change.")
    )
    name = models.CharField(max_length=120, blank=True)
    series = ArrayField(models.BigIntegerField(), default=list, blank=True)
    issue = models.SlugField(max_length=200, blank=True)
    source = models.CharField(max_length=80, blank=True, default="", db_default="")
    asked_at = models.DateTimeField()

    objects = SignupRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("slip")
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["sign_up", "sign_in", "move"]), name="slip_kind_known"),
            models.CheckConstraint(condition=~Q(kind="move") | Q(subscriber__isnull=False), name="slip_moves_somebody"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.asked_at:%Y-%m-%d %H:%M}"
