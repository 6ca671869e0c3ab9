"""The ledger: a mailing, the versions of its message, and one row for each recipient."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from issues.models import Edition, Issue
from subscribers.models.subscriber import Subscriber

OPEN_STATES: Final = ("pending", "sending", "deferred")  # states of a delivery that may still be sent, now or later


class MailingQuerySet(models.QuerySet["Mailing"]):
    def sending(self) -> MailingQuerySet:
        """Those that may hand over messages now."""
        return self.filter(state=Mailing.State.SENDING)

    def of_withdrawn_issues(self) -> MailingQuerySet:
        """Those that would still send an issue that is not on the site any more."""
        return self.sending().exclude(issue__state=Issue.State.PUBLISHED)

    def with_due_deliveries(self, now: datetime) -> MailingQuerySet:
        """Those where a message may be handed over this moment."""
        due = Delivery.objects.due(now).filter(mailing=OuterRef("pk"))
        return self.sending().exclude(others_from__gt=now).filter(Exists(due))

    def let_look(self, now: datetime, wait: timedelta) -> int:
        """Where our own inboxes were served, the others follow after this time. One put off holds up nobody."""
        under_way = Delivery.objects.filter(is_seed=True, state__in=["pending", "sending"], mailing=OuterRef("pk"))
        served = self.filter(~Exists(under_way), waits_for_seeds=True)
        return served.update(waits_for_seeds=False, others_from=now + wait)

    def finish(self, now: datetime) -> int:
        """Closes those that have nothing left to send, now or later.

        One that a person gave recipients to at that same moment goes on at the next look.
        """
        given_again = Exists(Delivery.objects.waiting().filter(mailing=OuterRef("pk")))
        over = self.filter(state=Mailing.State.FINISHED)
        over.filter(given_again).update(state=Mailing.State.SENDING, finished_at=None)
        nothing_left = ~Exists(Delivery.objects.open().filter(mailing=OuterRef("pk")))
        return self.sending().filter(nothing_left).update(state=Mailing.State.FINISHED, finished_at=now)


class Mailing(models.Model):
    """One message to an audience that was frozen before the first byte was sent."""

    class Kind(models.TextChoices):
        ISSUE = "issue", _("issue")
        CORRECTION = "correction", _("correction")
        ERRATUM = "erratum", _("erratum")

    class State(models.TextChoices):
        PREPARING = "preparing", _("preparing")
        SENDING = "sending", _("sending")
        PAUSED = "paused", _("paused")
        FINISHED = "finished", _("finished")
        CANCELLED = "cancelled", _("cancelled")

    issue = models.ForeignKey(Issue, on_delete=models.PROTECT, related_name="mailings")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.ISSUE)
    state = models.CharField(max_length=10, choices=State, default=State.PREPARING)
    why = models.TextField(_("why paused"), blank=True)
    audience = models.PositiveIntegerField(null=True, blank=True, help_text=_("How many recipients were frozen."))
    created = models.DateTimeField(db_default=Now())
    prepared_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # Runs in a row in which the mail server took nothing; one message that goes through ends the row.
    setbacks = models.PositiveSmallIntegerField(default=0)
    # Inboxes of our own come first: while they are served, then until a person has had time to look there.
    waits_for_seeds = models.BooleanField(default=False, db_default=False)
    others_from = models.DateTimeField(null=True, blank=True, help_text=_("When readers get it after our own inboxes."))
    # What came back before was known to the person who let it go on.
    judged_from = models.DateTimeField(null=True, blank=True)

    objects = MailingQuerySet.as_manager()

    class Meta:
        verbose_name = _("mailing")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["issue"], condition=Q(kind="issue"), name="mailing_once_an_issue"),
            models.CheckConstraint(condition=Q(kind__in=["issue", "correction", "erratum"]), name="mailing_kind_known"),
            models.CheckConstraint(
                condition=Q(state__in=["preparing", "sending", "paused", "finished", "cancelled"]),
                name="mailing_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["preparing", "cancelled"])
                | Q(prepared_at__isnull=False, audience__isnull=False),
                name="mailing_sends_only_what_is_prepared",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.issue}"

    @property
    def is_sending(self) -> bool:
        return self.state == Mailing.State.SENDING

    @property
    def is_paused(self) -> bool:
        return self.state == Mailing.State.PAUSED

    @property
    def newest_rendition(self) -> Rendition | None:
        """One of those that the next recipients get; None before it was prepared."""
        return self.renditions.defer("message").order_by("-revision").first()

    @property
    def is_open(self) -> bool:
        """Whether it may still send, now or after a pause."""
        return self.state in {Mailing.State.SENDING, Mailing.State.PAUSED}

    def counts(self) -> Mapping[str, int]:
        """Deliveries by state, every state named; they add up to the audience."""
        found = dict(self.deliveries.order_by().values_list("state").annotate(Count("pk")))
        return {state: found.get(state, 0) for state in Delivery.State.values}

    def holds_back(self, now: datetime) -> bool:
        """Whether only our own inboxes get it so far."""
        return self.waits_for_seeds or (self.others_from is not None and self.others_from > now)

    def go_out(self, now: datetime) -> bool:
        """To the others now, whatever our own inboxes showed. False where nothing was held back."""
        held = Q(waits_for_seeds=True) | Q(others_from__gt=now)
        changed = Mailing.objects.sending().filter(held, pk=self.pk).update(waits_for_seeds=False, others_from=now)
        self.refresh_from_db()
        return bool(changed)

    def pause(self, why: str = "") -> bool:
        """No further message is handed over; those on their way are recorded. False where it was not sending."""
        return self._move([Mailing.State.SENDING], state=Mailing.State.PAUSED, why=why)

    def resume(self, now: datetime) -> bool:
        """At the word of a person, who knows what has come back so far: only what comes later is judged."""
        return self._move([Mailing.State.PAUSED], state=Mailing.State.SENDING, why="", setbacks=0, judged_from=now)

    @transaction.atomic
    def cancel(self, now: datetime) -> bool:
        """Who has not had it gets nothing; messages on their way are recorded. False where it was over already."""
        open_states = [Mailing.State.SENDING, Mailing.State.PAUSED]
        if not self._move(open_states, state=Mailing.State.CANCELLED, finished_at=now):
            return False
        self.deliveries.waiting().update(state=Delivery.State.CANCELLED, retry_at=None)
        return True

    def _move(self, before: list[Mailing.State], **after: object) -> bool:
        changed = Mailing.objects.filter(pk=self.pk, state__in=before).update(**after)
        self.refresh_from_db()
        return bool(changed)


class Rendition(models.Model):
    """One version of the message in finished bytes, personal parts as placeholders (`issues.rendering.mail.render`)."""

    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="renditions")
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="renditions")
    revision = models.PositiveSmallIntegerField(default=1)
    depth = models.CharField(max_length=10, choices=Subscriber.Depth)
    supporters = models.BooleanField()
    subject = models.CharField(max_length=300)
    message = models.BinaryField()

    class Meta:
        verbose_name = _("rendition")
        constraints = [
            models.UniqueConstraint(
                fields=["mailing", "revision", "depth", "supporters"], name="rendition_once_a_variant"
            ),
            models.CheckConstraint(condition=Q(depth__in=["full", "highlights"]), name="rendition_depth_known"),
        ]

    def __str__(self) -> str:
        return f"{self.mailing_id}/{self.revision} {self.depth}{' supporters' if self.supporters else ''}"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, now: datetime) -> DeliveryQuerySet:
        """What may be claimed: pending rows, and deferred ones whose time has come; our own inboxes first."""
        is_due = Q(state="pending") | Q(state="deferred", retry_at__lte=now)
        is_next = Q(is_seed=True) | Q(mailing__waits_for_seeds=False)
        return self.filter(is_due, is_next).exclude(mailing__others_from__gt=now)

    def waiting(self) -> DeliveryQuerySet:
        """Rows that nobody works on and that were not closed."""
        return self.filter(state__in=["pending", "deferred"])

    @transaction.atomic
    def send_again(self) -> int:
        """A person's word on recipients whose message may have been lost: they are tried anew. Gives how many."""
        uncertain = self.filter(state=Delivery.State.UNCERTAIN).exclude(mailing__state=Mailing.State.CANCELLED)
        keys = list(uncertain.select_for_update(of=("self",)).values_list("pk", flat=True))
        rows = Delivery.objects.filter(pk__in=keys)
        over = Mailing.objects.filter(deliveries__in=rows, state=Mailing.State.FINISHED)
        Mailing.objects.filter(pk__in=over.values("pk")).update(state=Mailing.State.SENDING, finished_at=None)
        return rows.update(state=Delivery.State.PENDING, attempts=0, claimed_by="", reply="")

    def open(self) -> DeliveryQuerySet:
        """Rows that may still be sent, now or later."""
        return self.filter(state__in=OPEN_STATES)


class Delivery(models.Model):
    """One recipient of one mailing. Erasure empties the person and keeps the row, so that counts add up."""

    class State(models.TextChoices):
        PENDING = "pending", _("pending")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        DEFERRED = "deferred", _("deferred")
        FAILED = "failed", _("failed")
        SUPPRESSED = "suppressed", _("suppressed")
        CANCELLED = "cancelled", _("cancelled")
        # The message was handed over and no answer came: only a person may send it again.
        UNCERTAIN = "uncertain", _("uncertain")

    # Each move of a delivery writes to each of its indexes: two of the usual ones serve nothing that others do not.
    mailing = models.ForeignKey(Mailing, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.SET_NULL, null=True, blank=True, related_name="deliveries"
    )
    address_hash = models.CharField(max_length=64)
    depth = models.CharField(max_length=10, choices=Subscriber.Depth)
    supporters = models.BooleanField()
    is_seed = models.BooleanField(_("inbox of our own"), default=False, db_default=False)
    rendition = models.ForeignKey(
        Rendition, on_delete=models.PROTECT, null=True, blank=True, related_name="deliveries", db_index=False
    )
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    claimed_by = models.CharField(max_length=80, blank=True)
    claimed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    reply = models.CharField(max_length=500, blank=True, help_text=_("The mail server's last answer."))

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(fields=["mailing", "address_hash"], name="delivery_once_an_address"),
            models.CheckConstraint(
                condition=Q(
                    state__in=[
                        "pending",
                        "sending",
                        "sent",
                        "deferred",
                        "failed",
                        "suppressed",
                        "cancelled",
                        "uncertain",
                    ]
                ),
                name="delivery_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="delivery_sent_has_a_time"
            ),
            models.CheckConstraint(
                condition=~Q(state="deferred") | Q(retry_at__isnull=False), name="delivery_deferred_has_a_time"
            ),
        ]
        indexes = [
            models.Index(fields=["mailing", "-is_seed", "id"], name="delivery_next", condition=Q(state="pending")),
            models.Index(fields=["mailing", "retry_at"], name="delivery_deferred", condition=Q(state="deferred")),
            models.Index(fields=["mailing", "state"], name="delivery_state"),
            models.Index(fields=["claimed_by"], name="delivery_sending", condition=Q(state="sending")),
            models.Index(fields=["mailing", "state"], name="delivery_seed", condition=Q(is_seed=True)),
        ]

    def __str__(self) -> str:
        return f"{self.mailing_id}: {self.address_hash[:12]}… {self.get_state_display()}"
