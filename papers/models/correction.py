from typing import Any, Final

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import TrigramSimilarity
from django.db import models
from django.db.models.functions import MD5, Now, Upper
from django.utils.translation import gettext_lazy as _

from papers.models.paper import Paper

WITHDRAWAL_FIELD: Final = "withdrawal"  # the one field of two columns: its value is {withdrawn, withdrawal}


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def overtaken(self) -> "CorrectionQuerySet":
        """Corrections of what arXiv itself says otherwise by now."""
        return self.filter(overtaken=True)


class Correction(models.Model):
    """A field of a paper that an editor corrected: the paper says ours, and what arXiv says is kept here."""

    class Field(models.TextChoices):
        TITLE = "title", _("title")
        ABSTRACT = "abstract", _("abstract")
        AUTHORS = "authors", _("authors")
        COMMENT = "comment", _("comment")
        WITHDRAWAL = WITHDRAWAL_FIELD, _("withdrawn or not")

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="corrections")
    field = models.CharField(max_length=12, choices=Field)
    theirs = models.JSONField(help_text=_("What arXiv says."))
    overtaken = models.BooleanField(
        _("changed at arXiv since"), default=False, help_text=_("arXiv has changed what was corrected here.")
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(db_default=Now())

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("correction")
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["paper", "field"], name="correction_once"),
            models.CheckConstraint(
                condition=models.Q(field__in=["title", "abstract", "authors", "comment", "withdrawal"]),
                name="correction_field_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.paper_id}: {self.get_field_display()}"

    @property
    def their_words(self) -> str:
        """What arXiv says, for a person to read."""
        return words_of(self.theirs)


class FormerTitleQuerySet(models.QuerySet["FormerTitle"]):
    def resembling(self, title: str) -> "FormerTitleQuerySet":
        """Titles that have much in common with this one, the likest first."""
        likeness = TrigramSimilarity(Upper("title"), title.upper())
        found = self.alias(upper=Upper("title")).filter(upper__trigram_similar=title.upper())
        return found.annotate(likeness=likeness).order_by("-likeness", "-pk")


class FormerTitle(models.Model):
    """A title that a paper had at arXiv in an earlier version: whoever knows it by that finds it still."""

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="former_titles")
    title = models.TextField()

    objects = FormerTitleQuerySet.as_manager()

    class Meta:
        verbose_name = _("former title")
        constraints = [models.UniqueConstraint("paper", MD5("title"), name="formertitle_once")]
        indexes = [GinIndex(OpClass(Upper("title"), "gin_trgm_ops"), name="formertitle_trigrams")]

    def __str__(self) -> str:
        return self.title


def words_of(value: Any) -> str:
    """A corrected value, of whichever field, in one text."""
    if isinstance(value, dict):
        state = _("withdrawn") if value["withdrawn"] else _("not withdrawn")
        return f"{state}: {value['withdrawal']}" if value["withdrawal"] else str(state)
    return ", ".join(value) if isinstance(value, list) else str(value)
