"""Letters: the single mails that follow what one person did. What is due stands in these rows."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from subscribers.addresses import MAX_LENGTH_ADDRESS
from subscribers.models.subscriber import Subscriber

_STALE = timedelta(days=1)  # after that nobody waits for the letter any more
_KEPT = timedelta(days=30)


class AccountMailQuerySet(models.QuerySet["AccountMail"]):
    def due(self, now: datetime) -> AccountMailQuerySet:
        """What may be claimed: not sent yet, and still waited for."""
        return self.filter(state=AccountMail.State.DUE, due_at__lte=now, asked_at__gt=now - _STALE)

    def to_address(self, address: str) -> AccountMailQuerySet:
        """Those to an address that is not their subscriber's own (yet, or any more)."""
        return self.filter(to__iexact=address)

    def asked_since(self, moment: datetime) -> AccountMailQuerySet:
        return self.filter(asked_at__gt=moment)

    def refused(self) -> AccountMailQuerySet:
        """Those that the mail server did not take for this recipient, and that are not tried again."""
        return self.filter(state=AccountMail.State.FAILED, is_refused=True)

    def outlived(self, now: datetime) -> AccountMailQuerySet:
        return self.filter(asked_at__lt=now - _KEPT)


class AccountMail(models.Model):
    """Claimed by one update and then sent: a crash in between loses it, and never sends it twice."""

    class Kind(models.TextChoices):
        CONFIRM = "confirm", _("please confirm")
        KNOWN = "known", _("you are subscribed already")
        SIGN_IN = "sign_in", _("sign-in link")
        WELCOME = "welcome", _("welcome")
        EXPORT = "export", _("link to all that is held")
        ERASE = "erase", _("link to be deleted")
        ADDRESS = "address", _("link to change the address")
        MOVE = "move", _("question to the new address")
        MOVED = "moved", _("notice to the old address")

    class State(models.TextChoices):
        DUE = "due", _("due")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="account_mails")
    kind = models.CharField(max_length=10, choices=Kind)
    to = models.CharField(
        max_length=MAX_LENGTH_ADDRESS, blank=True, help_text=_("Empty: the subscriber's own address.")
    )
    issue = models.SlugField(max_length=200, blank=True, help_text=_("The issue to read after signing in."))
    state = models.CharField(max_length=10, choices=State, default=State.DUE)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    reply = models.CharField(max_length=500, blank=True, help_text=_("What went wrong last."))
    is_refused = models.BooleanField(
        default=False,
        help_text=_("The mail server refused this recipient, so the reply says something of the address."),
    )

    objects = AccountMailQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter")
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=["confirm", "known", "sign_in", "welcome", "export", "erase", "address", "move", "moved"]
                ),
                name="letter_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["due", "sending", "sent", "failed"]), name="letter_state_known"
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="letter_due", condition=Q(state="due")),
            models.Index(fields=["asked_at"], name="letter_asked"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_state_display()}"

    @property
    def recipient(self) -> str:
        """The address that it goes to."""
        return self.to or self.subscriber.email

    def claim(self, now: datetime) -> bool:
        """Whether this process may send it; exactly one may."""
        claimable = AccountMail.objects.filter(pk=self.pk).due(now)
        return bool(claimable.update(state=AccountMail.State.SENDING, attempts=models.F("attempts") + 1))

    def close(self, state: str, reply: str = "", *, is_refused: bool = False) -> None:
        AccountMail.objects.filter(pk=self.pk).update(state=state, reply=reply[:500], is_refused=is_refused)

    def postpone(self, until: datetime, reply: str) -> None:
        AccountMail.objects.filter(pk=self.pk).update(state=AccountMail.State.DUE, due_at=until, reply=reply[:500])
