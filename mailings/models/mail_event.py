"""What came back of a message: stored as it was told, before anything is done about it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import models
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from mailings.models.mailing import Delivery, Mailing
from subscribers.models.account_mail import AccountMail
from subscribers.models.subscriber import Subscriber

# Any other way is the name of a mail service, as MAIL_HOOKS has it.
_WAYS: Final = {
    "dsn": _("delivery report"),
    "arf": _("feedback loop"),
    "mail": _("mail of a reader"),
    "smtp": _("mail server's answer"),
}
WORDS_KEPT: Final = timedelta(days=90)
PERSONS_KEPT: Final = timedelta(days=400)
# Of a message: it came back, for now or for good; its reader certainly called it spam.
BOUNCE_KINDS: Final = Q(kind__in=["hard", "soft"])
COMPLAINT_KINDS: Final = Q(kind="complaint", is_proven=True)


class MailEventQuerySet(models.QuerySet["MailEvent"]):
    def waiting(self) -> MailEventQuerySet:
        """Stored, and nothing done about it yet."""
        return self.filter(acted_at=None)

    def counting_softly(self) -> MailEventQuerySet:
        """One of them says little, several of a person's last messages say that nobody is reached there.

        Only what is proven: else whoever knows an address could end its mail with a made-up report an issue.
        """
        return self.filter(kind=MailEvent.Kind.SOFT, is_proven=True)

    def forget(self, now: datetime) -> int:
        """Empties what is old of others' words, and later of persons; kinds, codes, times and counts stay."""
        done = self.exclude(acted_at=None)
        words = done.filter(received__lt=now - WORDS_KEPT).exclude(diagnostic="")
        persons = done.filter(received__lt=now - PERSONS_KEPT).exclude(address_hash="")
        return words.update(diagnostic="") + persons.update(address_hash="", subscriber=None)

    def tally(self, mailing: Mailing) -> dict[str, int]:
        """How many recipients of this mailing bounced, for now or for good, and how many certainly complained."""
        return self.filter(delivery__mailing=mailing).aggregate(
            bounced=Count("delivery", filter=BOUNCE_KINDS, distinct=True),
            complained=Count("delivery", filter=COMPLAINT_KINDS, distinct=True),
        )


class MailEvent(models.Model):
    """Told by a mail server or a provider about one message to one address; it outlives the subscriber."""

    class Kind(models.TextChoices):
        DELIVERED = "delivered", _("delivered")
        DELAYED = "delayed", _("delayed")
        SOFT = "soft", _("soft bounce")
        HARD = "hard", _("hard bounce")
        COMPLAINT = "complaint", _("complaint")
        LEFT = "left", _("unsubscribed")
        REFUSED = "refused", _("not sent")

    source = models.CharField(max_length=20, help_text=_("dsn, arf, mail, smtp, or the provider that told it."))
    event_id = models.CharField(max_length=64, help_text=_("The same whenever the source tells it again."))
    kind = models.CharField(max_length=10, choices=Kind)
    status = models.CharField(max_length=12, blank=True, help_text=_("The code of RFC 3463, such as 5.1.1."))
    diagnostic = models.CharField(max_length=500, blank=True, help_text=_("In the words of the other mail server."))
    address_hash = models.CharField(max_length=64, blank=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.SET_NULL, null=True, blank=True, related_name="events")
    account_mail = models.ForeignKey(
        AccountMail, on_delete=models.SET_NULL, null=True, blank=True, related_name="events"
    )
    subscriber = models.ForeignKey(
        Subscriber, on_delete=models.SET_NULL, null=True, blank=True, related_name="mail_events"
    )
    is_proven = models.BooleanField(
        _("proven"), help_text=_("It holds what only somebody can know who had our message; others can be made up.")
    )
    happened = models.DateTimeField(help_text=_("The earliest time that was told."))
    received = models.DateTimeField()
    acted_at = models.DateTimeField(null=True, blank=True)

    objects = MailEventQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail event")
        constraints = [
            models.UniqueConstraint(fields=["source", "event_id"], name="mail_event_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["delivered", "delayed", "soft", "hard", "complaint", "left", "refused"]),
                name="mail_event_kind_known",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], name="mail_event_waiting", condition=Q(acted_at=None)),
            models.Index(fields=["address_hash", "happened"], name="mail_event_address"),
            models.Index(fields=["received"], name="mail_event_personal", condition=~Q(address_hash="", diagnostic="")),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.address_hash[:12]}…"

    @property
    def origin(self) -> str:
        """By which way it came."""
        return str(_WAYS.get(self.source, self.source.replace("_", " ")))

    @property
    def is_hard(self) -> bool:
        return self.kind == MailEvent.Kind.HARD and self.is_proven

    @property
    def is_soft(self) -> bool:
        return self.kind == MailEvent.Kind.SOFT and self.is_proven

    @property
    def is_complaint(self) -> bool:
        """One that can be made up is kept for a person to look at."""
        return self.kind == MailEvent.Kind.COMPLAINT and self.is_proven

    @property
    def is_wish_to_leave(self) -> bool:
        return self.kind == MailEvent.Kind.LEFT and self.is_proven

    def close(self, now: datetime) -> None:
        MailEvent.objects.filter(pk=self.pk).update(acted_at=now)
