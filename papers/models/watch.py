"""A watch: what an editor wants to hear of, and the papers that answered to it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from papers.models.paper import Paper
from papers.search.grammar import MAX_LENGTH, BadExpression, parse_expression
from papers.taxonomy import keep_categories
from papers.watches.criteria import WatchCriteria


class WatchQuerySet(models.QuerySet["Watch"]):
    def active(self) -> WatchQuerySet:
        return self.filter(active=True)

    def categories(self) -> list[str]:
        """Every category that an active watch follows, each once, in the order of the alphabet."""
        followed = self.active().values_list("categories", flat=True)
        return sorted(keep_categories(code for codes in followed for code in codes))


class Watch(models.Model):
    name = models.CharField(max_length=80, help_text=_("For the editors, such as “Agents that plan”."))
    slug = models.SlugField(
        max_length=80,
        unique=True,
        help_text=_("Its name for commands: pull_arxiv --watch SLUG."),
        error_messages={"unique": _("Another watch has this slug; choose another.")},
    )
    categories = ArrayField(
        models.CharField(max_length=32), help_text=_("Of these it takes papers, cross-listed ones too.")
    )
    words = models.CharField(max_length=MAX_LENGTH, blank=True)
    authors = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    active = models.BooleanField(
        default=True, help_text=_("Its categories are followed and new papers are matched; what it matched stays.")
    )
    created = models.DateTimeField(db_default=Now(), editable=False)

    objects = WatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("watch")
        verbose_name_plural = _("watches")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="watch_has_a_name"),
            models.CheckConstraint(condition=~Q(categories=[]), name="watch_has_a_category"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        try:
            parse_expression(self.words)
        except BadExpression as error:
            raise ValidationError({"words": str(error)}) from error

    @property
    def wish(self) -> WatchCriteria:
        """What it asks for. Raises BadExpression where the words were written past the admin and cannot be read."""
        return WatchCriteria(keep_categories(self.categories), parse_expression(self.words), tuple(self.authors))

    def arxiv_query(self) -> str:
        """As `search_query` of arXiv's query API; empty where it asks for whole categories. Raises BadExpression."""
        return self.wish.arxiv_query()


class WatchMatch(models.Model):
    """A paper that a watch asked for when it was new here, or when the watch was changed."""

    watch = models.ForeignKey(Watch, on_delete=models.CASCADE, related_name="matches")
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="watch_matches")
    matched_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("match")
        verbose_name_plural = _("matches")
        ordering = ["-matched_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["watch", "paper"], name="watchmatch_once")]
        indexes = [models.Index(fields=["watch", "-matched_at"], name="watchmatch_newest")]

    def __str__(self) -> str:
        return f"{self.watch}: {self.paper}"
