"""Glossary terms: one definition each; which issues used a term follows from their glossary blocks."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class GlossaryTermQuerySet(models.QuerySet["GlossaryTerm"]):
    def alphabetical(self) -> GlossaryTermQuerySet:
        return self.order_by(Lower("name"))


class GlossaryTerm(models.Model):
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=120, unique=True)
    qualifier = models.CharField(
        max_length=200,
        blank=True,
        help_text=_("An expansion or a context: what stands in brackets after the name."),
    )
    aliases = ArrayField(
        models.CharField(max_length=120),
        default=list,
        blank=True,
        help_text=_("Other forms that are linked in the text, separated by commas."),
    )
    definition = models.TextField(help_text=_("Markdown, one paragraph."))

    objects = GlossaryTermQuerySet.as_manager()

    class Meta:
        verbose_name = _("term")
        constraints = [
            models.UniqueConstraint(Lower("name"), name="glossaryterm_name_once"),
            models.CheckConstraint(condition=~models.Q(name=""), name="glossaryterm_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.qualifier})" if self.qualifier else self.name

    def get_absolute_url(self) -> str:
        return reverse("glossary:term", args=[self.slug])

    def clean(self) -> None:
        """One paragraph is one line, whatever line ends a browser sends."""
        self.definition = " ".join(self.definition.split())
