from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from issues.poll_words import LONGEST_WORD, word_of


class Poll(models.Model):
    """A question to the readers; a block refers to it, so that its results can stand in a later issue."""

    slug = models.SlugField(max_length=120, unique=True)
    question = models.CharField(max_length=300)
    is_open = models.BooleanField(_("open"), default=True)

    class Meta:
        verbose_name = _("poll")

    def __str__(self) -> str:
        return self.question

    def choice_called(self, word: str) -> Choice | None:
        """The choice that an address means: by its label of today, else by an earlier one."""
        choices = list(self.choices.all())
        now = (choice for choice in choices if choice.word == word)
        return next(now, None) or next((choice for choice in choices if word in choice.former), None)

    @transaction.atomic
    def take_vote(self, voter: str, choice: Choice, now: datetime) -> bool:
        """Casts the one vote of this voter, or changes it; False where the poll or the choice has gone meanwhile."""
        # Whoever closes the poll or takes a choice out waits for this row, and so do we.
        open_poll = Poll.objects.select_for_update(no_key=True).filter(pk=self.pk, is_open=True)
        if not open_poll.exists() or not self.choices.filter(pk=choice.pk).exists():
            return False
        Vote.objects.bulk_create(
            [Vote(poll=self, choice=choice, voter=voter, cast=now)],
            update_conflicts=True,
            unique_fields=["poll", "voter"],
            update_fields=["choice", "cast"],
        )
        return True


class ChoiceQuerySet(models.QuerySet["Choice"]):
    def counted(self) -> Self:
        """With the number of votes as `count`, in the poll's order (Django drops Meta.ordering where it groups)."""
        return self.annotate(count=models.Count("votes")).order_by("position", "pk")


class Choice(models.Model):
    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="choices")
    label = models.CharField(max_length=200)
    position = models.PositiveSmallIntegerField(default=0)
    # What earlier labels were called in addresses: mails that have them lead here for ever.
    former = ArrayField(models.CharField(max_length=LONGEST_WORD), default=list, blank=True, editable=False)

    objects = ChoiceQuerySet.as_manager()

    class Meta:
        verbose_name = _("choice")
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(fields=["poll", "label"], name="choice_once")]

    def __str__(self) -> str:
        return self.label

    def save(self, *args: Any, **kwargs: Any) -> None:
        before = Choice.objects.filter(pk=self.pk).exclude(label=self.label).first()
        if before and before.word not in self.former:
            self.former = [*self.former, before.word]
        super().save(*args, **kwargs)

    @property
    def word(self) -> str:
        """How an address names it."""
        return word_of(self.label)


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
