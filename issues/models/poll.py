from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Poll(models.Model):
    """A question to the readers; a block refers to it, so that its results can stand in a later issue."""

    slug = models.SlugField(max_length=120, unique=True)
    question = models.CharField(max_length=300)
    is_open = models.BooleanField(_("open"), default=True)

    class Meta:
        verbose_name = _("poll")

    def __str__(self) -> str:
        return self.question


class ChoiceQuerySet(models.QuerySet["Choice"]):
    def counted(self) -> Self:
        """With the number of votes as `count`, in the poll's order (Django drops Meta.ordering where it groups)."""
        return self.annotate(count=models.Count("votes")).order_by("position", "pk")


class Choice(models.Model):
    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="choices")
    label = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField(default=0)

    objects = ChoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("choice")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["poll", "label"], name="choice_once")]

    def __str__(self) -> str:
        return self.label


class Vote(models.Model):
    """One vote a voter; the hash is opaque, so that issues need not know subscribers."""

    choice = models.ForeignKey(Choice, on_delete=models.CASCADE, related_name="votes")
    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="votes")
    voter = models.CharField(max_length=64)
    cast = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("vote")
        constraints = [models.UniqueConstraint(fields=["poll", "voter"], name="vote_once_a_voter")]

    def __str__(self) -> str:
        return f"{self.poll_id}: {self.choice_id}"
