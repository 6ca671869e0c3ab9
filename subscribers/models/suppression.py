"""The addresses that get nothing any more; they are remembered without being kept."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from subscribers.addresses import address_hash

if TYPE_CHECKING:
    from subscribers.models.subscriber import Subscriber


class SuppressionQuerySet(models.QuerySet["Suppression"]):
    def of(self, subscriber: Subscriber) -> SuppressionQuerySet:
        return self.filter(address_hash=subscriber.address_hash)

    def at(self, address: str) -> SuppressionQuerySet:
        """The suppression of this address, whatever the case of its letters."""
        return self.filter(address_hash=address_hash(address))

    def liftable(self) -> SuppressionQuerySet:
        """Those that end with the person's own confirmation."""
        return self.filter(reason__in=_LIFTABLE)

    def final(self) -> SuppressionQuerySet:
        """Those of a complaint or a dead address: nothing is mailed there, not even a question."""
        return self.exclude(reason__in=_LIFTABLE)

    def impose(self, address_hash: str, reason: Suppression.Reason, now: datetime) -> None:
        """From now on, and for this reason, unless a graver one stands."""
        self.get_or_create(address_hash=address_hash, defaults={"reason": reason, "since": now})
        milder = _GRAVITY[: _GRAVITY.index(reason)]
        self.filter(address_hash=address_hash, reason__in=milder).update(reason=reason, since=now)


class Suppression(models.Model):
    """An address that gets nothing, known by its hash alone; it outlives the subscriber and every import."""

    class Reason(models.TextChoices):
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")
        BOUNCED = "bounced", _("unreachable")
        COMPLAINED = "complained", _("complained")
        ERASED = "erased", _("erased on request")

    address_hash = models.CharField(max_length=64, unique=True)
    reason = models.CharField(max_length=12, choices=Reason)
    since = models.DateTimeField(db_default=Now())

    objects = SuppressionQuerySet.as_manager()

    class Meta:
        verbose_name = _("suppression")
        permissions = [("lift_suppression", "Can lift a suppression of an address that was unreachable")]
        constraints = [
            models.CheckConstraint(
                condition=Q(reason__in=["unsubscribed", "bounced", "complained", "erased"]),
                name="suppression_reason_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.address_hash[:12]}… ({self.get_reason_display()})"


_GRAVITY = [
    Suppression.Reason.UNSUBSCRIBED,
    Suppression.Reason.ERASED,
    Suppression.Reason.BOUNCED,
    Suppression.Reason.COMPLAINED,
]
_LIFTABLE = frozenset({Suppression.Reason.UNSUBSCRIBED, Suppression.Reason.ERASED})
