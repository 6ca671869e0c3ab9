from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Access(models.TextChoices):
    EVERYONE = "everyone", _("everyone")
    SUPPORTERS = "supporters", _("supporters")


class SeriesQuerySet(models.QuerySet["Series"]):
    def published(self) -> SeriesQuerySet:
        """Series of which readers can open an issue."""
        return self.filter(issues__state="published").distinct()


class Series(models.Model):
    """What the issues of one kind have in common, and what a new one begins with."""

    name = models.CharField(max_length=120, unique=True)
    slug = models.SlugField(max_length=120, unique=True)
    description = models.TextField(blank=True)
    numbered = models.BooleanField(default=True)
    default_access = models.CharField(max_length=12, choices=Access, default=Access.EVERYONE)
    part_labels = models.TextField(
        _("labels of a highlight's parts"),
        blank=True,
        help_text=_("One a line, e.g. “What problem does it solve?”. Empty: a highlight is one paragraph."),
    )
    blocks = models.TextField(
        blank=True,
        help_text=_(
            "What a new issue begins with, in order: a block a line, with its heading after a colon where it has one, "
            "e.g. “text: Welcome”, “teasers”, “glossary: Quick Glossary”, “highlight”, “text: Wrap-Up”."
        ),
    )

    objects = SeriesQuerySet.as_manager()

    class Meta:
        verbose_name = _("series")
        verbose_name_plural = _("series")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("issues:series", args=[self.slug])
