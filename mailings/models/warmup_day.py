"""What a new sender was allowed on each day on which mail went out: the steps of its ramp."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _

DAY_LASTS: Final = timedelta(
    days=1
)  # from its first message on, so that each day goes on at the hour the first one began


class WarmupDay(models.Model):
    """A day of the ramp of one sender; another domain or another mail server is another sender."""

    sender = models.CharField(max_length=300, help_text=_("The domain of the sender, and the mail server."))
    number = models.PositiveIntegerField()
    began = models.DateTimeField()
    cap = models.PositiveIntegerField(help_text=_("Messages of this day, of all mailings together."))

    class Meta:
        verbose_name = _("day of the ramp")
        verbose_name_plural = _("days of the ramp")
        ordering = ["sender", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["sender", "number"], name="ramp_day_once"),
            models.CheckConstraint(condition=models.Q(cap__gt=0), name="ramp_day_allows_something"),
        ]

    def __str__(self) -> str:
        return f"{self.sender}: {self.number}"

    @property
    def ends(self) -> datetime:
        return self.began + DAY_LASTS
