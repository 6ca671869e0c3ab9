"""The links of a mail whose clicks are counted, and how often each was followed: nobody stands behind the counts."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q, Sum
from django.db.models.functions import MD5, Coalesce
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from mailings.models.mailing import Mailing

MAX_LENGTH = 2_000  # characters of an address; a longer one stays in the mail as it is


def new_key() -> str:
    """Nine random bytes in base64url: 12 characters, the same for every reader."""
    return secrets.token_urlsafe(9)


class MailLinkQuerySet(models.QuerySet["MailLink"]):
    def real(self) -> MailLinkQuerySet:
        """Those that a person can see."""
        return self.filter(is_trap=False)

    def counted(self) -> MailLinkQuerySet:
        """In the order of the mail, with `clicks` of people and `robots`, those that were left out."""
        counts = self.annotate(
            clicks=Coalesce(Sum("counts__clicks"), 0),
            robots=Coalesce(Sum("counts__robots"), 0),
        )
        return counts.order_by("-mailing_id", "position", "pk")

    def most_followed(self, most: int) -> MailLinkQuerySet:
        """Only those that people followed, the most often followed first."""
        followed = self.annotate(clicks=Sum("counts__clicks"), robots=Sum("counts__robots")).filter(clicks__gt=0)
        return followed.order_by("-clicks", "-mailing_id", "position", "pk")[:most]


class MailLink(models.Model):
    """A link at its place in a mailing's HTML, the same for everybody; it leads on for ever, whether counted or not."""

    mailing = models.ForeignKey(Mailing, on_delete=models.PROTECT, related_name="links")
    key = models.CharField(max_length=12, unique=True, default=new_key)
    url = models.CharField(_("address"), max_length=MAX_LENGTH)
    block = models.CharField(max_length=100, blank=True, help_text=_("Its UUID; empty at the head and the foot."))
    kind = models.CharField(max_length=20, blank=True, help_text=_("Of the block, such as sponsor."))
    place = models.CharField(max_length=300, blank=True, help_text=_("The block's heading."))
    label = models.CharField(_("words"), max_length=200, blank=True)
    position = models.PositiveIntegerField(help_text=_("In the order of the mail."))
    is_trap = models.BooleanField(
        _("trap"), default=False, help_text=_("People cannot see it: who follows it is none.")
    )

    objects = MailLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("counted link")
        verbose_name_plural = _("counted links")
        ordering = ["mailing", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                "mailing", "block", MD5("url"), name="mail_link_once_a_place", condition=Q(is_trap=False)
            ),
            models.UniqueConstraint(fields=["mailing"], name="mail_link_one_trap", condition=Q(is_trap=True)),
            models.CheckConstraint(
                condition=Q(url__startswith="https://") | Q(url__startswith="http://"),
                name="mail_link_leads_to_the_web",
            ),
        ]

    def __str__(self) -> str:
        return self.label or self.url

    def get_absolute_url(self) -> str:
        return reverse("mailings:click", args=[self.key])


class ClickCount(models.Model):
    """What came in on a link within a day: clicks of people, and those that robots made."""

    link = models.ForeignKey(MailLink, on_delete=models.CASCADE, related_name="counts")
    day = models.DateField()
    clicks = models.PositiveIntegerField(default=0)
    robots = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("clicks of a day")
        verbose_name_plural = _("clicks by day")
        constraints = [models.UniqueConstraint(fields=["link", "day"], name="click_count_once_a_day")]

    def __str__(self) -> str:
        return f"{self.day}: {self.clicks}"
