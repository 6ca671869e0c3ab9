"""Subscribers, and the addresses that get nothing any more."""

from __future__ import annotations

import secrets
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower, Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from issues.models import Series
from subscribers.addresses import LONGEST, address_hash


def new_token() -> str:
    """24 random bytes in base64url: always 32 characters, so that it can be put into finished bytes."""
    return secrets.token_urlsafe(24)


class SubscriberQuerySet(models.QuerySet["Subscriber"]):
    def active(self) -> SubscriberQuerySet:
        """Confirmed, and neither gone nor unreachable."""
        return self.filter(state=Subscriber.State.ACTIVE)

    def mailable(self) -> SubscriberQuerySet:
        """Active ones whose address is not suppressed."""
        suppressed = Suppression.objects.filter(address_hash=OuterRef("address_hash"))
        return self.active().filter(~Exists(suppressed))

    def following(self, series: Series | None) -> SubscriberQuerySet:
        """Who gets issues of this series: those who chose it, and those who chose none, which means all."""
        chose = Subscriber.series.through.objects.filter(subscriber=OuterRef("pk"))
        if series is None:
            return self
        return self.filter(~Exists(chose) | Exists(chose.filter(series=series)))

    def at(self, address: str) -> SubscriberQuerySet:
        """The subscriber of this address, whatever the case of its letters."""
        return self.filter(address_hash=address_hash(address))


class Subscriber(models.Model):
    class State(models.TextChoices):
        PENDING = "pending", _("waiting for confirmation")
        ACTIVE = "active", _("active")
        UNSUBSCRIBED = "unsubscribed", _("unsubscribed")
        BOUNCED = "bounced", _("unreachable")
        COMPLAINED = "complained", _("complained")

    class Depth(models.TextChoices):
        FULL = "full", _("the whole issue")
        HIGHLIGHTS = "highlights", _("the highlights only")

    class Basis(models.TextChoices):
        CONFIRMED = "confirmed", _("confirmed by mail")
        IMPORTED = "imported", _("consent brought along by an import")

    email = models.EmailField(_("e-mail"), max_length=LONGEST)
    address_hash = models.CharField(max_length=64, unique=True, editable=False)
    name = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    series = models.ManyToManyField(
        Series, blank=True, related_name="subscribers", help_text=_("None chosen: every series.")
    )
    depth = models.CharField(max_length=10, choices=Depth, default=Depth.FULL)
    paid_until = models.DateField(_("supporter until"), null=True, blank=True)
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    # The proof of consent: when, where and to which words; or what an import said of it.
    basis = models.CharField(max_length=10, choices=Basis, default=Basis.CONFIRMED)
    consent_at = models.DateTimeField(null=True, blank=True)
    consent_where = models.CharField(max_length=500, blank=True)
    consent_words = models.TextField(blank=True)
    created = models.DateTimeField(db_default=Now(), editable=False)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        verbose_name = _("subscriber")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="subscriber_address_once"),
            models.CheckConstraint(
                condition=Q(state__in=["pending", "active", "unsubscribed", "bounced", "complained"]),
                name="subscriber_state_known",
            ),
            models.CheckConstraint(condition=Q(depth__in=["full", "highlights"]), name="subscriber_depth_known"),
            models.CheckConstraint(condition=Q(basis__in=["confirmed", "imported"]), name="subscriber_basis_known"),
            models.CheckConstraint(
                condition=~Q(state="active") | Q(confirmed_at__isnull=False) | Q(basis="imported"),
                name="subscriber_active_has_consent",
            ),
        ]
        indexes = [models.Index(fields=["state", "id"], name="subscriber_state")]

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.address_hash = address_hash(self.email)
        super().save(*args, **kwargs)

    @property
    def is_active(self) -> bool:
        return self.state == Subscriber.State.ACTIVE

    def is_supporter(self, today: date) -> bool:
        return self.is_active and self.paid_until is not None and self.paid_until >= today

    def get_preferences_url(self) -> str:
        return reverse("subscribers:preferences", args=[self.token])

    def get_unsubscribe_url(self) -> str:
        return reverse("subscribers:unsubscribe", args=[self.token])


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

    class Meta:
        verbose_name = _("suppression")
        constraints = [
            models.CheckConstraint(
                condition=Q(reason__in=["unsubscribed", "bounced", "complained", "erased"]),
                name="suppression_reason_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.address_hash[:12]}… ({self.get_reason_display()})"

    @property
    def may_be_lifted(self) -> bool:
        """Whether the person's own confirmation lifts it; a complaint or a dead address stays."""
        return self.reason in {Suppression.Reason.UNSUBSCRIBED, Suppression.Reason.ERASED}
