"""Subscribers: who they are, and what ends the mail to them."""

from __future__ import annotations

import secrets
from datetime import date, datetime
from typing import Any

from django.contrib.postgres.indexes import OpClass
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Lower, Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from issues.models import Series
from subscribers.addresses import MAX_LENGTH_ADDRESS, address_hash
from subscribers.models.suppression import Suppression


def new_token() -> str:
    """24 random bytes in base64url: always 32 characters, so that it can be put into finished bytes."""
    return secrets.token_urlsafe(24)


class SubscriberQuerySet(models.QuerySet["Subscriber"]):
    def active(self) -> SubscriberQuerySet:
        """Confirmed, and neither gone nor unreachable."""
        return self.filter(state=Subscriber.State.ACTIVE)

    def standing(self) -> SubscriberQuerySet:
        """Active, or still to confirm: those who can leave."""
        return self.filter(state__in=_STANDING)

    def mailable(self) -> SubscriberQuerySet:
        """Active ones whose address is not suppressed."""
        suppressed = Suppression.objects.filter(address_hash=OuterRef("address_hash"))
        return self.active().filter(~Exists(suppressed))

    def awake(self, today: date) -> SubscriberQuerySet:
        """Those who do not pause, or whose pause is over."""
        return self.exclude(paused_until__gt=today)

    def following(self, series: Series | None) -> SubscriberQuerySet:
        """Who gets issues of this series: those who chose it, and those who chose none, which means all."""
        chose = Subscriber.series.through.objects.filter(subscriber=OuterRef("pk"))
        if series is None:
            return self
        return self.filter(~Exists(chose) | Exists(chose.filter(series=series)))

    def supporters(self, today: date) -> SubscriberQuerySet:
        """Who may read what is for supporters."""
        return self.active().filter(paid_until__gte=today)

    def seeds(self) -> SubscriberQuerySet:
        """Inboxes of our own."""
        return self.filter(is_seed=True)

    def readers(self) -> SubscriberQuerySet:
        """Without the inboxes of our own."""
        return self.filter(is_seed=False)

    def acted(self, now: datetime) -> int:
        """They did something of their own accord, such as voting; an earlier moment told later changes nothing."""
        return self.exclude(last_acted__gte=now).update(last_acted=now)

    def beginning(self, start: str) -> SubscriberQuerySet:
        """Those whose address begins so, whatever the case of its letters; the index answers it."""
        return self.alias(lowered=Lower("email")).filter(lowered__startswith=start.lower())

    def by_lowered_token(self, lowered: str) -> SubscriberQuerySet:
        """Whose token this is but for the case of its letters, which mail programs may lower; the index answers it."""
        return self.order_by().alias(lowered_token=Lower("token")).filter(lowered_token=lowered)

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

    email = models.EmailField(_("e-mail"), max_length=MAX_LENGTH_ADDRESS)
    address_hash = models.CharField(max_length=64, unique=True, editable=False)
    name = models.CharField(max_length=120, blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.PENDING)
    series = models.ManyToManyField(
        Series, blank=True, related_name="subscribers", help_text=_("None chosen: every series.")
    )
    depth = models.CharField(max_length=10, choices=Depth, default=Depth.FULL)
    paid_until = models.DateField(_("supporter until"), null=True, blank=True)
    paused_until = models.DateField(
        null=True, blank=True, help_text=_("Nothing is mailed before this day; then it goes on by itself.")
    )
    is_seed = models.BooleanField(
        _("inbox of our own"),
        default=False,
        db_default=False,
        help_text=_("Gets every issue first, whatever its series, and is left out where readers are counted."),
    )
    token = models.CharField(max_length=32, unique=True, default=new_token, editable=False)
    # The proof of consent: when, where and to which words; or what an import said of it.
    basis = models.CharField(max_length=10, choices=Basis, default=Basis.CONFIRMED)
    consent_at = models.DateTimeField(null=True, blank=True)
    consent_where = models.CharField(max_length=500, blank=True)
    consent_words = models.TextField(blank=True)
    source = models.CharField(
        max_length=80,
        blank=True,
        default="",
        db_default="",
        help_text=_("The page, or the word of the link, that led here."),
    )
    created = models.DateTimeField(db_default=Now(), editable=False)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    # What the person did, never what was done to them: nobody is watched for it.
    last_acted = models.DateTimeField(
        null=True, blank=True, help_text=_("Saved preferences, came back from a pause, signed in or voted.")
    )

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
        indexes = [
            models.Index(fields=["state", "id"], name="subscriber_state"),
            models.Index(OpClass(Lower("email"), name="text_pattern_ops"), name="subscriber_address_begins"),
            models.Index(Lower("token"), name="subscriber_token_lowered"),
        ]

    def __str__(self) -> str:
        return self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.address_hash = address_hash(self.email)
        super().save(*args, **kwargs)

    @property
    def is_active(self) -> bool:
        return self.state == Subscriber.State.ACTIVE

    @property
    def is_standing(self) -> bool:
        return self.state in _STANDING

    def is_paused(self, today: date) -> bool:
        return self.paused_until is not None and self.paused_until > today

    @property
    def may_be_written_to(self) -> bool:
        """A single mail that the person asks for, even after leaving; not where mail came back or was called spam."""
        gone = self.state in {Subscriber.State.BOUNCED, Subscriber.State.COMPLAINED}
        return not gone and not Suppression.objects.of(self).final().exists()

    def is_supporter(self, today: date) -> bool:
        return self.is_active and self.paid_until is not None and self.paid_until >= today

    def get_preferences_url(self) -> str:
        return reverse("subscribers:preferences", args=[self.token])

    def get_unsubscribe_url(self) -> str:
        return reverse("subscribers:unsubscribe", args=[self.token])

    @transaction.atomic
    def confirm(self, *, now: datetime, where: str, words: str) -> bool:
        """The person's own word: active, the proof kept, a suppression lifted. False where the address gets nothing.

        Of one who is active it changes nothing.
        """
        Suppression.objects.of(self).liftable().delete()
        if Suppression.objects.of(self).exists():
            return False
        asking = Subscriber.objects.filter(
            pk=self.pk, state__in=[Subscriber.State.PENDING, Subscriber.State.UNSUBSCRIBED]
        )
        asking.update(
            state=Subscriber.State.ACTIVE,
            basis=Subscriber.Basis.CONFIRMED,
            consent_at=now,
            consent_where=where,
            consent_words=words,
            confirmed_at=now,
            left_at=None,
            paused_until=None,
        )
        self.refresh_from_db()
        return self.is_active

    def acted(self, now: datetime) -> None:
        """The person did something of their own accord: among the first to get the next issues."""
        Subscriber.objects.filter(pk=self.pk).acted(now)

    def pause(self, until: date) -> None:
        """Nothing is mailed before that day; then it goes on by itself."""
        self.paused_until = until
        self.save(update_fields=["paused_until"])

    def go_on(self, now: datetime) -> None:
        self.paused_until = None
        self.save(update_fields=["paused_until"])
        self.acted(now)

    def unsubscribe(self, now: datetime) -> bool:
        """Ends every mailing to this person; False where it had ended before."""
        staying = Subscriber.objects.filter(pk=self.pk).standing()
        changed = staying.update(state=Subscriber.State.UNSUBSCRIBED, left_at=now)
        self.refresh_from_db()
        return bool(changed)


_STANDING = frozenset({Subscriber.State.PENDING, Subscriber.State.ACTIVE})
