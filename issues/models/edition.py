"""Editions: numbered snapshots of an issue. Whatever is shown of a published issue is rendered from one."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models.fields.json import KT
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from issues.document.json_form import from_json
from issues.document.search_text import extract_search_text
from issues.document.values import Document
from issues.models.issue import Issue


class EditionQuerySet(models.QuerySet["Edition"]):
    def public(self) -> EditionQuerySet:
        """What readers may see: published and corrected editions, the newest first."""
        return self.filter(kind__in=[Edition.Kind.PUBLISHED, Edition.Kind.CORRECTED]).order_by("-number")

    def like(self, kind: str) -> EditionQuerySet:
        """Editions of this kind, the newest first; the two public kinds are one row of editions."""
        if kind in {Edition.Kind.PUBLISHED, Edition.Kind.CORRECTED}:
            return self.public()
        return self.filter(kind=kind).order_by("-number")


_Manager = models.Manager.from_queryset(EditionQuerySet)


class EditionManager(_Manager["Edition"]):
    """Leaves what only searching reads in the database."""

    def get_queryset(self) -> EditionQuerySet:
        return EditionQuerySet(self.model, using=self._db).defer("words", "search")


class Edition(models.Model):
    class Kind(models.TextChoices):
        AUTOSAVED = "autosaved", _("autosaved")
        SAVED = "saved", _("saved")
        IMPORTED = "imported", _("imported")
        PUBLISHED = "published", _("published")
        CORRECTED = "corrected", _("corrected")

    issue = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="editions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    document = models.JSONField()
    created = models.DateTimeField(db_default=Now())
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    words = models.TextField(
        blank=True,
        editable=False,
        help_text=_("What every reader may find a public edition by: nothing that only supporters may read."),
    )
    search = models.GeneratedField(
        expression=SearchVector(KT("document__title"), weight="A", config="papers_words")
        + SearchVector("words", weight="C", config="papers_words"),
        output_field=SearchVectorField(),
        db_persist=True,
        editable=False,
    )

    objects = EditionManager()

    class Meta:
        verbose_name = _("edition")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["issue", "number"], name="edition_number_once_an_issue"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["autosaved", "saved", "imported", "published", "corrected"]),
                name="edition_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issue_id}/{self.number} ({self.get_kind_display()})"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.words = extract_search_text(self.value.for_everyone()) if self.is_public else ""
        super().save(*args, **kwargs)

    @property
    def value(self) -> Document:
        """The issue as it stood; raises BadDocument."""
        return from_json(self.document)

    @property
    def is_public(self) -> bool:
        return self.kind in {Edition.Kind.PUBLISHED, Edition.Kind.CORRECTED}


class Erratum(models.Model):
    """A dated, public correction; a silent fix of a typo is an edition without one."""

    edition = models.OneToOneField(Edition, on_delete=models.CASCADE, related_name="erratum")
    text = models.TextField(help_text=_("Markdown. What was wrong, and what is right."))

    class Meta:
        verbose_name = _("erratum")
        verbose_name_plural = _("errata")

    def __str__(self) -> str:
        return self.text[:80]
